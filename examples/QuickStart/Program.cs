using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Threading;

using NfceSync.QuickStart;
using NfceSync.SefazSimulator;

using Shell = System.Management.Automation.PowerShell;
using Simulator = NfceSync.SefazSimulator.SefazSimulator;

const int FewestNotes = 5;

// dotnet run --project examples/QuickStart [-- [--keep DIR] [--notes N] [--culture pt-BR]]
string? keep = Option("--keep");
if (!int.TryParse(Option("--notes") ?? "25", NumberStyles.None, CultureInfo.InvariantCulture, out int notes) || notes < FewestNotes)
{
    Console.Error.WriteLine($"--notes wants a number of {FewestNotes} or more: each of the four stores gets one, and one is found at a store that is not its own.");
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(Option("--culture") ?? "pt-BR");

string root = keep is null ? Directory.CreateTempSubdirectory("nfcesync-").FullName : Path.GetFullPath(keep);
if (keep is not null && Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any())
{
    Console.Error.WriteLine($"{root} is not empty. Name a folder that is empty or does not exist.");
    return 2;
}

try
{
    string wire = Path.Combine(root, "wire");
    var options = new SimulatorOptions { WireLogFolder = keep is null ? null : wire };
    await using Simulator simulator = await Simulator.StartAsync(options, CancellationToken.None);
    string password = Guid.NewGuid().ToString("N");
    string trustedRoot = Path.Combine(root, "simulador-raiz.pem");
    Directory.CreateDirectory(root);
    simulator.Authority.WriteRoot(trustedRoot);
    IReadOnlyList<DemoStore> stores = DemoStore.CreateAll(Path.Combine(root, "lojas"), simulator.Authority, password, notes - 1);

    bool complete = RunScript(simulator.BaseAddress, trustedRoot, password, stores);
    using var self = Process.GetCurrentProcess();
    Console.WriteLine();
    Console.WriteLine(
        $"SEFAZ (simulator): {simulator.Ledger.AuthorizedCount} authorised. Complete: {complete}. "
        + $"Peak memory of this process, simulator included: {self.PeakWorkingSet64 / 1024 / 1024} MiB.");
    if (keep is not null)
    {
        Console.WriteLine($"Kept: {root}");
    }

    return complete ? 0 : 1;
}
finally
{
    if (keep is null)
    {
        Directory.Delete(root, recursive: true);
    }
}

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;

// Through the built module in the real PowerShell engine, as a console would run it.
bool RunScript(Uri address, string trustedRoot, string password, IReadOnlyList<DemoStore> stores)
{
    using var secret = new SecureString();
    password.ToList().ForEach(secret.AppendChar);
    InitialSessionState state = InitialSessionState.CreateDefault2();
    if (OperatingSystem.IsWindows())
    {
        state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
    }

    using Runspace runspace = RunspaceFactory.CreateRunspace(new DemoHost(), state);
    runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
    runspace.Open();
    using Shell shell = Shell.Create(runspace);
    string repository = RepositoryRoot();
    shell.AddCommand(Path.Combine(repository, "examples", "quickstart.ps1"))
        .AddParameter("ModulePath", Path.Combine(repository, "artifacts", "NfceSync.PowerShell", "NfceSync.PowerShell.psd1"))
        .AddParameter("QueuePath", Path.Combine(root, "fila"))
        .AddParameter("Store", stores.Select(PSObject.AsPSObject).ToArray())
        .AddParameter("CertificatePassword", secret)
        .AddParameter("ServiceBaseAddress", address)
        .AddParameter("TrustedRootPath", trustedRoot);
    IReadOnlyList<PSObject> output = shell.Invoke();
    foreach (ErrorRecord error in shell.Streams.Error)
    {
        Console.Error.WriteLine(error);
    }

    return !shell.HadErrors && output is [{ BaseObject: true }];
}

static string RepositoryRoot()
{
    string? folder = AppContext.BaseDirectory;
    while (folder is not null && !File.Exists(Path.Combine(folder, "NfceSync.PowerShell.sln")))
    {
        folder = Path.GetDirectoryName(folder);
    }

    return folder ?? throw new DirectoryNotFoundException("The quick start does not lie below the repository.");
}

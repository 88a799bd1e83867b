using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.PowerShell.Tests.Cmdlets;
using NfceSync.SefazSimulator;

using Simulator = NfceSync.SefazSimulator.SefazSimulator;

namespace NfceSync.PowerShell.Tests;

/// <summary>A support desk, store machines that are processes of their own, and one SEFAZ for all of them.</summary>
internal sealed class RemotingFleet : IAsyncDisposable
{
    private RemotingFleet(Simulator simulator)
    {
        Simulator = simulator;
        Folder = Directory.CreateTempSubdirectory("nfce-fleet-").FullName;
        StoreMachine.Authority.WriteRoot(Path.Combine(Folder, "root.pem"));
        Desk = new Engine(culture: "pt-BR");
    }

    public Simulator Simulator { get; }

    public string Folder { get; }

    /// <summary>The technician's own machine; the host that everything is shown and asked on.</summary>
    public Engine Desk { get; }

    public List<RemotingComputer> Computers { get; } = [];

    /// <summary>A session to each computer.</summary>
    public PSObject[] Sessions => [.. Computers.Select(computer => PSObject.AsPSObject(computer.Remote.Session))];

    public static async Task<RemotingFleet> StartAsync(int computers)
    {
        var fleet = new RemotingFleet(await Simulator.StartAsync(null, StoreMachine.Authority, CancellationToken.None));
        for (int number = 1; number <= computers; number++)
        {
            fleet.Computers.Add(new RemotingComputer(fleet, number));
        }

        await Task.WhenAll(fleet.Computers.Select(computer => computer.StartAsync()));
        fleet.Computers.ForEach(computer => computer.Register());
        return fleet;
    }

    /// <summary>Runs a script on all computers, as the technician would.</summary>
    public EngineResult Everywhere(string script) => Start(script).Result();

    /// <summary>Starts a script on all computers.</summary>
    public EngineRun Start(string script) =>
        Desk.Start("Invoke-Command -Session $args[0] -ScriptBlock ([scriptblock]::Create($args[1]))", Sessions, script);

    public async ValueTask DisposeAsync()
    {
        Desk.Dispose();
        Computers.ForEach(computer => computer.Remote.Dispose());
        await Simulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>One store's machine: a process with its own queue, source folder and certificate.</summary>
internal sealed class RemotingComputer(RemotingFleet fleet, int number)
{
    private readonly string _folder = Path.Combine(fleet.Folder, number.ToString(CultureInfo.InvariantCulture));
    private readonly NoteFactory _factory = new(StoreMachine.Authority, seed: number);
    private RemoteEngine? _remote;
    private int _notes;

    public string Name => $"LOJA-{number:00}";

    public string Store => $"Loja {number:00}";

    public string Cnpj { get; } = TaxIds.Cnpj($"12345678{number:0000}");

    public string QueuePath => Path.Combine(_folder, "queue");

    public RemoteEngine Remote => _remote ?? throw new InvalidOperationException("The computer is off.");

    /// <summary>Switches it on, also again after it was killed: queue and folders are as they were.</summary>
    public async Task StartAsync()
    {
        _remote?.Dispose();
        _remote = await RemoteEngine.ConnectAsync(fleet.Desk.Host, computerName: Name);
        Run("$env:NFCESYNC_HOME = $args[0]", QueuePath);

        // The store's Windows is Brazilian; sessions get the culture of their process.
        Run("[CultureInfo]::DefaultThreadCurrentCulture = [CultureInfo]::DefaultThreadCurrentUICulture = 'pt-BR'");
    }

    public void Register()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "source"));
        string pfx = Path.Combine(_folder, "store.pfx");
        StoreMachine.WritePfx(pfx, Cnpj);
        Run(
            """
            $store = $args[0]
            Register-NfceStore @store -CertificatePassword $args[1] -SavePassword
            """,
            new System.Collections.Hashtable
            {
                ["Name"] = Store,
                ["Cnpj"] = Cnpj,
                ["Uf"] = "RS",
                ["Environment"] = "Homologacao",
                ["System"] = "Plus",
                ["SourcePath"] = Path.Combine(_folder, "source"),
                ["ArchivePath"] = Path.Combine(_folder, "archive"),
                ["CertificatePath"] = pfx,
                ["ServiceBaseAddress"] = fleet.Simulator.BaseAddress,
                ["TrustedRootPath"] = Path.Combine(fleet.Folder, "root.pem"),
            },
            StoreMachine.Secret(StoreMachine.Password));
    }

    /// <summary>Notes as the ERP leaves them, each with its own total: 10 reais, 20 reais …</summary>
    public IReadOnlyList<SignedNote> Drop(int count)
    {
        var notes = Enumerable.Range(0, count)
            .Select(_ => _factory.Create(new NoteRequest { IssuerId = Cnpj, Number = ++_notes, VNF = 10m * _notes }))
            .ToList();
        notes.ForEach(note => File.WriteAllBytes(Path.Combine(_folder, "source", note.FileName), note.Bytes.ToArray()));
        return notes;
    }

    private void Run(string script, params object[] arguments)
    {
        EngineResult result = Remote.Run(script, arguments);
        if (result.Errors.Count > 0)
        {
            throw new InvalidOperationException(result.Errors[0] + Environment.NewLine + result.Errors[0].Exception);
        }
    }
}

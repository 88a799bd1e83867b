using System;
using System.Collections.Generic;
using System.Data.Common;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Runtime.Loader;
using System.Security;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Simulator = NfceSync.SefazSimulator.SefazSimulator;

namespace NfceSync.PowerShell.Tests.Cmdlets;

/// <summary>A store's machine: the engine with the built module, folders, a certificate, and a SEFAZ of its own.</summary>
internal sealed class StoreMachine : IAsyncDisposable
{
    public const string Password = "S3nh4-so-de-teste";
    public const string Cnpj = "12345678000195";
    public const string OtherCnpj = "11222333000181";

    // Making RSA keys is what takes long; nothing in an authority changes from test to test.
    private static readonly Lazy<TestAuthority> SharedAuthority = new(() => TestAuthority.Create());

    private static readonly string ModuleFolder = Path.GetDirectoryName(Engine.ModulePath)!;

    private StoreMachine(Simulator simulator, string culture, EngineHost? host)
    {
        Simulator = simulator;
        Factory = new NoteFactory(Authority);
        Folder = Directory.CreateTempSubdirectory("nfce-machine-").FullName;
        Authority.WriteRoot(RootPath);
        WritePfx(PfxPath, Cnpj);
        Engine = new Engine(host, culture);
        Run("$global:PSDefaultParameterValues = @{ '*-Nfce*:QueuePath' = $args[0] }", QueuePath);
    }

    public static TestAuthority Authority => SharedAuthority.Value;

    public Simulator Simulator { get; }

    public NoteFactory Factory { get; }

    public Engine Engine { get; }

    public EngineHost Host => Engine.Host;

    public string Folder { get; }

    public string QueuePath => Path.Combine(Folder, "queue");

    public string RootPath => Path.Combine(Folder, "root.pem");

    public string PfxPath => Path.Combine(Folder, "store.pfx");

    public string SourcePath => SourceOf("Loja 01");

    public string ArchivePath => Path.Combine(Folder, "archive");

    public int Calls => Simulator.Ledger.Calls.Count;

    public int Sent => Simulator.Counters.Calls(SefazService.Autorizacao);

    /// <param name="culture">The user's.</param>
    /// <param name="options">How SEFAZ behaves.</param>
    /// <param name="registered">Whether Loja 01 is registered.</param>
    /// <param name="host">The host; a new one if null.</param>
    public static async Task<StoreMachine> StartAsync(
        string culture = "pt-BR", SimulatorOptions? options = null, bool registered = true, EngineHost? host = null)
    {
        Simulator simulator = await Simulator.StartAsync(options, Authority, CancellationToken.None);
        var machine = new StoreMachine(simulator, culture, host);
        if (registered)
        {
            machine.Register();
        }

        return machine;
    }

    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
        {
            secret.AppendChar(c);
        }

        return secret;
    }

    public static void WritePfx(string path, string cnpj, CertificateDefect defect = CertificateDefect.None) =>
        TestAuthority.WritePfx(path, Authority.Issue(cnpj, defect), Password);

    public string SourceOf(string store) => Path.Combine(Folder, "source", store);

    /// <summary>The parameters of a registration, to be changed by a test.</summary>
    public Dictionary<string, object> Registration(string name = "Loja 01", string cnpj = Cnpj)
    {
        Directory.CreateDirectory(SourceOf(name));
        return new Dictionary<string, object>
        {
            ["Name"] = name,
            ["Cnpj"] = cnpj,
            ["Uf"] = "RS",
            ["Environment"] = "Homologacao",
            ["System"] = "Plus",
            ["SourcePath"] = SourceOf(name),
            ["ArchivePath"] = ArchivePath,
            ["CertificatePath"] = PfxPath,
            ["CertificatePassword"] = Secret(Password),
            ["SavePassword"] = true,
            ["ServiceBaseAddress"] = Simulator.BaseAddress,
            ["TrustedRootPath"] = RootPath,
        };
    }

    public EngineResult Invoke(string command, Dictionary<string, object> parameters) =>
        Run("$p = $args[1]; & $args[0] @p", command, new System.Collections.Hashtable(parameters));

    public PSObject Register(string name = "Loja 01", string cnpj = Cnpj) => Invoke("Register-NfceStore", Registration(name, cnpj)).One();

    public EngineResult Run(string script, params object[] arguments) => Engine.Run(script, arguments);

    /// <summary>Notes as the ERP leaves them, issued half an hour ago.</summary>
    public IReadOnlyList<SignedNote> Drop(int count, int first = 1, string store = "Loja 01", string cnpj = Cnpj, decimal total = 34.56m)
    {
        // dhEmi has whole seconds.
        var issued = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddMinutes(-30).ToUnixTimeSeconds()).ToOffset(TimeSpan.FromHours(-3));
        var notes = Enumerable.Range(first, count)
            .Select(number => Factory.Create(new NoteRequest
            {
                IssuerId = cnpj,
                Number = number,
                VNF = total,
                DhEmi = issued,
            }))
            .ToList();
        notes.ForEach(note => Drop(note.FileName, note.Bytes.ToArray(), store));
        return notes;
    }

    public string Drop(string name, byte[] content, string store = "Loja 01")
    {
        string path = Path.Combine(SourceOf(store), name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Changes the queue behind the module's back, with the SQLite that the module has loaded.</summary>
    public void Sql(string statement)
    {
        Type type = AssemblyLoadContext.All
            .SelectMany(context => context.Assemblies)
            .First(assembly => assembly.GetName().Name == "Microsoft.Data.Sqlite" && assembly.Location.StartsWith(ModuleFolder, StringComparison.Ordinal))
            .GetType("Microsoft.Data.Sqlite.SqliteConnection", throwOnError: true)!;
        using var connection = (DbConnection)Activator.CreateInstance(type, $"Data Source={Path.Combine(QueuePath, "nfcesync.db")};Pooling=False")!;
        connection.Open();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    /// <summary>Waits for what another thread brings about.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Engine.Dispose();
        await Simulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Simulator = NfceSync.SefazSimulator.SefazSimulator;

namespace NfceSync.Core.Tests.Sync;

/// <summary>A simulator, a registered store with its folders and certificate, and a factory of notes for it.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    public const string Password = "test-only";

    // Making RSA keys is what takes time: all stores of the tests trust one authority.
    private static readonly Lazy<TestAuthority> SharedAuthority = new(() => TestAuthority.Create());

    private TestStore(Simulator simulator, string folder, QueueOptions queueOptions)
    {
        Simulator = simulator;
        Folder = folder;
        QueueOptions = queueOptions;
        Factory = new NoteFactory(simulator.Authority);
        Directory.CreateDirectory(SourcePath);
        TestAuthority.WritePfx(PfxPath, simulator.Authority.Issue(new NoteRequest().IssuerId), Password);
        simulator.Authority.WriteRoot(RootPath);
        Queue = NfceQueue.Open(queueOptions);
        Store = Queue.Stores.Register(NewStore());
    }

    private Store NewStore() => new()
        {
            Name = "Loja 01",
            IssuerId = new NoteRequest().IssuerId,
            Uf = "RS",
            Environment = SefazEnvironment.Homologacao,
            System = StoreSystem.Plus,
            Sources = new[] { new SourceFolder(SourcePath) },
            ArchivePath = ArchivePath,
            Certificate = new CertificateReference(PfxPath, null),
            ServiceBaseAddress = Simulator.BaseAddress,
            TrustedRootPath = RootPath,
        };

    /// <summary>Opens the queue again, as the next process would.</summary>
    public void Reopen()
    {
        Queue.Dispose();
        Queue = NfceQueue.Open(QueueOptions);
        Store = Queue.Stores.All() is [var found, ..] ? found : Store;
    }

    /// <summary>Registers the store in a queue that does not know it.</summary>
    public void RegisterAgain() => Store = Queue.Stores.Register(NewStore());

    public Simulator Simulator { get; }

    public NoteFactory Factory { get; }

    public NfceQueue Queue { get; private set; }

    public Store Store { get; private set; }

    public QueueOptions QueueOptions { get; }

    public string Folder { get; }

    public string SourcePath => Path.Combine(Folder, "source");

    public string ArchivePath => Path.Combine(Folder, "archive");

    public string PfxPath => Path.Combine(Folder, "store.pfx");

    public string RootPath => Path.Combine(Folder, "root.pem");

    public static async Task<TestStore> CreateAsync(
        SimulatorOptions? options = null, Action<CrashPoint>? probe = null, TimeProvider? clock = null)
    {
        string folder = Directory.CreateTempSubdirectory("nfcesync-test-").FullName;
        Simulator simulator = await Simulator.StartAsync(
            options ?? new SimulatorOptions(), SharedAuthority.Value, CancellationToken.None);
        return new TestStore(
            simulator,
            folder,
            new QueueOptions { Home = Path.Combine(folder, "queue"), Probe = probe, Clock = clock ?? TimeProvider.System });
    }

    /// <summary>Notes of this store, numbered from <paramref name="first"/>, issued some minutes ago, as files in the source folder.</summary>
    public IReadOnlyList<SignedNote> DropNotes(int count, int first = 1)
    {
        var notes = Enumerable.Range(first, count)
            .Select(number => Factory.Create(new NoteRequest { Number = number, DhEmi = DateTimeOffset.Now.AddMinutes(-30) }))
            .ToList();
        foreach (SignedNote note in notes)
        {
            Drop(note.ChNFe + "-nfe.xml", note.Bytes.ToArray());
        }

        return notes;
    }

    /// <summary>A file in the source folder, written long enough ago not to be looked into again.</summary>
    public string Drop(string name, byte[] bytes)
    {
        string path = Path.Combine(SourcePath, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        return path;
    }

    public string Drop(SignedNote note) => Drop(note.FileName, note.Bytes.ToArray());

    /// <summary>Another store whose certificate is this one's.</summary>
    public Store RegisterOther(string name, string issuerId, string source) => Queue.Stores.Register(Store with
    {
        Id = 0,
        Name = name,
        IssuerId = issuerId,
        Sources = new[] { new SourceFolder(Directory.CreateDirectory(Path.Combine(Folder, source)).FullName) },
        ArchivePath = Path.Combine(Folder, "archive-" + source),
    });

    public void Change(Func<Store, Store> change) => Store = Queue.Stores.Update(change(Store), force: true);

    /// <summary>What a new process would open: nothing is remembered but what is on the disk.</summary>
    public void ReopenQueue()
    {
        Queue.Dispose();
        Queue = NfceQueue.Open(QueueOptions);
    }

    public NfceQueue OpenAnother(TimeProvider? clock = null, RunIdentity? identity = null) => NfceQueue.Open(
        new QueueOptions { Home = QueueOptions.Home, Clock = clock ?? QueueOptions.Clock, Identity = identity });

    public Core.Queue.NoteState StateOf(string chNFe)
    {
        using SqlSession session = Queue.Database.Open(readOnly: true);
        return (Core.Queue.NoteState)session.Scalar<long>("SELECT state FROM note WHERE ch_nfe = $1", chNFe);
    }

    public PendingItem Item(string chNFe) => Queue.Pending(Store).Single(item => item.ChNFe == chNFe);

    public Task<IntakeReport> TakeInAsync(Store? store = null) =>
        new Intake(Queue, store ?? Store).TakeInAsync(CancellationToken.None);

    public async Task<SyncReport> SyncAsync(
        SyncOptions? options = null,
        Listener? listener = null,
        IReadOnlyCollection<string>? only = null,
        Store? store = null,
        NfceQueue? queue = null,
        Func<ISefazTransport, ISefazTransport>? wire = null,
        IArchiveFiles? files = null,
        CancellationToken stop = default)
    {
        store ??= Store;
        queue ??= Queue;
        options ??= Quick;
        using X509Certificate2 certificate = StoreCertificate.Load(
            store.Certificate, () => Secure(Password), DateTimeOffset.UtcNow);
        using var transport = new HttpSefazTransport(
            service => queue.Endpoints.For(store.Uf, store.Environment, service, store.ServiceBaseAddress),
            certificate,
            ServerTrust.Load(store.TrustedRootPath),
            options.ThrottleLimit);
        using var run = new SyncRun(
            queue,
            store,
            wire is null ? transport : wire(transport),
            CertificateInfo.From(certificate).TaxId!,
            options,
            listener ?? new Listener(),
            files ?? new DiskArchiveFiles());
        return await run.RunAsync(only, stop);
    }

    /// <summary>No long waits between the steps of a run.</summary>
    public static SyncOptions Quick { get; } = new()
    {
        Pacing = new SyncPacing
        {
            RetryDelay = TimeSpan.FromMilliseconds(5),
            ConsultDelay = TimeSpan.FromMilliseconds(5),
            ReceiptDelay = TimeSpan.FromMilliseconds(5),
            CallTimeout = TimeSpan.FromSeconds(5),
        },
    };

    public async ValueTask DisposeAsync()
    {
        Queue.Dispose();
        await Simulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static SecureString Secure(string text)
    {
        var secure = new SecureString();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        return secure;
    }

    public sealed class Listener : ISyncListener
    {
        public ConcurrentQueue<SyncResult> Results { get; } = new();

        public ConcurrentQueue<NfceSyncException> Warnings { get; } = new();

        public void Decided(SyncResult result) => Results.Enqueue(result);

        public void Progress(int done, int total) => Assert(done <= total);

        public void Tell(string text) => Assert(text.Length > 0);

        public void Warn(NfceSyncException problem) => Warnings.Enqueue(problem);

        private static void Assert(bool holds) => Xunit.Assert.True(holds);
    }
}

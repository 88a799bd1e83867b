using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

namespace NfceSync.Benchmarks;

/// <summary>
/// What all rows work on, below one temporary folder: signed notes, certificates, folders as an ERP leaves them, queues that
/// have taken them in. Made once, outside every measurement.
/// </summary>
internal sealed class Workload : IDisposable
{
    private const string SourcePrefix = "source-";
    private readonly TestAuthority _authority;
    private readonly NoteFactory _factory;
    private readonly List<SignedNote> _notes = [];
    private readonly HashSet<int> _prepared = [];
    private int _copies;

    public Workload(bool quick)
        : this(Directory.CreateTempSubdirectory("nfcesync-bench-").FullName, quick)
    {
    }

    private Workload(string folder, bool quick)
    {
        Folder = folder;
        Quick = quick;
        _authority = TestAuthority.LoadOrCreate(AuthorityFolder(folder));
        _factory = new NoteFactory(_authority);
        Certificate = _authority.Issue(IssuerId);
        _authority.WriteRoot(RootPath);
    }

    public static string IssuerId { get; } = new NoteRequest().IssuerId;

    public string Folder { get; }

    /// <summary>Whether fewer notes and fewer passes will do.</summary>
    public bool Quick { get; }

    public int Passes => Quick ? 3 : 5;

    /// <summary>The transmitter's certificate, which has signed the notes too.</summary>
    public X509Certificate2 Certificate { get; }

    private string RootPath => Path.Combine(Folder, "root.pem");

    public static string AuthorityFolder(string folder) => Path.Combine(folder, "authority");

    /// <summary>A workload in another process over the folders that the first one made.</summary>
    public static Workload Join(string folder) => new(folder, quick: false);

    public ServerTrust Trust() => ServerTrust.Load(RootPath);

    public IReadOnlyList<SignedNote> Notes(int count)
    {
        if (_notes.Count < count)
        {
            _notes.AddRange(_factory.CreateMany(new NoteRequest { Number = _notes.Count + 1 }, count - _notes.Count));
        }

        return _notes.GetRange(0, count);
    }

    /// <summary>A folder with the first <paramref name="count"/> notes, a file a note.</summary>
    public string Source(int count)
    {
        string folder = Path.Combine(Folder, SourcePrefix + count);
        if (Directory.Exists(folder))
        {
            return folder;
        }

        Directory.CreateDirectory(folder);
        DateTime written = DateTime.UtcNow.AddMinutes(-5);
        foreach (SignedNote note in Notes(count))
        {
            string path = Path.Combine(folder, note.FileName);
            File.WriteAllBytes(path, note.Bytes.ToArray());

            // What was written a moment ago is read again by the next look, which is not what is measured.
            File.SetLastWriteTimeUtc(path, written);
        }

        return folder;
    }

    /// <summary>An empty queue with the store, whose source folder holds that many notes.</summary>
    public StoreQueue NewQueue(int count)
    {
        string home = Path.Combine(Folder, $"queue-{Interlocked.Increment(ref _copies)}-{Environment.ProcessId}");
        return StoreQueue.Create(home, NewStore(Source(count), home));
    }

    /// <summary>A queue of its own that has taken in that many notes.</summary>
    public async Task<StoreQueue> FilledQueueAsync(int count)
    {
        string home = Path.Combine(Folder, "filled-" + count);
        if (_prepared.Add(count))
        {
            using var filled = StoreQueue.Create(home, NewStore(Source(count), home));
            await new Intake(filled.Queue, filled.Store).TakeInAsync(CancellationToken.None);
        }

        string copy = Path.Combine(Folder, $"queue-{Interlocked.Increment(ref _copies)}");
        return StoreQueue.CopyOf(home, copy);
    }

    public HttpSefazTransport NewTransport(StoreQueue queue, Uri address, int connections) => new(
        service => queue.Queue.Endpoints.For(queue.Store.Uf, queue.Store.Environment, service, address), Certificate, Trust(), connections);

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private Store NewStore(string source, string home) => new()
    {
        Name = "Loja 01",
        IssuerId = IssuerId,
        Uf = "RS",
        Environment = SefazEnvironment.Homologacao,
        System = StoreSystem.Plus,
        Sources = [new SourceFolder(source)],
        ArchivePath = Path.Combine(home, "archive"),
        Certificate = new CertificateReference(Path.Combine(Folder, "store.pfx"), null),
        TrustedRootPath = RootPath,
    };
}

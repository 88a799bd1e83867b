using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What a rebuilding of the queue brought together.</summary>
public sealed record RepairReport
{
    /// <summary>Where the damaged database lies now.</summary>
    public required string DamagedPath { get; init; }

    /// <summary>The stores that could be read from it; others have to be registered again.</summary>
    public required IReadOnlyList<string> Stores { get; init; }

    /// <summary>How many notes came out of the damaged database.</summary>
    public int FromDamaged { get; init; }

    /// <summary>How many authorised notes came out of the archives.</summary>
    public int FromArchive { get; init; }

    /// <summary>How many notes came out of the source folders.</summary>
    public int FromSource { get; init; }

    /// <summary>What stood in the way.</summary>
    public required IReadOnlyList<NfceSyncException> Problems { get; init; }
}

/// <summary>
/// Rebuilds a damaged queue. The damaged file is put aside and kept; whatever can still be read from it, the archive and the
/// source folders fill a new one. Every note proves itself by its signature; whether it was sent is asked of SEFAZ by the
/// next run, before anything is sent.
/// </summary>
public static class QueueRepair
{
    private static readonly string[] Companions = { "", "-wal", "-shm" };

    /// <summary>Rebuilds the queue.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="cancel">Stops it; what was brought together stays.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceQueueNotDamaged"/>; <see cref="ErrorIds.NfceQueueInUse"/>; the new queue cannot be made.
    /// </exception>
    public static async Task<RepairReport> RunAsync(QueueOptions options, CancellationToken cancel)
    {
        string home = QueueHome.Resolve(options.Home);
        string path = Path.Combine(home, QueueHome.FileName);
        string damagedPath = PutAside(path, options.Clock.GetUtcNow());
        using NfceQueue queue = NfceQueue.Open(options);
        DateTimeOffset now = options.Clock.GetUtcNow();
        queue.Committer.Commit(session => session.Execute(
            "INSERT INTO repair (repaired_at, damaged_path) VALUES ($1, $2)", now.ToUnixTimeMilliseconds(), damagedPath));

        var problems = new List<NfceSyncException>();
        using var damaged = new DamagedQueue(damagedPath);
        List<Store> stores = Register(queue, damaged.Stores(), problems);
        int fromDamaged = 0;
        int fromArchive = 0;
        int fromSource = 0;
        foreach (Store store in stores)
        {
            var arrivals = new Arrivals(store, stores, queue.Deadlines, now);
            fromArchive += FromArchive(queue, store, arrivals, now, cancel);
            fromDamaged += FromDamaged(queue, damaged, store, arrivals, now, cancel);
            IntakeReport intake = await new Intake(queue, store).TakeInAsync(cancel);
            fromSource += intake.NewNotes;
            problems.AddRange(intake.Problems);
        }

        return new RepairReport
        {
            DamagedPath = damagedPath,
            Stores = stores.ConvertAll(store => store.Name),
            FromDamaged = fromDamaged,
            FromArchive = fromArchive,
            FromSource = fromSource,
            Problems = problems,
        };
    }

    private static string PutAside(string path, DateTimeOffset now)
    {
        if (!File.Exists(path) || QueueDatabase.FindDamage(path) is null)
        {
            throw new NfceSyncException(ErrorIds.NfceQueueNotDamaged, NfceErrorCategory.InvalidOperation, path, path);
        }

        string aside = path + ".damaged-" + now.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
        try
        {
            foreach (string companion in Companions.Where(companion => File.Exists(path + companion)))
            {
                File.Move(path + companion, aside + companion);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NfceSyncException(e, ErrorIds.NfceQueueInUse, NfceErrorCategory.ResourceBusy, path, path, e.Message);
        }

        return aside;
    }

    private static List<Store> Register(NfceQueue queue, IEnumerable<Store> found, List<NfceSyncException> problems)
    {
        var stores = new List<Store>();
        foreach (Store store in found)
        {
            try
            {
                stores.Add(queue.Stores.Register(store with { Id = 0 }));
            }
            catch (NfceSyncException e)
            {
                problems.Add(e);
            }
        }

        return stores;
    }

    // Our own archive holds only what SEFAZ authorised about these very bytes: it need not be asked for again.
    private static int FromArchive(NfceQueue queue, Store store, Arrivals arrivals, DateTimeOffset now, CancellationToken cancel)
    {
        int authorised = 0;
        if (!Directory.Exists(store.ArchivePath))
        {
            return authorised;
        }

        foreach (string path in Directory.EnumerateFiles(store.ArchivePath, "*-procNFe.xml", SearchOption.AllDirectories))
        {
            cancel.ThrowIfCancellationRequested();
            List<SourceDocument> evidence = Readable(path).Where(document => document.Kind == DocumentKind.Evidence).ToList();
            authorised += queue.Committer.Commit(session =>
            {
                arrivals.Enter(session, new FoundFile(path, -1, 0, evidence, null), now);
                return evidence.Sum(document => session.Scalar<long>(
                    "SELECT note_id FROM note WHERE ch_nfe = $1 AND store_id = $2 AND state = 3", document.ChNFe, store.Id) is var noteId && noteId > 0
                        ? Settle(session, noteId, document.Protocol!.Value, now)
                        : 0);
            });
        }

        return authorised;
    }

    private static int Settle(SqlSession session, long noteId, ReadOnlyMemory<byte> protocol, DateTimeOffset now)
    {
        Arrivals.Authorise(session, noteId, protocol, now);
        NoteWrites.Archived(session, new[] { noteId }, now);
        return 1;
    }

    private static int FromDamaged(
        NfceQueue queue, DamagedQueue damaged, Store store, Arrivals arrivals, DateTimeOffset now, CancellationToken cancel)
    {
        int notes = 0;
        foreach ((byte[] bytes, string? sourcePath) in damaged.Versions())
        {
            cancel.ThrowIfCancellationRequested();
            List<SourceDocument> own = NoteReader.Read(bytes)
                .Where(document => document.Note is { } note && note.IssuerId == store.IssuerId && note.TpAmb == (int)store.Environment)
                .ToList();
            notes += queue.Committer.Commit(session =>
                arrivals.Enter(session, new FoundFile(sourcePath ?? damaged.Path, -1, 0, own, null), now));
        }

        return notes;
    }

    private static IReadOnlyList<SourceDocument> Readable(string path)
    {
        try
        {
            return NoteReader.ReadFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The note itself comes from its source or from SEFAZ then.
            return Array.Empty<SourceDocument>();
        }
    }
}

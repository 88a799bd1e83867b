using System;
using System.Collections.Generic;
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
    /// <summary>Where the damaged database is kept.</summary>
    public required string DamagedPath { get; init; }

    /// <summary>The stores that could be read from it; others have to be registered again.</summary>
    public required IReadOnlyList<string> Stores { get; init; }

    /// <summary>How many notes came out of the damaged database.</summary>
    public int FromDamaged { get; init; }

    /// <summary>How many authorised notes came out of the archives.</summary>
    public int FromArchive { get; init; }

    /// <summary>How many notes came out of the source folders.</summary>
    public int FromSource { get; init; }

    /// <summary>Until when nothing is sent, since SEFAZ's limits could not be read; null: all that counts was read.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>What stood in the way, and what is missing.</summary>
    public required IReadOnlyList<NfceSyncException> Problems { get; init; }
}

/// <summary>
/// Rebuilds a damaged queue. The damaged file is kept; whatever can still be read from it, the archive and the source folders
/// fill a new one, which takes its place when it is whole. Every note proves itself by its signature; whether it was sent is
/// asked of SEFAZ by the next run, before anything is sent. A repair that was stopped or killed is begun anew by the next one.
/// </summary>
public static class QueueRepair
{
    /// <summary>Rebuilds the queue.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="cancel">Stops it; nobody can open the queue then until it was repaired.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceQueueNotDamaged"/>; <see cref="ErrorIds.NfceQueueInUse"/>; <see cref="ErrorIds.NfceQueueHomeUnsafe"/>;
    /// the new queue cannot be made.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<RepairReport> RunAsync(QueueOptions options, CancellationToken cancel)
    {
        string home = QueueHome.Resolve(options.Home);
        if (!Directory.Exists(home))
        {
            throw new NfceSyncException(ErrorIds.NfceQueueNotDamaged, NfceErrorCategory.InvalidOperation, home, home);
        }

        QueueHome.Make(home);
        using var alone = QueueLock.Take(home);
        var files = new RepairFiles(home, SyncFolder);
        Action<RepairStep> probe = options.RepairProbe ?? (_ => { });
        files.Begin(options.Clock.GetUtcNow());
        probe(RepairStep.Begun);
        files.Keep();
        probe(RepairStep.Kept);
        files.ClearBuild();
        RepairReport report;
        using (NfceQueue queue = NfceQueue.Build(options, home, files.BuildPath))
        {
            report = await FillAsync(queue, files.DamagedPath, probe, cancel);
            queue.Database.Guard(() => queue.Database.MakeOneFile());
        }

        cancel.ThrowIfCancellationRequested();
        files.SyncBuild();
        probe(RepairStep.Built);
        files.Swap(probe);
        return report;
    }

    private static async Task<RepairReport> FillAsync(NfceQueue queue, string damagedPath, Action<RepairStep> probe, CancellationToken cancel)
    {
        DateTimeOffset now = queue.Clock.GetUtcNow();
        long repairId = queue.Committer.Commit(session => Repairs.Begin(session, damagedPath, now));
        var problems = new List<NfceSyncException>();
        using var damaged = new DamagedQueue(damagedPath);
        var old = new CarryOver(queue, damaged, damagedPath, now, cancel);
        old.Stores(problems);
        probe(RepairStep.StoresCarried);
        int fromDamaged = old.Notes();
        old.Documents();
        probe(RepairStep.NotesCarried);

        IReadOnlyList<Store> stores = queue.Stores.All();
        int fromArchive = stores.Sum(store => FromArchive(
            queue, store, new Arrivals(store, stores, queue.Deadlines, DateTimeOffset.MaxValue), now, problems.Add, cancel));
        probe(RepairStep.ArchiveRead);
        fromDamaged += old.NotesWithoutRow();
        DateTimeOffset? heldUntil = old.Calls();
        queue.Committer.Commit(session => Repairs.CallsCarried(session, repairId, heldUntil));

        int fromSource = 0;
        foreach (Store store in stores)
        {
            IntakeReport intake = await new Intake(queue, store).TakeInAsync(cancel);
            fromSource += intake.NewNotes;
            problems.AddRange(intake.Problems);
        }

        fromDamaged += old.NotesWithoutBytes();
        problems.AddRange(queue.LostStores());
        if (old.PartLost(repairId))
        {
            problems.Add(new NfceSyncException(ErrorIds.NfceQueuePartLost, NfceErrorCategory.InvalidData, damagedPath, damagedPath));
        }

        probe(RepairStep.SourcesRead);
        return new RepairReport
        {
            DamagedPath = damagedPath,
            Stores = stores.Select(store => store.Name).ToList(),
            FromDamaged = fromDamaged,
            FromArchive = fromArchive,
            FromSource = fromSource,
            HeldUntil = heldUntil,
            Problems = problems,
        };
    }

    // Our own archive holds only what SEFAZ authorised about these very bytes: it need not be asked for again.
    private static int FromArchive(
        NfceQueue queue, Store store, Arrivals arrivals, DateTimeOffset now, Action<NfceSyncException> problem, CancellationToken cancel)
    {
        int authorised = 0;
        if (!Directory.Exists(store.ArchivePath))
        {
            return authorised;
        }

        HashSet<string> settled = Settled(queue, store);
        var archive = new SourceFolder(store.ArchivePath, Pattern: "*" + Archive.NoteEnding);
        foreach (FileInfo file in SourceListing.Files(archive, problem))
        {
            cancel.ThrowIfCancellationRequested();
            if (settled.Contains(file.Name.Replace(Archive.NoteEnding, string.Empty)))
            {
                continue;
            }

            string path = file.FullName;
            List<SourceDocument> evidence = Readable(path).Where(document => document.Kind == DocumentKind.Evidence).ToList();
            bool cancelled = File.Exists(Archive.EventPathOf(path));
            authorised += queue.Committer.Commit(session =>
            {
                arrivals.Enter(session, new FoundFile(path, -1, 0, evidence, null), now);
                return cancelled ? 0 : evidence.Sum(document => Settle(session, store, document, now));
            });
        }

        return authorised;
    }

    private static HashSet<string> Settled(NfceQueue queue, Store store)
    {
        using SqlSession session = queue.Database.Open(readOnly: true);
        return new HashSet<string>(
            session.Query("SELECT ch_nfe FROM note WHERE store_id = $1 AND state IN (6, 7, 8)", row => row.GetString(0), store.Id),
            StringComparer.Ordinal);
    }

    private static int Settle(SqlSession session, Store store, SourceDocument document, DateTimeOffset now)
    {
        long noteId = session.Scalar<long>(
            "SELECT note_id FROM note WHERE ch_nfe = $1 AND store_id = $2 AND digest_value = $3 AND state = 3",
            document.ChNFe,
            store.Id,
            document.Note!.DigestValue);
        if (noteId == 0)
        {
            return 0;
        }

        Arrivals.Authorise(session, noteId, document.Protocol!.Value, now);
        NoteWrites.Archived(session, new[] { noteId }, now);
        return 1;
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

    // Elsewhere a folder cannot be synced on its own: its entries are as durable as the system makes them.
    private static void SyncFolder(string folder)
    {
        if (Platform.IsLinux)
        {
            DiskArchiveFiles.SyncFileSystem(folder);
        }
    }
}

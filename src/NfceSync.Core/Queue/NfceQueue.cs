using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NfceSync.Core.Notes;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.Core.Queue;

/// <summary>
/// The queue of this machine: the stores, their notes, every attempt. Nothing is opened before <see cref="Open"/> and nothing
/// stays open after <see cref="Dispose"/>. Several processes may have it open at the same time, but none while it is repaired.
/// </summary>
public sealed class NfceQueue : IDisposable
{
    private readonly QueueLock? _lock;

    private NfceQueue(QueueOptions options, string home, QueueDatabase database, QueueLock? held)
    {
        _lock = held;
        Home = home;
        Database = database;
        Clock = options.Clock;
        Probe = options.Probe;

        // Before anything stays open: the user's own files may be wrong.
        bool simulated = options.MemoryDataSource is not null;
        Endpoints = simulated ? Endpoints.BuiltIn : Endpoints.Load(Path.Combine(home, Endpoints.FileName));
        Deadlines = simulated ? DeadlineRules.BuiltIn : DeadlineRules.Load(Path.Combine(home, DeadlineRules.FileName));
        Committer = new GroupCommitter(database, options.Probe);
        Leases = new Leases(Committer, Clock, options.Identity ?? new RunIdentity());
        Stores = new StoreRegistry(database, Committer, Clock);
        Secrets = new PfxSecretStore(Path.Combine(home, "secrets"));
        Breakers = new SefazBreakers(Clock);
    }

    /// <summary>The folder of the queue.</summary>
    public string Home { get; }

    /// <summary>The registered stores.</summary>
    public StoreRegistry Stores { get; }

    /// <summary>Where PFX passwords are kept, for who wants that.</summary>
    public PfxSecretStore Secrets { get; }

    /// <summary>The addresses of the services, the user's overrides included.</summary>
    public Endpoints Endpoints { get; }

    /// <summary>The legal time limits, the user's overrides included.</summary>
    public DeadlineRules Deadlines { get; }

    internal TimeProvider Clock { get; }

    internal QueueDatabase Database { get; }

    internal GroupCommitter Committer { get; }

    internal Leases Leases { get; }

    internal SefazBreakers Breakers { get; }

    internal Action<CrashPoint>? Probe { get; }

    /// <summary>Opens the queue, and makes or migrates it where needed.</summary>
    /// <param name="options">Where it is and what clock it goes by; null for the usual ones.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceQueueOnNetworkShare"/>, <see cref="ErrorIds.NfceQueueHomeUnsafe"/>, <see cref="ErrorIds.NfceQueueDamaged"/>,
    /// <see cref="ErrorIds.NfceQueueNewer"/>, <see cref="ErrorIds.NfceQueueLocked"/>, <see cref="ErrorIds.NfceQueueDiskFull"/>,
    /// <see cref="ErrorIds.NfceQueueUnavailable"/>, <see cref="ErrorIds.NfceQueueRepairUnfinished"/>.
    /// </exception>
    public static NfceQueue Open(QueueOptions? options = null)
    {
        options ??= new QueueOptions();
        if (options.MemoryDataSource is { } simulated)
        {
            return new NfceQueue(options, string.Empty, QueueDatabase.InMemory(options, simulated), null);
        }

        string home = QueueHome.Resolve(options.Home);
        string path = Path.Combine(home, QueueHome.FileName);
        QueueHome.Make(home);
        var held = QueueLock.Share(home, QueueDatabase.PatienceOf(options));
        try
        {
            return RepairFiles.IsUnfinished(home)
                ? throw new NfceSyncException(ErrorIds.NfceQueueRepairUnfinished, NfceErrorCategory.InvalidData, path, path)
                : new NfceQueue(options, home, QueueDatabase.Create(options, path), held);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>A new queue beside the one of <paramref name="home"/>, which a repair has alone.</summary>
    internal static NfceQueue Build(QueueOptions options, string home, string path) =>
        new(options, home, QueueDatabase.Create(options, path), null);

    /// <summary>
    /// Stores that are to be registered again before anything is proven: those that a repair could not read whole, of which
    /// nobody looks into the folders meanwhile, and others for which something is pending.
    /// </summary>
    internal IReadOnlyList<NfceSyncException> LostStores()
    {
        using SqlSession session = Database.Open(readOnly: true);
        return Database.Guard(() => session.Query(
                """
                SELECT store_id, name, issuer_id, tp_amb, unregistered_at IN (SELECT repaired_at FROM repair) FROM store
                WHERE unregistered_at IS NOT NULL
                """,
                row => (Id: row.GetInt64(0), Name: row.GetString(1), Issuer: row.GetString(2), TpAmb: row.GetInt32(3), ByRepair: row.GetBoolean(4)))
            .ToList()
            .Select(store => (Store: store, Pending: PendingItems.Count(session, store.Id)))
            .Where(lost => lost.Pending > 0 || lost.Store.ByRepair)
            .Select(lost => new NfceSyncException(
                ErrorIds.NfceStoreLost,
                NfceErrorCategory.ObjectNotFound,
                lost.Store.Name,
                lost.Store.Name,
                TaxId.Display(lost.Store.Issuer),
                (SefazEnvironment)lost.Store.TpAmb,
                lost.Pending))
            .ToList());
    }

    /// <summary>What is pending for a store, nearest deadline first; read as it is asked for.</summary>
    /// <param name="store">The store.</param>
    public IEnumerable<PendingItem> Pending(Store store) => Streamed(session => PendingItems.Pending(session, store.Id, Clock.GetUtcNow()));

    /// <summary>What a person's verdict took out of the pending items.</summary>
    /// <param name="store">The store.</param>
    public IEnumerable<PendingItem> Excepted(Store store) => Streamed(session => PendingItems.Excepted(session, store.Id, Clock.GetUtcNow()));

    /// <summary>How many items of a store are pending.</summary>
    /// <param name="store">The store.</param>
    public long CountPending(Store store)
    {
        using SqlSession session = Database.Open(readOnly: true);
        return Database.Guard(() => PendingItems.Count(session, store.Id));
    }

    /// <summary>The state of a store's note, final or not; null where the store has no note of that key.</summary>
    /// <param name="store">The store.</param>
    /// <param name="chNFe">The access key.</param>
    public NoteState? StateOf(Store store, string chNFe)
    {
        using SqlSession session = Database.Open(readOnly: true);
        return Database.Guard(() => session.First(
            "SELECT state FROM note WHERE ch_nfe = $1 AND store_id = $2", row => (NoteState?)row.GetInt32(0), chNFe, store.Id));
    }

    /// <summary>
    /// Ends the waits of a store that were written while the clock was ahead: they would last for the hours, or the month, that
    /// it was wrong by.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <exception cref="NfceSyncException">The queue cannot be written.</exception>
    public void HeedClock(Store store) => Committer.Commit(session =>
    {
        DateTimeOffset now = Clock.GetUtcNow();
        NoteWrites.ShortenWaits(session, store, now);
        Scopes.Shorten(session, now);
        return true;
    });

    /// <summary>Refuses to go on while SEFAZ blocks all calls of a store (656).</summary>
    /// <param name="store">The store.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceConsumptionBlocked"/>, with the end of the block.</exception>
    public void RequireUnblocked(Store store)
    {
        using SqlSession session = Database.Open(readOnly: true);
        if (Database.Guard(() => Scopes.BlockedUntil(session, store.Id)) is { } until && until > Clock.GetUtcNow())
        {
            throw ServiceProblem.Blocked(store, until);
        }
    }

    /// <summary>Records a person's verdict on an item, or takes it back.</summary>
    /// <param name="item">A rejected or conflicting note, or a quarantined document.</param>
    /// <param name="reason">Why it is no longer pending; null takes an earlier verdict back.</param>
    /// <param name="by">Who says so.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceExceptionNotAllowed"/>: SEFAZ's word is still to come, or has come;
    /// <see cref="ErrorIds.NfceItemNotFound"/>.
    /// </exception>
    public void Except(PendingItem item, string? reason, string by) => Committer.Commit(session =>
    {
        // Judged again inside the transaction: the state may have moved since it was listed.
        NoteState? state = item.NoteId == 0
            ? session.First(
                "SELECT 9 FROM source_document WHERE document_id = $1 AND replaced_at IS NULL", row => (NoteState?)row.GetInt32(0), item.DocumentId)
            : session.First("SELECT state FROM note WHERE note_id = $1", row => (NoteState?)row.GetInt32(0), item.NoteId);
        object target = (object?)item.ChNFe ?? item.SourcePath ?? item.StoreName;
        if (state is null)
        {
            throw new NfceSyncException(ErrorIds.NfceItemNotFound, NfceErrorCategory.ObjectNotFound, target, target);
        }

        if (!state.Value.AwaitsPerson())
        {
            throw new NfceSyncException(
                ErrorIds.NfceExceptionNotAllowed, NfceErrorCategory.InvalidOperation, target, target, Texts.Get("State" + state.Value));
        }

        long? at = reason is null ? null : Clock.GetUtcNow().ToUnixTimeMilliseconds();
        return item.NoteId == 0
            ? session.Execute(
                "UPDATE source_document SET exception = $1, exception_by = $2, exception_at = $3 WHERE document_id = $4",
                reason,
                reason is null ? null : by,
                at,
                item.DocumentId)
            : session.Execute(
                "UPDATE note SET exception = $1, exception_by = $2, exception_at = $3 WHERE note_id = $4",
                reason,
                reason is null ? null : by,
                at,
                item.NoteId);
    });

    /// <summary>Normal-mode notes (<c>tpEmis</c> 1) in the source folders whose protocol was not found there.</summary>
    /// <param name="store">The store.</param>
    public IReadOnlyList<string> LimboCandidates(Store store) => Streamed(session => session.Query(
        """
        SELECT DISTINCT d.ch_nfe FROM source_document d JOIN source_file f USING (file_id)
        WHERE f.store_id = $1 AND d.kind = $2 AND d.replaced_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM source_document p
            WHERE p.ch_nfe = d.ch_nfe AND p.kind = $3 AND p.reason_id = $4 AND p.replaced_at IS NULL)
        ORDER BY 1
        """,
        row => row.GetString(0),
        store.Id,
        (int)DocumentKind.LimboCandidate,
        (int)DocumentKind.Ignored,
        ErrorIds.NfceNoteHasProtocol)).ToList();

    /// <summary>How many documents were ignored, by reason (one of <see cref="ErrorIds"/>).</summary>
    /// <param name="store">The store.</param>
    public IReadOnlyDictionary<string, int> Ignored(Store store) => Streamed(session => session.Query(
        """
        SELECT d.reason_id, count(*) FROM source_document d JOIN source_file f USING (file_id)
        WHERE f.store_id = $1 AND d.kind = $2 AND d.replaced_at IS NULL GROUP BY 1
        """,
        row => (Reason: row.GetString(0), Count: row.GetInt32(1)),
        store.Id,
        (int)DocumentKind.Ignored)).ToDictionary(row => row.Reason, row => row.Count);

    /// <summary>How many notes of a store are in each state; final ones included, quarantined documents not.</summary>
    /// <param name="store">The store.</param>
    public IReadOnlyDictionary<NoteState, int> CountByState(Store store) => Streamed(session => session.Query(
        "SELECT state, count(*) FROM note WHERE store_id = $1 GROUP BY 1",
        row => (State: (NoteState)row.GetInt32(0), Count: row.GetInt32(1)),
        store.Id)).ToDictionary(row => row.State, row => row.Count);

    /// <summary>How many authorised notes have no file in the archive yet.</summary>
    /// <param name="store">The store.</param>
    public long CountUnarchived(Store store)
    {
        using SqlSession session = Database.Open(readOnly: true);
        return Database.Guard(() => session.Scalar<long>(
            "SELECT count(*) FROM note WHERE store_id = $1 AND archived_at IS NULL AND protocol IS NOT NULL", store.Id));
    }

    /// <summary>SQLite's own full check of the database: null when it is whole, else what was found.</summary>
    public string? FindDamage() => QueueDatabase.FindDamage(Database.Path);

    /// <inheritdoc/>
    public void Dispose()
    {
        Committer.Dispose();
        _lock?.Dispose();
    }

    private IEnumerable<T> Streamed<T>(Func<SqlSession, IEnumerable<T>> read)
    {
        using SqlSession session = Database.Open(readOnly: true);
        using IEnumerator<T> rows = read(session).GetEnumerator();
        while (Database.Guard(rows.MoveNext))
        {
            yield return rows.Current;
        }
    }
}

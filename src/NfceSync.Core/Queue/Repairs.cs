using System;
using System.Linq;

using NfceSync.Core.Notes;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.Core.Queue;

/// <summary>What is remembered of the repairs of the queue.</summary>
internal static class Repairs
{
    /// <summary>Until when a note must have been issued to be one that a lost queue may have sent; null: never repaired.</summary>
    /// <remarks>
    /// The machine's clock may have been wrong at the repair, so SEFAZ's is asked: what it says of its service after the
    /// repair is later than the repair, and it registers no note that lies more than five minutes ahead of it (703). Before
    /// it has said so, the lost queue may have sent any note.
    /// </remarks>
    public static DateTimeOffset? MayHaveSentUntil(SqlSession session)
    {
        if (session.Scalar<long?>("SELECT max(last_attempt_id) FROM repair") is not { } last)
        {
            return null;
        }

        string? dhRecbto = session.First(
            """
            SELECT dh_recbto FROM attempt WHERE attempt_id > $1 AND service = $2 AND outcome = $3 AND dh_recbto IS NOT NULL
            ORDER BY attempt_id LIMIT 1
            """,
            row => row.Text(0),
            last,
            (int)SefazService.StatusServico,
            (int)WireOutcome.Answered);
        return Decide.TryInstant(dhRecbto) is { } sefaz ? sefaz + Decide.ClockTolerance : DateTimeOffset.MaxValue;
    }

    /// <summary>Writes a repair down as the first thing that the new queue holds.</summary>
    public static long Begin(SqlSession session, string damagedPath, DateTimeOffset now) => session.Insert(
        "INSERT INTO repair (repaired_at, damaged_path, last_attempt_id) VALUES ($1, $2, 0)", now.ToUnixTimeMilliseconds(), damagedPath);

    /// <summary>
    /// Writes down what could be taken over of the calls that were made before. Where some were lost the calls are counted anew,
    /// and the number that an earlier repair wrote down would lie ahead of them.
    /// </summary>
    public static int CallsCarried(SqlSession session, long repairId, DateTimeOffset? heldUntil) => session.Execute(
        """
        UPDATE repair SET last_attempt_id = (SELECT coalesce(max(attempt_id), 0) FROM attempt),
            held_until = CASE WHEN rowid = $2 THEN $1 ELSE held_until END
        WHERE rowid = $2 OR $1 IS NOT NULL
        """,
        heldUntil?.ToUnixTimeMilliseconds(),
        repairId);

    /// <summary>
    /// Notes may be missing that nothing tells of: nothing is complete before a person has said so of every store, those
    /// included that were lost themselves.
    /// </summary>
    public static int PartLost(SqlSession session, long repairId, bool storesLost, DateTimeOffset now)
    {
        if (storesLost)
        {
            session.Execute("UPDATE repair SET part_lost = 1 WHERE rowid = $1", repairId);
        }

        // Also of those that only a repair took off the list: they come back with what waits for them.
        return session.Query(
                "SELECT store_id FROM store WHERE unregistered_at IS NULL OR unregistered_at IN (SELECT repaired_at FROM repair)",
                row => row.GetInt64(0))
            .ToList()
            .Sum(storeId => AskAbout(session, storeId, "rowid = $1", repairId, now));
    }

    /// <summary>A store that is new to the queue may be one that a repair has lost, with notes.</summary>
    public static int NewStore(SqlSession session, long storeId, DateTimeOffset now) =>
        AskAbout(session, storeId, "part_lost = $1", 1, now);

    private static int AskAbout(SqlSession session, long storeId, string which, long value, DateTimeOffset now)
    {
        // Not by their row: a repair writes itself down before it takes over the earlier ones.
        string? path = session.Scalar<string>($"SELECT damaged_path FROM repair WHERE {which} ORDER BY repaired_at DESC LIMIT 1", value);
        return path is null ? 0 : session.Execute(
            """
            INSERT INTO source_document (file_id, ordinal, kind, reason_id, reason_args, found_at) VALUES ($1, 0, $2, $3, $4, $5)
            """,
            FileOf(session, storeId, path, now),
            (int)DocumentKind.Quarantined,
            ErrorIds.NfceQueuePartLost,
            path,
            now.ToUnixTimeMilliseconds());
    }

    /// <summary>A kept database as a file of a store: what is known of it alone is listed there.</summary>
    public static long FileOf(SqlSession session, long storeId, string damagedPath, DateTimeOffset now)
    {
        session.Execute(
            """
            INSERT INTO source_file (store_id, path, size, modified_at, scanned_at) VALUES ($1, $2, -1, 0, $3)
            ON CONFLICT (store_id, path) DO NOTHING
            """,
            storeId,
            damagedPath,
            now.ToUnixTimeMilliseconds());
        return session.Scalar<long>("SELECT file_id FROM source_file WHERE store_id = $1 AND path = $2", storeId, damagedPath);
    }
}

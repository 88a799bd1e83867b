using System;

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

    /// <summary>Writes down what could be taken over of the calls that were made before.</summary>
    public static void Finish(SqlSession session, long repairId, DateTimeOffset? heldUntil) => session.Execute(
        "UPDATE repair SET last_attempt_id = (SELECT coalesce(max(attempt_id), 0) FROM attempt), held_until = $1 WHERE rowid = $2",
        heldUntil?.ToUnixTimeMilliseconds(),
        repairId);
}

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Notes;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.Core.Queue;

/// <summary>How the engine reads and moves notes; each method works inside the caller's transaction.</summary>
internal static class NoteWrites
{
    private const int PageSize = 64;

    private const string QueuedColumns =
        """
        n.note_id, n.ch_nfe, n.state, n.version_id, n.digest_value, n.dh_emi, n.deadline_at, n.v_nf, v.bytes, n.evidence,
        n.attempts, n.consult_turns, n.c_stat, n.x_motivo, n.reason_id, n.n_rec, n.not_before,
        n.reason_args
        """;

    /// <summary>
    /// The next notes in that state behind <paramref name="after"/>, nearest deadline first, without those that a person took
    /// out or that must wait.
    /// </summary>
    public static List<QueuedNote> Page(SqlSession session, long storeId, NoteState state, QueuedNote? after, DateTimeOffset now) =>
        session.Query(
            $"""
            SELECT {QueuedColumns} FROM note n JOIN note_version v USING (version_id)
            WHERE n.store_id = $1 AND n.state = $2 AND n.state NOT IN (6, 7, 8) AND n.exception IS NULL
                AND (n.deadline_at, n.note_id) > ($3, $4) AND (n.not_before IS NULL OR n.not_before <= $5)
            ORDER BY n.deadline_at, n.note_id LIMIT {PageSize}
            """,
            ReadQueued,
            storeId,
            (int)state,
            after?.Deadline.ToUnixTimeMilliseconds() ?? long.MinValue,
            after?.NoteId ?? 0,
            now.ToUnixTimeMilliseconds()).ToList();

    /// <summary>The next notes whose protocol is not known to be in the archive.</summary>
    public static List<ArchiveItem> Unarchived(SqlSession session, long storeId, long afterNoteId) => session.Query(
        $"""
        SELECT n.note_id, n.ch_nfe, n.dh_emi, v.bytes, n.protocol, n.event FROM note n JOIN note_version v USING (version_id)
        WHERE n.store_id = $1 AND n.archived_at IS NULL AND n.protocol IS NOT NULL AND n.note_id > $2
        ORDER BY n.note_id LIMIT {PageSize}
        """,
        row => new ArchiveItem(
            row.GetInt64(0),
            AccessKey.Parse(row.GetString(1)),
            Times.Parse(row.GetString(2)),
            row.GetFieldValue<byte[]>(3),
            row.GetFieldValue<byte[]>(4),
            row.Bytes(5) is { } cancellation ? (ReadOnlyMemory<byte>?)cancellation : null),
        storeId,
        afterNoteId).ToList();

    /// <summary>A note found Transmitting without a live lease was left by a crash: its bytes may have arrived.</summary>
    public static int Recover(SqlSession session, Store store, DateTimeOffset now) => session.Execute(
        "UPDATE note SET state = 3, reason_id = $1, reason_args = NULL, changed_at = $2 WHERE store_id = $3 AND state = 2",
        nameof(ErrorIds.NfceInterrupted),
        now.ToUnixTimeMilliseconds(),
        store.Id);

    /// <summary>A person's decision: the rejected ones among these notes are to be sent again with the same bytes.</summary>
    public static int SendAgain(SqlSession session, Store store, IEnumerable<string> keys, DateTimeOffset now) => keys.Sum(key => session.Execute(
        """
        UPDATE note SET state = 1, not_before = NULL, changed_at = $1
        WHERE ch_nfe = $2 AND store_id = $3 AND state = 4 AND exception IS NULL AND evidence IS NULL
        """,
        now.ToUnixTimeMilliseconds(),
        key,
        store.Id));

    /// <summary>Announces a transmission: Pending becomes Transmitting. False where the note is not what it was.</summary>
    public static bool Announce(SqlSession session, QueuedNote note, DateTimeOffset now) => session.Execute(
        """
        UPDATE note SET state = 2, attempts = attempts + 1, changed_at = $1
        WHERE note_id = $2 AND state = 1 AND version_id = $3 AND exception IS NULL AND evidence IS NULL
        """,
        now.ToUnixTimeMilliseconds(),
        note.NoteId,
        note.VersionId) == 1;

    /// <summary>Whether a note whose transmission was announced, and of which no byte left, may still be sent.</summary>
    public static bool IsStillToBeSent(SqlSession session, QueuedNote note) => session.Scalar<long>(
        "SELECT count(*) FROM note WHERE note_id = $1 AND state = 2 AND evidence IS NULL", note.NoteId) == 1;

    /// <summary>
    /// Takes an announcement back of which no byte left. Where the ERP's nfeProc came in meanwhile, the note is asked for.
    /// </summary>
    public static void Withdraw(SqlSession session, QueuedNote note, DateTimeOffset now) => session.Execute(
        "UPDATE note SET state = CASE WHEN evidence IS NULL THEN 1 ELSE 3 END, changed_at = $1 WHERE note_id = $2 AND state = 2",
        now.ToUnixTimeMilliseconds(),
        note.NoteId);

    /// <summary>Counts a question about an uncertain note. False where the note is not what it was.</summary>
    public static bool Ask(SqlSession session, QueuedNote note) =>
        session.Execute("UPDATE note SET attempts = attempts + 1 WHERE note_id = $1 AND state = 3", note.NoteId) == 1;

    /// <summary>
    /// Writes what one call made of the note and gives back its state. Where the ERP's nfeProc came in meanwhile, the note is
    /// not sent (again) and not left to a person before SEFAZ was asked about it.
    /// </summary>
    public static NoteState Settle(SqlSession session, QueuedNote note, Decision decision, DateTimeOffset now) => (NoteState)session.Scalar<long>(
        """
        UPDATE note SET state = CASE WHEN $1 IN (1, 4) AND evidence IS NOT NULL THEN 3 ELSE $1 END, c_stat = $2, x_motivo = $3, reason_id = $4, reason_args = $5, other_key = $6, n_rec = $7,
            n_prot = $8, dh_recbto = $9, protocol = $10, event = $11, consult_turns = $12, not_before = $13, changed_at = $14
        WHERE note_id = $15 RETURNING state
        """,
        (int)decision.State,
        decision.CStat,
        decision.XMotivo,
        decision.ReasonId,
        PendingItems.Join(decision.ReasonArgs),
        decision.OtherKey,
        decision.NRec,
        decision.NProt,
        decision.DhRecbto,
        decision.Protocol?.ToArray(),
        decision.Event?.ToArray(),
        decision.ConsultTurns,
        decision.NotBefore?.ToUnixTimeMilliseconds(),
        now.ToUnixTimeMilliseconds(),
        note.NoteId);

    /// <summary>Lets nothing be asked about the note before <paramref name="until"/>.</summary>
    public static void Hold(SqlSession session, QueuedNote note, DateTimeOffset until, DateTimeOffset now) => session.Execute(
        "UPDATE note SET not_before = $1, changed_at = $2 WHERE note_id = $3",
        until.ToUnixTimeMilliseconds(),
        now.ToUnixTimeMilliseconds(),
        note.NoteId);

    /// <summary>
    /// Waits that were written before the clock was put back begin anew: a note must not wait for the hours that the clock was
    /// wrong by.
    /// </summary>
    public static void ShortenWaits(SqlSession session, Store store, DateTimeOffset now) => session.Execute(
        "UPDATE note SET not_before = not_before - changed_at + $1, changed_at = $1 WHERE store_id = $2 AND state IN (1, 3) AND changed_at > $1 AND not_before IS NOT NULL",
        now.ToUnixTimeMilliseconds(),
        store.Id);

    /// <summary>The archive file of each note is on the disk.</summary>
    public static void Archived(SqlSession session, IEnumerable<long> noteIds, DateTimeOffset now)
    {
        foreach (long noteId in noteIds)
        {
            session.Execute("UPDATE note SET archived_at = $1 WHERE note_id = $2", now.ToUnixTimeMilliseconds(), noteId);
        }
    }

    private static QueuedNote ReadQueued(SqliteDataReader row)
    {
        DateTimeOffset dhEmi = Times.Parse(row.GetString(5));
        return new QueuedNote
        {
            NoteId = row.GetInt64(0),
            Key = AccessKey.Parse(row.GetString(1)),
            State = (NoteState)row.GetInt32(2),
            VersionId = row.GetInt64(3),
            DigestValue = row.GetString(4),
            DhEmi = dhEmi,
            Deadline = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)).ToOffset(dhEmi.Offset),
            VNF = row.GetInt64(7) / 100m,
            Bytes = row.GetFieldValue<byte[]>(8),
            Evidence = row.Bytes(9) is { } evidence ? (ReadOnlyMemory<byte>?)evidence : null,
            Attempts = row.GetInt32(10),
            ConsultTurns = row.GetInt32(11),
            CStat = row.Int(12),
            XMotivo = row.Text(13),
            ReasonId = row.Text(14),
            NRec = row.Text(15),
            NotBefore = row.Instant(16),
            ReasonArgs = PendingItems.Split(row.Text(17)),
        };
    }
}

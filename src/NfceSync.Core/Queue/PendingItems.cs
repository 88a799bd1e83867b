using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.Data.Sqlite;

namespace NfceSync.Core.Queue;

/// <summary>Reads what is pending: everything that is not final and not excepted, streamed, nearest deadline first.</summary>
internal static class PendingItems
{
    // The excepted ones are asked for with the same shape, for -Detailed.
    private const string Notes =
        """
        SELECT s.name, n.store_id, n.note_id, n.ch_nfe, n.state, n.dh_emi, n.v_nf, n.deadline_at, n.attempts, n.c_stat, n.x_motivo,
            n.reason_id, n.reason_args, n.other_key, n.not_before, n.corrected, v.source_path, n.exception, n.exception_at, n.exception_by
        FROM note n JOIN store s USING (store_id) JOIN note_version v USING (version_id)
        WHERE n.store_id = $1 AND n.state NOT IN (6, 7, 8) AND n.exception IS
        """;

    private const string Documents =
        """
        SELECT s.name, f.store_id, d.document_id, d.ch_nfe, d.dh_emi, d.v_nf, d.reason_id, d.reason_args, f.path,
            d.exception, d.exception_at, d.exception_by
        FROM source_document d JOIN source_file f USING (file_id) JOIN store s USING (store_id)
        WHERE f.store_id = $1 AND d.kind = 5 AND d.replaced_at IS NULL AND d.exception IS
        """;

    /// <summary>The pending items of a store, quarantined documents last.</summary>
    public static IEnumerable<PendingItem> Pending(SqlSession session, long storeId, DateTimeOffset now)
    {
        DateTimeOffset? blocked = Scopes.BlockedUntil(session, storeId);
        return session.Query(Notes + " NULL ORDER BY n.deadline_at, n.note_id", row => ReadNote(row, blocked, now), storeId)
            .Concat(session.Query(Documents + " NULL ORDER BY d.document_id", ReadDocument, storeId));
    }

    /// <summary>What a person's verdict took out of the pending items.</summary>
    public static IEnumerable<PendingItem> Excepted(SqlSession session, long storeId, DateTimeOffset now) =>
        session.Query(Notes + " NOT NULL ORDER BY n.deadline_at, n.note_id", row => ReadNote(row, null, now), storeId)
            .Concat(session.Query(Documents + " NOT NULL ORDER BY d.document_id", ReadDocument, storeId));

    /// <summary>How many items of a store are pending.</summary>
    public static long Count(SqlSession session, long storeId) => session.Scalar<long>(
        """
        SELECT (SELECT count(*) FROM note WHERE store_id = $1 AND state NOT IN (6, 7, 8) AND exception IS NULL)
            + (SELECT count(*) FROM source_document d JOIN source_file f USING (file_id)
               WHERE f.store_id = $1 AND d.kind = 5 AND d.replaced_at IS NULL AND d.exception IS NULL)
        """,
        storeId);

    /// <summary>How a list of placeholders is kept in one column; the separator cannot occur in a path or in XML.</summary>
    public static string? Join(IReadOnlyList<string> args) => args.Count == 0 ? null : string.Join("\u001f", args);

    public static string[] Split(string? args) => args is null ? Array.Empty<string>() : args.Split('\u001f');

    private static PendingItem ReadNote(SqliteDataReader row, DateTimeOffset? blocked, DateTimeOffset now)
    {
        DateTimeOffset dhEmi = Times.Parse(row.GetString(5));
        return new PendingItem
        {
            StoreName = row.GetString(0),
            StoreId = row.GetInt64(1),
            NoteId = row.GetInt64(2),
            ChNFe = row.GetString(3),
            State = (NoteState)row.GetInt32(4),
            DhEmi = dhEmi,
            VNF = row.GetInt64(6) / 100m,
            Deadline = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)).ToOffset(dhEmi.Offset),
            Attempts = row.GetInt32(8),
            CStat = row.Int(9),
            XMotivo = row.Text(10),
            ReasonId = row.Text(11),
            ReasonArgs = Split(row.Text(12)),
            OtherKey = row.Text(13),
            NotBefore = new[] { row.Instant(14), blocked }.Where(until => until > now).Max(),
            Corrected = row.GetBoolean(15),
            SourcePath = row.Text(16),
            Exception = row.Text(17),
            ExceptionAt = row.Instant(18),
            ExceptionBy = row.Text(19),
        };
    }

    private static PendingItem ReadDocument(SqliteDataReader row) => new()
    {
        StoreName = row.GetString(0),
        StoreId = row.GetInt64(1),
        DocumentId = row.GetInt64(2),
        ChNFe = row.Text(3),
        State = NoteState.Quarantined,
        DhEmi = row.Text(4) is { } dhEmi ? Times.Parse(dhEmi) : null,
        VNF = row.Long(5) / 100m,
        ReasonId = row.Text(6),
        ReasonArgs = Split(row.Text(7)),
        SourcePath = row.Text(8),
        Exception = row.Text(9),
        ExceptionAt = row.Instant(10),
        ExceptionBy = row.Text(11),
    };
}

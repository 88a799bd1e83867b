using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Notes;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>
/// Takes over what a damaged database still tells. Whatever may have been sent is uncertain; what SEFAZ or a person has decided
/// stays decided; the bytes of a note prove themselves by their signature, and a final state by its protocol.
/// </summary>
internal sealed class CarryOver
{
    private const int RowsPerCommit = 256;

    // SQLite's primary result codes, https://sqlite.org/rescode.html
    private const int Constraint = 19;
    private const int Mismatch = 20;

    private static readonly string[] KeptOfNote =
    {
        "evidence", "attempts", "consult_turns", "refusals", "not_before", "c_stat", "x_motivo", "reason_id", "reason_args", "other_key",
        "n_rec", "n_prot", "dh_recbto", "protocol", "event", "corrected", "first_seen_at", "changed_at", "archived_at", "exception",
        "exception_by", "exception_at",
    };

    private static readonly string[] ReadOfNote =
        new[] { "note_id", "ch_nfe", "store_id", "state", "version_id", "dh_emi", "v_nf" }.Concat(KeptOfNote).ToArray();

    private static readonly string[] WrittenOfNote = new[]
    {
        "note_id", "ch_nfe", "store_id", "state", "version_id", "digest_value", "dh_emi", "dh_cont", "x_just", "v_nf", "deadline_at",
    }.Concat(KeptOfNote).ToArray();

    private static readonly string InsertNote = InsertSql("note", WrittenOfNote);

    private readonly NfceQueue _queue;
    private readonly DamagedQueue _damaged;
    private readonly string _damagedPath;
    private readonly DateTimeOffset _now;
    private readonly CancellationToken _cancel;

    // Notes of which the row was read and the bytes that count were not.
    private readonly Dictionary<string, Dictionary<string, object?>> _withoutBytes = new(StringComparer.Ordinal);
    private readonly HashSet<long> _noteIds = new();
    private readonly HashSet<long> _versionIds = new();

    public CarryOver(NfceQueue queue, DamagedQueue damaged, string damagedPath, DateTimeOffset now, CancellationToken cancel)
    {
        _queue = queue;
        _damaged = damaged;
        _damagedPath = damagedPath;
        _now = now;
        _cancel = cancel;
    }

    private long Now => _now.ToUnixTimeMilliseconds();

    /// <summary>
    /// The stores, and earlier repairs. The folders of a store that was lost say nothing of the others; a store whose folders are not all known would count as complete without having been
    /// looked into: it has to be registered again, and finds its notes then.
    /// </summary>
    public void Stores(List<NfceSyncException> problems)
    {
        Copy("repair", "rowid", "repaired_at, damaged_path, last_attempt_id, held_until, part_lost", (session, row) => session.Execute(
            "INSERT INTO repair (repaired_at, damaged_path, last_attempt_id, held_until, part_lost) VALUES ($1, $2, $3, $4, $5)",
            row.Skip(1).ToArray()));
        Copy(
            "store",
            "store_id",
            "name, issuer_id, tp_amb, uf, system, archive_path, pfx_path, thumbprint, service_base, trusted_root_path, registered_at, unregistered_at");
        Copy("source_folder", "store_id", "ordinal, path, recursive, pattern", (session, row) => session.Execute(
            """
            INSERT INTO source_folder (store_id, ordinal, path, recursive, pattern)
            SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM store WHERE store_id = $1)
            """,
            row));
        foreach (long id in Read("SELECT store_id FROM store WHERE unregistered_at IS NULL", row => row.GetInt64(0)))
        {
            if (Judge(id) is { } problem)
            {
                problems.Add(problem);
            }
        }
    }

    /// <summary>The notes whose row and bytes were both read; how many.</summary>
    public int Notes()
    {
        Copy("note_version", "version_id", "ch_nfe, digest_value, bytes, source_bytes, source_path, seen_at, evidence", WriteVersion);
        return Copy("note", ReadOfNote[0], string.Join(", ", ReadOfNote.Skip(1)), WriteNote);
    }

    /// <summary>
    /// The notes of which only bytes were read; how many. With several sets of bytes, or where those that count were not read,
    /// only a person can tell which are the right ones.
    /// </summary>
    public int NotesWithoutRow()
    {
        int notes = 0;
        foreach (Orphan[] some in Read(
            """
            SELECT v.ch_nfe, max(v.version_id), count(*) FROM note_version v
            WHERE NOT EXISTS (SELECT 1 FROM note n WHERE n.ch_nfe = v.ch_nfe) GROUP BY v.ch_nfe
            """,
            row => new Orphan(row.GetString(0), row.GetInt64(1), row.GetInt64(2))).Chunk(RowsPerCommit))
        {
            notes += _queue.Committer.Commit(session => some.Sum(orphan => WriteOrphan(session, orphan)));
        }

        return notes;
    }

    /// <summary>
    /// The calls that were made, and the blocks. Where not all of them could be read, nothing is sent for as long as a block
    /// or a count can last: until when; null: all were read.
    /// </summary>
    public DateTimeOffset? Calls()
    {
        Copy("scope", "scope_id", "authoriser, tp_amb, certificate_id, issuer_id, blocked_at, blocked_until, blocks, running_at, clock_skew");
        Copy(
            "attempt",
            "attempt_id",
            "note_id, version_id, scope_id, service, lease_token, started_at, ended_at, outcome, http_status, c_stat, x_motivo, n_rec, dh_recbto, ver_aplic, disposition, detail, reply",
            (session, row) =>
            {
                // The id of bytes that were not read is free, and may by now be that of others, out of an archive.
                row[2] = row[2] is long version && _versionIds.Contains(version) ? version : null;

                // By its bytes a call belongs to its note also where the note's row was lost and has another id now.
                row[1] = session.Scalar<long?>(
                        "SELECT n.note_id FROM note_version v JOIN note n USING (ch_nfe) WHERE v.version_id = $1", row[2])
                    ?? (row[1] is long id && _noteIds.Contains(id) ? id : null);
                return session.Execute(
                    """
                    INSERT INTO attempt (attempt_id, note_id, version_id, scope_id, service, lease_token, started_at, ended_at, outcome,
                        http_status, c_stat, x_motivo, n_rec, dh_recbto, ver_aplic, disposition, detail, reply)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
                    """,
                    row);
            });
        _queue.Committer.Commit(session => session.Execute(
            "UPDATE note SET attempts = (SELECT count(*) FROM attempt a WHERE a.note_id = note.note_id) WHERE attempts = 0"));
        return _damaged.IsIncomplete("scope", "attempt", "repair") ? _now + Scopes.BlockDuration : null;
    }

    /// <summary>What the source folders held that is no note, with a person's verdicts. Every file is read again at the next look.</summary>
    public void Documents()
    {
        Copy("source_file", "file_id", "store_id, path, modified_at, scanned_at", (session, row) => session.Execute(
            "INSERT INTO source_file (file_id, store_id, path, modified_at, scanned_at, size) VALUES ($1, $2, $3, $4, $5, -1)", row));
        Copy(
            "source_document",
            "document_id",
            "file_id, ordinal, kind, ch_nfe, dh_emi, v_nf, reason_id, reason_args, content, found_at, replaced_at, exception, exception_by, exception_at",
            WriteDocument);
    }

    /// <summary>
    /// Notes of which nothing but the row was left, in no archive and no source folder either: a person has to know of them.
    /// How many.
    /// </summary>
    public int NotesWithoutBytes() => _queue.Committer.Commit(session => _withoutBytes.Values.Sum(old =>
    {
        bool settled = old["state"] is long state && ((NoteState)state).IsFinal() && old["archived_at"] is not null;
        return settled || session.Scalar<long>("SELECT count(*) FROM note WHERE ch_nfe = $1", old["ch_nfe"]) > 0
            || FileOfTheLost(session, old["store_id"]) is not { } fileId
            ? 0
            : session.Execute(
                """
                INSERT INTO source_document (file_id, ordinal, kind, ch_nfe, dh_emi, v_nf, reason_id, found_at, exception, exception_by, exception_at)
                VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                fileId,
                (int)DocumentKind.Quarantined,
                old["ch_nfe"],
                old["dh_emi"],
                old["v_nf"],
                ErrorIds.NfceNoteBytesLost,
                Now,
                old["exception"],
                old["exception_by"],
                old["exception_at"]);
    }));

    /// <summary>
    /// Where there may have been notes that nothing tells of any more, neither their row nor their bytes, or documents that
    /// waited for a person: each store has an item then that says so, until a person has looked. Whether it is so.
    /// </summary>
    public bool PartLost(long repairId)
    {
        bool lost = (_damaged.IsIncomplete("note") && _damaged.IsIncomplete("note_version")) || _damaged.IsIncomplete("source_document");
        if (lost)
        {
            bool storesLost = _damaged.IsIncomplete("store");
            _queue.Committer.Commit(session => Repairs.PartLost(session, repairId, storesLost, _now));
        }

        return lost;
    }

    private NfceSyncException? Judge(long storeId)
    {
        try
        {
            Store store = Read("store_id = $1", storeId);
            if (!_damaged.IsIncomplete("source_folder"))
            {
                StoreRules.Validate(store);
                return null;
            }
        }
        catch (NfceSyncException e) when (e.ErrorId is ErrorIds.NfceTrustedRootUnreadable or ErrorIds.NfceTrustedRootEmpty)
        {
            // Only that file is missing: the store is what it was.
            return e;
        }
        catch (Exception e) when (e is NfceSyncException or FormatException or InvalidCastException)
        {
            // Not a store that could be worked with.
        }

        _queue.Committer.Commit(session => session.Execute("UPDATE store SET unregistered_at = $1 WHERE store_id = $2", Now, storeId));
        return null;
    }

    private int WriteVersion(SqlSession session, object?[] row)
    {
        if (row[3] is not byte[] bytes || Prove(bytes, row[1] as string) is not { } note)
        {
            _damaged.Missing("note_version");
            return 0;
        }

        row[2] = note.DigestValue;
        session.Execute(
            "INSERT INTO note_version (version_id, ch_nfe, digest_value, bytes, source_bytes, source_path, seen_at, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            row);
        _versionIds.Add((long)row[0]!);
        return 1;
    }

    private int WriteNote(SqlSession session, object?[] row)
    {
        var old = ReadOfNote.Zip(row, (name, value) => (name, value)).ToDictionary(column => column.name, column => column.value);
        if (old["ch_nfe"] is not string key || old["state"] is not long state || state is < (long)NoteState.Pending or > (long)NoteState.Denied)
        {
            _damaged.Missing("note");
            return 0;
        }

        if (BytesOf(session, old["version_id"], key) is not { } note)
        {
            _withoutBytes[key] = old;
            return 0;
        }

        var was = (NoteState)state;
        NoteState now = was.AwaitsPerson() || (was.IsFinal() && Proves(old["protocol"], note)) ? was : NoteState.Uncertain;
        if (now != was)
        {
            (old["reason_id"], old["reason_args"]) = (ErrorIds.NfceQueueWasRebuilt, null);
        }

        if (!now.IsFinal())
        {
            Forget(old, "protocol", "event", "n_prot", "archived_at");
        }

        if (!now.AwaitsPerson())
        {
            Forget(old, "exception", "exception_by", "exception_at");
        }

        if (!Proves(old["evidence"], note))
        {
            Forget(old, "evidence");
        }

        bool storeKnown = session.Scalar<long>("SELECT count(*) FROM store WHERE store_id = $1", old["store_id"]) == 1;
        Write(session, note, storeKnown ? old["store_id"] : StoreOf(session, note), now, old);
        _noteIds.Add((long)old["note_id"]!);
        return 1;
    }

    private int WriteOrphan(SqlSession session, Orphan orphan)
    {
        if (BytesOf(session, orphan.VersionId, orphan.ChNFe) is not { } note)
        {
            return 0;
        }

        bool doubtful = orphan.Versions > 1 || _withoutBytes.ContainsKey(orphan.ChNFe);
        var blank = KeptOfNote.ToDictionary(column => column, _ => (object?)null);
        (blank["attempts"], blank["consult_turns"], blank["refusals"], blank["corrected"]) = (0, 0, 0, 0);
        (blank["first_seen_at"], blank["changed_at"]) = (Now, Now);
        (blank["note_id"], blank["version_id"]) = (null, orphan.VersionId);
        blank["reason_id"] = doubtful ? ErrorIds.NfceSameKeyOtherBytes : ErrorIds.NfceQueueWasRebuilt;
        Write(session, note, StoreOf(session, note), doubtful ? NoteState.Conflict : NoteState.Uncertain, blank);
        return 1;
    }

    private void Write(SqlSession session, ContingencyNote note, object? storeId, NoteState state, Dictionary<string, object?> kept)
    {
        kept["ch_nfe"] = note.Key.Value;
        kept["store_id"] = storeId;
        kept["state"] = (int)state;
        kept["digest_value"] = note.DigestValue;
        kept["dh_emi"] = Times.Write(note.DhEmi);
        kept["dh_cont"] = note.DhCont is { } dhCont ? Times.Write(dhCont) : null;
        kept["x_just"] = note.XJust;
        kept["v_nf"] = Arrivals.Cents(note.VNF);
        kept["deadline_at"] = _queue.Deadlines.For(note.DhEmi, UfOf(note)).ToUnixTimeMilliseconds();
        session.Execute(InsertNote, WrittenOfNote.Select(column => kept[column]).ToArray());
    }

    private int WriteDocument(SqlSession session, object?[] row)
    {
        if (session.Scalar<long>("SELECT count(*) FROM source_file WHERE file_id = $1", row[1]) == 0)
        {
            // Which file it was is lost. What waits for a person must not go with it.
            bool waits = row[3] is (long)DocumentKind.Quarantined && row[11] is null;
            if (!waits || FileOfTheLost(session, null) is not { } fileId)
            {
                return 0;
            }

            row[1] = fileId;
        }

        return session.Execute(
            """
            INSERT INTO source_document (document_id, file_id, ordinal, kind, ch_nfe, dh_emi, v_nf, reason_id, reason_args, content,
                found_at, replaced_at, exception, exception_by, exception_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            row);
    }

    /// <summary>The store of a note; where it was lost, one that waits to be registered again and finds its notes then.</summary>
    private long StoreOf(SqlSession session, ContingencyNote note)
    {
        long found = session.Scalar<long>("SELECT store_id FROM store WHERE issuer_id = $1 AND tp_amb = $2", note.IssuerId, note.TpAmb);
        return found != 0
            ? found
            : session.Insert(
                """
                INSERT INTO store (name, issuer_id, tp_amb, uf, system, archive_path, thumbprint, registered_at, unregistered_at)
                VALUES ($1, $1, $2, $3, $4, '', '', $5, $5)
                """,
                note.IssuerId,
                note.TpAmb,
                UfOf(note),
                nameof(StoreSystem.Plus),
                Now);
    }

    /// <summary>The kept database as a file of the store, or else of any; null where no store is known.</summary>
    private long? FileOfTheLost(SqlSession session, object? storeId)
    {
        long found = session.Scalar<long>(
            "SELECT store_id FROM store ORDER BY store_id = $1 DESC, unregistered_at IS NULL DESC, store_id LIMIT 1", storeId);
        if (found == 0)
        {
            // There was a store, and something that waited for a person: whoever registers it is told no less than that.
            _damaged.Missing("store");
            _damaged.Missing("source_document");
            return null;
        }

        return Repairs.FileOf(session, found, _damagedPath, _now);
    }

    private static ContingencyNote? BytesOf(SqlSession session, object? versionId, string key) => session.First(
        "SELECT bytes FROM note_version WHERE version_id = $1 AND ch_nfe = $2", row => row.GetFieldValue<byte[]>(0), versionId, key) is { } bytes
            ? Prove(bytes, key)
            : null;

    private static ContingencyNote? Prove(byte[] bytes, string? key) => NoteReader.Read(bytes)
        .Where(document => document.Kind == DocumentKind.Contingency)
        .Select(document => document.Note!)
        .FirstOrDefault(note => note.Key.Value == key && note.Bytes.Span.SequenceEqual(bytes));

    private static bool Proves(object? protocol, ContingencyNote note)
    {
        try
        {
            return protocol is byte[] bytes && SefazProtocol.Read(bytes) is var read && read.ChNFe == note.Key.Value && read.DigVal == note.DigestValue;
        }
        catch (NfceSyncException)
        {
            return false;
        }
    }

    private static void Forget(Dictionary<string, object?> row, params string[] columns)
    {
        foreach (string column in columns)
        {
            row[column] = null;
        }
    }

    private static string UfOf(ContingencyNote note) => Uf.All.First(uf => uf.CUf == note.Key.CUf).Code;

    private int Copy(string table, string key, string columns) =>
        Copy(table, key, columns, (session, row) => session.Execute(InsertSql(table, (key + ", " + columns).Split(',')), row));

    private int Copy(string table, string key, string columns, Func<SqlSession, object?[], int> write)
    {
        int written = 0;
        foreach (object?[][] some in _damaged.Rows(table, key, columns).Chunk(RowsPerCommit))
        {
            _cancel.ThrowIfCancellationRequested();
            written += _queue.Committer.Commit(session => some.Sum(row => Try(table, () => write(session, row))));
        }

        return written;
    }

    // What the new database refuses is not what it claims to be.
    private int Try(string table, Func<int> write)
    {
        try
        {
            return write();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Constraint or Mismatch)
        {
            _damaged.Missing(table);
            return 0;
        }
    }

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> map)
    {
        using SqlSession session = _queue.Database.Open(readOnly: true);
        return _queue.Database.Guard(() => session.Query(sql, map).ToList());
    }

    private Store Read(string where, long id)
    {
        using SqlSession session = _queue.Database.Open(readOnly: true);
        return StoreRegistry.Read(session, where, id).Single();
    }

    private static string InsertSql(string table, string[] columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => "$" + (i + 1)))})";

    private sealed record Orphan(string ChNFe, long VersionId, long Versions);
}

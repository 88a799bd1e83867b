using System;
using System.Collections.Generic;
using System.Linq;

using NfceSync.Core.Notes;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>A file of a source folder as it was found, with what it held.</summary>
/// <param name="Path">The file.</param>
/// <param name="Size">Its size in bytes when it was listed; negative so that it is read again next time.</param>
/// <param name="ModifiedAt">Its modification time in ticks (UTC) when it was listed.</param>
/// <param name="Documents">What it held.</param>
/// <param name="Content">Its bytes, kept for a quarantined document; null where they could not be read.</param>
internal sealed record FoundFile(
    string Path, long Size, long ModifiedAt, IReadOnlyList<SourceDocument> Documents, ReadOnlyMemory<byte>? Content);

/// <summary>
/// Puts what was found into the queue: the design's table "what lies in a source folder". Finding the same again changes
/// nothing.
/// </summary>
internal sealed class Arrivals
{
    private readonly Store _store;
    private readonly HashSet<(string IssuerId, int TpAmb)> _otherStores;
    private readonly DeadlineRules _deadlines;
    private readonly DateTimeOffset? _mayBeSentUntil;

    public Arrivals(Store store, IEnumerable<Store> allStores, DeadlineRules deadlines, DateTimeOffset? mayBeSentUntil = null)
    {
        _mayBeSentUntil = mayBeSentUntil;
        _store = store;
        _otherStores = new HashSet<(string, int)>(
            allStores.Where(other => other.Id != store.Id).Select(other => (other.IssuerId, (int)other.Environment)));
        _deadlines = deadlines;
    }

    /// <summary>The reasons that may go away without the file changing: stores or the note's state change.</summary>
    public static string PassingReasonsSql { get; } = string.Join(
        ", ",
        new[]
        {
            ErrorIds.NfceOtherStore, ErrorIds.NfceUnknownIssuer, ErrorIds.NfceOtherEnvironment, ErrorIds.NfceOtherUf,
            ErrorIds.NfceSameKeyOtherBytes,
        }.Select(id => $"'{id}'"));

    /// <summary>Enters one file; to be called inside a transaction. Returns how many notes are new.</summary>
    public int Enter(SqlSession session, FoundFile file, DateTimeOffset now)
    {
        int newNotes = 0;
        var aside = new List<SourceDocument>();
        foreach (SourceDocument document in file.Documents)
        {
            SourceDocument judged = ForThisStore(document);
            if (judged.Kind is DocumentKind.Contingency or DocumentKind.Evidence or DocumentKind.ContradictedEvidence)
            {
                Outcome outcome = EnterNote(session, judged, file.Path, now);
                newNotes += outcome == Outcome.New ? 1 : 0;
                if (outcome == Outcome.OtherBytes)
                {
                    aside.Add(PutAside(judged, ErrorIds.NfceSameKeyOtherBytes));
                }
            }
            else
            {
                aside.Add(judged);
            }
        }

        WriteFile(session, file, aside, now);
        return newNotes;
    }

    private SourceDocument ForThisStore(SourceDocument document)
    {
        if (document.Note is not { } note || (note.IssuerId == _store.IssuerId && note.TpAmb == (int)_store.Environment))
        {
            return document.Note is { } ours && ours.Key.CUf != Uf.Get(_store.Uf).CUf && document.Kind != DocumentKind.LimboCandidate
                ? PutAside(document, ErrorIds.NfceOtherUf, _store.Name, _store.Uf)
                : document;
        }

        if (_otherStores.Contains((note.IssuerId, note.TpAmb)))
        {
            return document with { Kind = DocumentKind.Ignored, ReasonId = ErrorIds.NfceOtherStore, ReasonArgs = Array.Empty<string>() };
        }

        // A normal-mode note is no business of ours, whoever issued it.
        if (document.Kind == DocumentKind.LimboCandidate)
        {
            return document with { Kind = DocumentKind.Ignored, ReasonId = ErrorIds.NfceUnknownIssuer, ReasonArgs = new[] { TaxId.Display(note.IssuerId) } };
        }

        return note.IssuerId == _store.IssuerId
            ? PutAside(document, ErrorIds.NfceOtherEnvironment, _store.Name)
            : PutAside(document, ErrorIds.NfceUnknownIssuer, TaxId.Display(note.IssuerId));
    }

    private static SourceDocument PutAside(SourceDocument document, string reasonId, params string[] args) =>
        document with { Kind = DocumentKind.Quarantined, ReasonId = reasonId, ReasonArgs = args };

    private Outcome EnterNote(SqlSession session, SourceDocument document, string path, DateTimeOffset now)
    {
        ContingencyNote note = document.Note!;
        Known? known = session.First(
            """
            SELECT n.note_id, n.state, n.version_id, n.digest_value, n.c_stat, v.bytes, n.evidence IS NOT NULL
            FROM note n JOIN note_version v USING (version_id) WHERE n.ch_nfe = $1
            """,
            row => new Known(
                row.GetInt64(0),
                (NoteState)row.GetInt32(1),
                row.GetInt64(2),
                row.GetString(3),
                row.Int(4),
                row.GetFieldValue<byte[]>(5),
                row.GetBoolean(6)),
            note.Key.Value);
        if (known is null)
        {
            InsertNote(session, document, path, now);
            return Outcome.New;
        }

        // The ERP may write the note differently inside its nfeProc: evidence is about the digest, and is never sent.
        bool same = document.Kind == DocumentKind.Contingency
            ? note.Bytes.Span.SequenceEqual(known.Bytes)
            : note.DigestValue == known.DigestValue;
        if (same)
        {
            return document.Kind switch
            {
                DocumentKind.Evidence => AddEvidence(session, known, document.Protocol!.Value, now),
                DocumentKind.ContradictedEvidence => Contradict(session, known, now),
                _ => Outcome.Same,
            };
        }

        if (IsOlderVersion(session, note))
        {
            return Outcome.Same;
        }

        switch (known.State)
        {
            case NoteState.Rejected or NoteState.Pending
                when document.Kind == DocumentKind.Contingency && Attempts.AllRejected(session, known.NoteId, known.VersionId):
                Correct(session, known, document, path, now);
                return Outcome.New;
            case NoteState.Pending or NoteState.Rejected:
                InsertVersion(session, document, path, now);
                ToConflict(session, known, ErrorIds.NfceSameKeyOtherBytes, now);
                return Outcome.Same;
            case NoteState.Conflict:
                InsertVersion(session, document, path, now);
                return Outcome.Same;
            default:
                // SEFAZ has answered, or its answer about the first bytes is still to come: the newcomer waits for a person.
                return Outcome.OtherBytes;
        }
    }

    private void InsertNote(SqlSession session, SourceDocument document, string path, DateTimeOffset now)
    {
        ContingencyNote note = document.Note!;
        long version = InsertVersion(session, document, path, now);
        NoteState state = document.Kind switch
        {
            DocumentKind.Contingency when MayBeSent(note) => NoteState.Uncertain,
            DocumentKind.Contingency => NoteState.Pending,
            DocumentKind.Evidence => NoteState.Uncertain,
            _ => NoteState.Conflict,
        };
        session.Execute(
            """
            INSERT INTO note (ch_nfe, store_id, state, version_id, digest_value, dh_emi, dh_cont, x_just, v_nf, deadline_at,
                evidence, reason_id, first_seen_at, changed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
            """,
            note.Key.Value,
            _store.Id,
            (int)state,
            version,
            note.DigestValue,
            Times.Write(note.DhEmi),
            note.DhCont is { } dhCont ? Times.Write(dhCont) : null,
            note.XJust,
            Cents(note.VNF),
            DeadlineOf(note),
            document.Kind == DocumentKind.Evidence ? document.Protocol?.ToArray() : null,
            state switch
            {
                NoteState.Uncertain when document.Kind == DocumentKind.Contingency => ErrorIds.NfceQueueWasRebuilt,
                NoteState.Uncertain => ErrorIds.NfceEvidenceFound,
                NoteState.Conflict => ErrorIds.NfceEvidenceContradicts,
                _ => null,
            },
            now.ToUnixTimeMilliseconds());
    }

    // The queue that knew whether it was sent may be lost: it is asked for first.
    private bool MayBeSent(ContingencyNote note) => note.DhEmi <= _mayBeSentUntil;

    private void Correct(SqlSession session, Known known, SourceDocument document, string path, DateTimeOffset now)
    {
        ContingencyNote note = document.Note!;
        long version = InsertVersion(session, document, path, now);
        session.Execute(
            """
            UPDATE note SET state = $1, reason_id = $2, version_id = $3, digest_value = $4, dh_emi = $5, dh_cont = $6, x_just = $7,
                v_nf = $8, deadline_at = $9, corrected = 1, consult_turns = 0, not_before = NULL, c_stat = NULL, x_motivo = NULL,
                reason_args = NULL, evidence = NULL, n_rec = NULL, other_key = NULL,
                exception = NULL, exception_by = NULL, exception_at = NULL, changed_at = $10
            WHERE note_id = $11
            """,
            (int)(MayBeSent(note) ? NoteState.Uncertain : NoteState.Pending),
            MayBeSent(note) ? ErrorIds.NfceQueueWasRebuilt : null,
            version,
            note.DigestValue,
            Times.Write(note.DhEmi),
            note.DhCont is { } dhCont ? Times.Write(dhCont) : null,
            note.XJust,
            Cents(note.VNF),
            DeadlineOf(note),
            now.ToUnixTimeMilliseconds(),
            known.NoteId);
    }

    private static Outcome AddEvidence(SqlSession session, Known known, ReadOnlyMemory<byte> protocol, DateTimeOffset now)
    {
        if (known.State == NoteState.Conflict && known.CStat == 526)
        {
            // Too old to be consulted: the ERP's own nfeProc is SEFAZ's word about these very bytes.
            Authorise(session, known.NoteId, protocol, now);
        }
        else if (!known.HasEvidence && !known.State.IsFinal())
        {
            session.Execute(
                "UPDATE note SET evidence = $1, changed_at = $2 WHERE note_id = $3",
                protocol.ToArray(),
                now.ToUnixTimeMilliseconds(),
                known.NoteId);
            ToConsult(session, known.NoteId);
        }

        return Outcome.Same;
    }

    /// <summary>Takes the protocol of an <c>nfeProc</c> whose <c>digVal</c> is the note's digest for SEFAZ's word about it.</summary>
    public static void Authorise(SqlSession session, long noteId, ReadOnlyMemory<byte> protocol, DateTimeOffset now)
    {
        SefazProtocol read = SefazProtocol.Read(protocol);
        session.Execute(
            """
            UPDATE note SET state = 6, protocol = $1, evidence = $1, c_stat = $2, x_motivo = $3, n_prot = $4, dh_recbto = $5,
                reason_id = NULL, reason_args = NULL, exception = NULL, exception_by = NULL, exception_at = NULL, changed_at = $6
            WHERE note_id = $7
            """,
            protocol.ToArray(),
            read.CStat,
            read.XMotivo,
            read.NProt,
            read.DhRecbto,
            now.ToUnixTimeMilliseconds(),
            noteId);
    }

    // A rejected note too: the ERP may have sent the same bytes again once the cause was out of the way.
    private static void ToConsult(SqlSession session, long noteId) => session.Execute(
        """
        UPDATE note SET state = 3, reason_id = $1, reason_args = NULL, not_before = NULL,
            exception = NULL, exception_by = NULL, exception_at = NULL
        WHERE note_id = $2 AND state IN (1, 4)
        """,
        ErrorIds.NfceEvidenceFound,
        noteId);

    private static Outcome Contradict(SqlSession session, Known known, DateTimeOffset now)
    {
        if (known.State is NoteState.Pending or NoteState.Rejected)
        {
            ToConflict(session, known, ErrorIds.NfceEvidenceContradicts, now);
            return Outcome.Same;
        }

        return known.State == NoteState.Conflict ? Outcome.Same : Outcome.OtherBytes;
    }

    private static void ToConflict(SqlSession session, Known known, string reasonId, DateTimeOffset now) => session.Execute(
        """
        UPDATE note SET state = 5, reason_id = $1, reason_args = NULL, exception = NULL, exception_by = NULL, exception_at = NULL,
            changed_at = $2
        WHERE note_id = $3
        """,
        reasonId,
        now.ToUnixTimeMilliseconds(),
        known.NoteId);

    private static bool IsOlderVersion(SqlSession session, ContingencyNote note) => session
        .Query("SELECT bytes FROM note_version WHERE ch_nfe = $1", row => row.GetFieldValue<byte[]>(0), note.Key.Value)
        .Any(bytes => note.Bytes.Span.SequenceEqual(bytes));

    private static long InsertVersion(SqlSession session, SourceDocument document, string path, DateTimeOffset now) => session.Insert(
        "INSERT INTO note_version (ch_nfe, digest_value, bytes, source_bytes, source_path, seen_at) VALUES ($1, $2, $3, $4, $5, $6)",
        document.Note!.Key.Value,
        document.Note.DigestValue,
        document.Note.Bytes.ToArray(),
        document.Note.SourceBytes?.ToArray(),
        path,
        now.ToUnixTimeMilliseconds());

    private void WriteFile(SqlSession session, FoundFile file, List<SourceDocument> aside, DateTimeOffset now)
    {
        object?[] seen = { _store.Id, file.Path, file.Size, file.ModifiedAt, now.ToUnixTimeMilliseconds() };
        long fileId;
        if (session.Execute(
            """
            INSERT INTO source_file (store_id, path, size, modified_at, scanned_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (store_id, path) DO NOTHING
            """,
            seen) == 1)
        {
            fileId = session.LastId;
        }
        else
        {
            fileId = session.Scalar<long>(
                "UPDATE source_file SET size = $3, modified_at = $4, scanned_at = $5 WHERE store_id = $1 AND path = $2 RETURNING file_id", seen);
            var before = session.Query(
                "SELECT ordinal, kind, reason_id, ch_nfe, content FROM source_document WHERE file_id = $1 AND replaced_at IS NULL ORDER BY ordinal",
                row => (What: (row.GetInt32(0), row.GetInt32(1), row.Text(2), row.Text(3)), Content: row.Bytes(4)),
                fileId).ToList();

            // The same findings in the same bytes keep their rows, and with them what a person said about them.
            if (before.Count == aside.Count && before.Zip(aside, (row, document) =>
                row.What == (document.Ordinal, (int)document.Kind, document.ReasonId, document.ChNFe)
                && row.Content.AsSpan().SequenceEqual(ContentOf(file, document))).All(same => same))
            {
                return;
            }

            session.Execute(
                "UPDATE source_document SET replaced_at = $1 WHERE file_id = $2 AND replaced_at IS NULL", now.ToUnixTimeMilliseconds(), fileId);
        }

        foreach (SourceDocument document in aside)
        {
            session.Execute(
                """
                INSERT INTO source_document (file_id, ordinal, kind, ch_nfe, dh_emi, v_nf, reason_id, reason_args, content, found_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                fileId,
                document.Ordinal,
                (int)document.Kind,
                document.ChNFe,
                document.Note is { } note ? Times.Write(note.DhEmi) : null,
                document.Note is { } priced ? Cents(priced.VNF) : null,
                document.ReasonId,
                PendingItems.Join(document.ReasonArgs),
                ContentOf(file, document),
                now.ToUnixTimeMilliseconds());
        }
    }

    private static byte[]? ContentOf(FoundFile file, SourceDocument document) =>
        document.Kind == DocumentKind.Quarantined ? file.Content?.ToArray() : null;

    private long DeadlineOf(ContingencyNote note) => _deadlines.For(note.DhEmi, _store.Uf).ToUnixTimeMilliseconds();

    /// <summary>An amount as it is kept.</summary>
    public static long Cents(decimal reais) => (long)decimal.Round(reais * 100m);

    private enum Outcome
    {
        New,
        Same,
        OtherBytes,
    }

    private sealed record Known(
        long NoteId, NoteState State, long VersionId, string DigestValue, int? CStat, byte[] Bytes, bool HasEvidence);
}

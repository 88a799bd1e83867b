using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>Holds the queue against the truth after every commit, at every request and after every run.</summary>
internal sealed class Checker : IDisposable
{
    private static readonly HashSet<int> ContentRejected = new() { 464, 806, 1999 };

    // What SEFAZ's verdict on a transmission (also by receipt) must have been for the note to be surely not stored.
    private static readonly HashSet<int> NotStored = new() { 108, 109, 280, 464, 539, 562, 656, 703, 806, 1999 };

    private readonly History _history;
    private readonly World _world;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _notes;
    private readonly SqliteCommand _attempts;
    private readonly SqliteCommand _lease;
    private readonly SqliteCommand _blocks;
    private readonly SqliteCommand _attempt;
    private readonly SqliteCommand _contents;
    private readonly Dictionary<long, Row> _rows = new();
    private readonly Dictionary<string, Row> _byKey = new(StringComparer.Ordinal);
    private readonly List<Sent> _sent = new();
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);
    private readonly HashSet<string> _misled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _proven = new(StringComparer.Ordinal);
    private long _lastAttempt;
    private Held _held = new(0, string.Empty, 0, false);
    private DateTimeOffset _heldSince;
    private TimeSpan _heldJumps;
    private long _blockCount;
    private DateTimeOffset _blockedAt = DateTimeOffset.MinValue;
    private TimeSpan _blockedJumps;

    public Checker(History history, SqliteConnection connection)
    {
        _history = history;
        _world = history.World;
        _connection = connection;
        _notes = Command(
            "SELECT note_id, ch_nfe, state, version_id, digest_value, archived_at IS NOT NULL, evidence IS NOT NULL, c_stat, reason_id, changed_at FROM note");
        _attempts = Command("SELECT attempt_id, note_id, service, lease_token FROM attempt WHERE attempt_id > $1 ORDER BY attempt_id");
        _lease = Command("SELECT token, process, expires_at, released_at IS NOT NULL FROM lease");
        _blocks = Command("SELECT coalesce(sum(blocks), 0), coalesce(max(blocked_until), 0) FROM scope");
        _attempt = Command("SELECT outcome, service, coalesce(c_stat, 0) FROM attempt WHERE attempt_id = $1");
        _contents = Command("SELECT count(*) FROM attempt WHERE note_id = $1 AND version_id = $2 AND service = 0 AND disposition = $3");
    }

    public IReadOnlyDictionary<string, Row> Notes => _byKey;

    /// <summary>Somebody showed other bytes under this key: a conflict about it is no fault of ours.</summary>
    public void Doubt(string key) => _doubtful.Add(key);

    /// <summary>Somebody lied about this key: a conflict is no fault of ours, whatever else came in.</summary>
    public void Mislead(string key)
    {
        Doubt(key);
        _misled.Add(key);
    }

    /// <summary>The ERP's nfeProc about what SEFAZ holds came in: it leads out of any conflict that is not built on a lie.</summary>
    public void Proven(string key) => _proven.Add(key);

    /// <summary>
    /// Whether these bytes must be taken for a correction: those that the queue has were rejected, and nobody can think that
    /// what was sent of them is stored.
    /// </summary>
    public bool MustTake(PoolVersion version)
    {
        if (_doubtful.Contains(version.Key) || !_byKey.TryGetValue(version.Key, out Row? row) || row.HasEvidence
            || row.State is not (NoteState.Pending or NoteState.Rejected)
            || Count("SELECT count(*) FROM note_version WHERE ch_nfe = $1 AND digest_value = $2", version.Key, version.DigVal) > 0)
        {
            return false;
        }

        bool rejected = false;
        bool open = false;
        bool notFound = false;
        foreach (var (service, outcome, cStat) in _history.Look.Query(
            "SELECT service, outcome, coalesce(c_stat, 0) FROM attempt WHERE note_id = $1 AND version_id = $2 ORDER BY attempt_id",
            reader => ((Asked)reader.GetInt32(0), (WireOutcome)reader.GetInt32(1), reader.GetInt32(2)),
            row.Id,
            row.VersionId))
        {
            bool answered = outcome == WireOutcome.Answered;
            if (service == Asked.Consult)
            {
                notFound |= open && answered && cStat == 217;
            }
            else if (service == Asked.Transmission && answered && ContentRejected.Contains(cStat))
            {
                rejected = true;
                open &= !notFound;
            }
            else if (service == Asked.Transmission && outcome != WireOutcome.NotSent && !(answered && NotStored.Contains(cStat)))
            {
                open = true;
                notFound = false;
            }
        }

        return rejected && !open;
    }

    /// <summary>The correction is in.</summary>
    public void Taken(PoolVersion version)
    {
        if (_byKey[version.Key] is not { State: NoteState.Pending } row || row.DigVal != version.DigVal)
        {
            _history.Broken($"{History.Short(version.Key)} was corrected and is {_byKey[version.Key].State}");
        }
    }

    public void LiedTo(string key, Fault fault)
    {
        _world.Tally.Count("lie told: " + fault);
        Mislead(key);
    }

    public void AfterCommit(SimProcess? by)
    {
        bool wrote = ReadNotes();
        ReadLease(by);
        wrote |= ReadAttempts();
        ReadBlocks();
        if (wrote && by is not null && (_held.Process != by.Name + "@1" || _held.Released))
        {
            _history.Broken($"{by.Name} wrote without holding the lease ({_held.Process} does)");
        }
    }

    /// <summary>A request is about to leave: whether it may.</summary>
    public Sent OnSend(SimProcess process, Request request)
    {
        if (_held.Process != process.Name + "@1" || _held.Released)
        {
            _history.Broken($"{process.Name} sends though {_held.Process} holds the lease");
        }

        if (_world.WallNow < DateTimeOffset.FromUnixTimeMilliseconds(BlockedUntil()))
        {
            _history.Broken("a request during a block that the queue knows of");
        }

        if (_world.Now - _blockedAt + (_world.JumpedForward - _blockedJumps) < TimeSpan.FromHours(1))
        {
            _history.Broken("a request within an hour after a 656 was written down");
        }

        var sent = new Sent
        {
            Number = _sent.Count + 1,
            Service = (Asked)(int)request.Service,
            Key = request.Key,
            At = _world.Now,
            JumpedForward = _world.JumpedForward,
            Skew = _world.Skew,
            AttemptId = request.Version is null ? OpenAttempt(request) : request.LoteId,
        };
        if (request.Version is { } version)
        {
            CheckTransmission(version, sent);
        }

        if (request.Service == SefazService.ConsultaProtocolo)
        {
            CheckConsults(sent);
        }

        if (request.Service == SefazService.StatusServico)
        {
            CheckStatus(sent);
        }

        _sent.Add(sent);
        return sent;
    }

    /// <summary>What must hold whenever a run has ended.</summary>
    public void AfterRun()
    {
        long pending = Count(
            """
            SELECT (SELECT count(*) FROM note WHERE state NOT IN (6, 7, 8))
                + (SELECT count(*) FROM source_document WHERE kind = 5 AND replaced_at IS NULL)
            """);
        SqlSession session = _history.Look;
        if (PendingItems.Count(session, _history.Store.Id) != pending)
        {
            _history.Broken("the number of pending items is not what the queue's rows say");
        }

        if (_history.Entered.FirstOrDefault(key => !_byKey.ContainsKey(key)) is { } missing)
        {
            _history.Broken("a note is missing: " + History.Short(missing));
        }

        CheckArchive();
    }

    /// <summary>No file that the queue believes to be in the archive may be missing there.</summary>
    public void CheckArchive()
    {
        SqlSession session = _history.Look;
        foreach (var (key, dhEmi, bytes, protocol, cancellation) in session.Query(
            """
            SELECT n.ch_nfe, n.dh_emi, v.bytes, n.protocol, n.event FROM note n JOIN note_version v USING (version_id)
            WHERE n.archived_at IS NOT NULL
            """,
            row => (row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3), row.Bytes(4))))
        {
            string path = Core.Sync.Archive.PathOf(_history.Store, Core.Notes.AccessKey.Parse(key), DateTimeOffset.Parse(
                dhEmi, System.Globalization.CultureInfo.InvariantCulture));
            byte[]? file = _history.Archive.SyncedBytes(path);
            if (file is null || file.AsSpan().IndexOf(bytes) < 0 || file.AsSpan().IndexOf(protocol) < 0)
            {
                _history.Broken("a note is marked as archived and its file is not on the disk: " + History.Short(key));
            }

            if (cancellation is not null
                && _history.Archive.SyncedBytes(path.Replace("-procNFe.xml", "-procEventoNFe.xml", StringComparison.Ordinal)) is null)
            {
                _history.Broken("a cancelled note is marked as archived and its event is not on the disk: " + History.Short(key));
            }
        }
    }

    /// <summary>The faults are over and the runs have had their chance: every note must have come to a true end.</summary>
    public void AtTheEnd()
    {
        AfterRun();
        if (_history.Sefaz.Authorisations.FirstOrDefault(note => note.Value > 1).Key is { } twice)
        {
            _history.Broken("authorised twice: " + History.Short(twice));
        }

        foreach (Row row in _byKey.Values)
        {
            if (!HasTrueReason(row))
            {
                _history.Broken(
                    $"{History.Short(row.Key)} ended as {row.State} (cStat {row.CStat}, {row.ReasonId}) without a true reason");
            }

            _world.Tally.Count("end: " + row.State);
        }

        SqlSession session = _history.Look;
        foreach (var (key, digVal, bytes) in session.Query(
            "SELECT ch_nfe, digest_value, bytes FROM note_version",
            row => (row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2))))
        {
            if (!NotePool.Notes.SelectMany(versions => versions).Any(
                version => version.Key == key && version.DigVal == digVal && version.Bytes.AsSpan().SequenceEqual(bytes)))
            {
                _history.Broken("the queue's bytes are not the bytes that were read: " + History.Short(key));
            }
        }
    }

    public bool AllAtRest => _byKey.Values.All(row =>
        row.State is not (NoteState.Pending or NoteState.Transmitting or NoteState.Uncertain)
        && (row.Archived || row.State is NoteState.Rejected or NoteState.Conflict || !HasProtocol(row)));

    public string StillOpen => string.Join(
        ", ", _byKey.Values.Select(row => $"{History.Short(row.Key)} {row.State} ({row.CStat} {row.ReasonId}, archived {row.Archived})"));

    public void Dispose()
    {
        foreach (SqliteCommand command in new[] { _notes, _attempts, _lease, _blocks, _attempt, _contents })
        {
            command.Dispose();
        }
    }

    private bool HasProtocol(Row row) => Count("SELECT count(*) FROM note WHERE protocol IS NOT NULL AND note_id = $1", row.Id) == 1;

    private bool HasTrueReason(Row row)
    {
        Registered? held = _history.Sefaz.Find(row.Key);
        Nature nature = _history.Sefaz.NatureOf(row.DigVal);
        return row.State switch
        {
            NoteState.Authorized => held is not null && held.DigVal == row.DigVal && held.CStat != 302,
            NoteState.Cancelled => held is { Cancelled: true } && held.DigVal == row.DigVal,
            NoteState.Denied => held is { CStat: 302 } && held.DigVal == row.DigVal,
            NoteState.Rejected => held?.DigVal != row.DigVal
                && (nature is Nature.Content or Nature.UnknownRejection || WasRefused(row, 464, 3) || WasRefused(row, 280, 10)),
            NoteState.Conflict when _proven.Contains(row.Key) && !_misled.Contains(row.Key) =>
                held is null || held.FoundFrom > held.At || (held.Cancelled && _history.Sefaz.HidesDigVal.Contains(row.Key)),
            NoteState.Conflict => _doubtful.Contains(row.Key)
                || (held is not null && (held.DigVal != row.DigVal || held.FoundFrom > held.At))
                || nature is Nature.OtherNumberHolder or Nature.OtherCode
                || _history.Sefaz.TooOld.Contains(row.Key)
                || _history.Sefaz.HidesDigVal.Contains(row.Key),
            _ => false,
        };
    }

    private bool WasRefused(Row row, int cStat, int times) => Count(
        "SELECT count(*) FROM attempt WHERE note_id = $1 AND version_id = $2 AND service IN (0, 1) AND outcome = 3 AND c_stat = $3",
        row.Id,
        row.VersionId,
        cStat) >= times;

    private bool ReadNotes()
    {
        bool changed = false;
        using SqliteDataReader reader = _notes.ExecuteReader();
        while (reader.Read())
        {
            var row = new Row(
                reader.GetInt64(0),
                reader.GetString(1),
                (NoteState)reader.GetInt32(2),
                reader.GetInt64(3),
                reader.GetString(4),
                reader.GetBoolean(5),
                reader.GetBoolean(6),
                reader.Int(7),
                reader.Text(8),
                reader.GetInt64(9));
            if (_rows.TryGetValue(row.Id, out Row? before) && before == row)
            {
                continue;
            }

            changed = true;
            _rows[row.Id] = row;
            _byKey[row.Key] = row;
            OnChange(before, row);
        }

        return changed;
    }

    private void OnChange(Row? before, Row row)
    {
        if (before?.State != row.State || before.VersionId != row.VersionId)
        {
            string from = before?.State.ToString() ?? "new";
            _world.Tally.Count($"transition: {from} -> {row.State}{(before is not null && before.VersionId != row.VersionId ? " (corrected)" : null)}");
            _world.Note($"{History.Short(row.Key)}: {from} -> {row.State} ({row.CStat} {row.ReasonId})");
        }

        if (before?.State is { } state && state.IsFinal() && (state != row.State || before.DigVal != row.DigVal))
        {
            _history.Broken($"{History.Short(row.Key)} was {state} and is {row.State}");
        }

        if (before?.State != row.State && (row.State.IsFinal() || row.State == NoteState.Rejected) && !HasTrueReason(row))
        {
            _history.Broken($"{History.Short(row.Key)} is called {row.State} (cStat {row.CStat}) and SEFAZ has said nothing of the kind about these bytes");
        }

        if (row.State == NoteState.Authorized && before?.State != NoteState.Authorized)
        {
            CheckProtocol(row);
        }

        if (before is { State: NoteState.Transmitting or NoteState.Uncertain } && before.VersionId != row.VersionId)
        {
            _history.Broken($"{History.Short(row.Key)} got other bytes while SEFAZ's answer about the first is still to come");
        }
    }

    private void CheckProtocol(Row row)
    {
        SqlSession session = _history.Look;
        string protocol = Encoding.UTF8.GetString(session.Scalar<byte[]>("SELECT protocol FROM note WHERE note_id = $1", row.Id) ?? []);
        if (!protocol.Contains("<chNFe>" + row.Key + "<", StringComparison.Ordinal)
            || !protocol.Contains("<digVal>" + row.DigVal + "<", StringComparison.Ordinal))
        {
            _history.Broken($"{History.Short(row.Key)} is authorised by a protocol that is not about its bytes");
        }
    }

    private void ReadLease(SimProcess? by)
    {
        Held held;
        using (SqliteDataReader reader = _lease.ExecuteReader())
        {
            if (!reader.Read())
            {
                return;
            }

            held = new Held(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetBoolean(3));
        }

        if (held == _held)
        {
            return;
        }

        if (held.Token != _held.Token && !_held.Released && _held.Token != 0)
        {
            _world.Tally.Count("lease: taken over");
            SimProcess? loser = _world.Processes.FirstOrDefault(process => process.Name + "@1" == _held.Process && !process.IsOver);
            TimeSpan lived = _world.Now - _heldSince + (_world.JumpedForward - _heldJumps);
            if (loser is not null && lived < Leases.Duration)
            {
                _history.Broken($"{by?.Name} took the lease from {loser.Name}, which lives and renewed it {lived} ago");
            }

            if (loser is not null)
            {
                _world.Tally.Count("lease: taken from a run that lives");
            }
        }
        else if (held.Token != _held.Token)
        {
            _world.Tally.Count("lease: granted");
        }
        else if (!held.Released)
        {
            _world.Tally.Count("lease: renewed");
        }

        _held = held;
        _heldSince = _world.Now;
        _heldJumps = _world.JumpedForward;
    }

    private bool ReadAttempts()
    {
        bool any = false;
        _attempts.Parameters[0].Value = _lastAttempt;
        using SqliteDataReader reader = _attempts.ExecuteReader();
        while (reader.Read())
        {
            any = true;
            _lastAttempt = reader.GetInt64(0);
            if (reader.GetInt64(3) != _held.Token)
            {
                _history.Broken("an attempt was begun with a token that is not the lease's");
            }

            if (reader.Long(1) is { } noteId && reader.GetInt32(2) == 0 && _rows[noteId].HasEvidence)
            {
                _history.Broken($"a transmission of {History.Short(_rows[noteId].Key)} was begun though the ERP's nfeProc is known");
            }
        }

        return any;
    }

    private void ReadBlocks()
    {
        long count;
        using (SqliteDataReader reader = _blocks.ExecuteReader())
        {
            reader.Read();
            count = reader.GetInt64(0);
        }

        if (count != _blockCount)
        {
            _world.Tally.Count("block: written down");
            _blockCount = count;
            _blockedAt = _world.Now;
            _blockedJumps = _world.JumpedForward;
        }
    }

    private long BlockedUntil()
    {
        using SqliteDataReader reader = _blocks.ExecuteReader();
        reader.Read();
        return reader.GetInt64(1);
    }

    private long OpenAttempt(Request request)
    {
        long found = Count(
            """
            SELECT coalesce(max(attempt_id), 0) FROM attempt LEFT JOIN note USING (note_id)
            WHERE outcome = 0 AND service = $1 AND (ch_nfe = $2 OR $2 = '')
            """,
            (int)request.Service,
            request.Key);
        if (found == 0)
        {
            _history.Broken($"a request ({request.Service}) left before it was written down");
        }

        return found;
    }

    private void CheckTransmission(PoolVersion version, Sent sent)
    {
        Row row = _byKey[version.Key];
        var (outcome, service, _) = AttemptOf(sent.AttemptId);
        if (row.State != NoteState.Transmitting || outcome != 0 || service != 0)
        {
            _history.Broken($"{History.Short(row.Key)} is sent while the queue says {row.State} (outcome {outcome})");
        }

        if (row.DigVal != version.DigVal)
        {
            _history.Broken($"{History.Short(row.Key)} is sent with the bytes of another version");
        }

        _contents.Parameters[0].Value = row.Id;
        _contents.Parameters[1].Value = row.VersionId;
        _contents.Parameters[2].Value = (int)Disposition.Content;
        if ((long)_contents.ExecuteScalar()! > 0)
        {
            _history.Broken($"{History.Short(row.Key)} is sent again though its content was rejected");
        }

        Sent? last = _sent.LastOrDefault(other => other.Key == row.Key && other.Service == Asked.Transmission && other.Left);
        if (last is not null && !_sent.Any(other => other.Number >= last.Number && other.Key == row.Key && SaysNotStored(other)))
        {
            _history.Broken($"{History.Short(row.Key)} is sent while uncertain: #{last.Number} had no answer and nobody asked");
        }
    }

    // The answer must have reached the queue too: a run that died with it in its hands knows nothing.
    private bool SaysNotStored(Sent sent) =>
        sent.Delivered is { } cStat
        && (sent.Service == Asked.Consult ? cStat == 217 : NotStored.Contains(cStat))
        && AttemptOf(sent.AttemptId) == (3, (int)sent.Service, cStat);

    private void CheckConsults(Sent sent)
    {
        // What the machine's clock only thinks to have lived through cannot be counted against it.
        int count = _sent.Count(other => other.Key == sent.Key && other.Service == Asked.Consult && other.Left
            && sent.At - other.At + (sent.JumpedForward - other.JumpedForward) < TimeSpan.FromHours(1));
        if (count + 1 > 10)
        {
            _history.Broken($"{History.Short(sent.Key)} is consulted more than ten times within an hour");
        }
    }

    private void CheckStatus(Sent sent)
    {
        // Where the clock was set in between, the machine cannot know how long ago it asked.
        Sent? last = _sent.LastOrDefault(other => other.Service == Asked.Status && other.Left);
        if (last is not null && sent.At - last.At < TimeSpan.FromMinutes(2.99)
            && (sent.Skew, sent.JumpedForward) == (last.Skew, last.JumpedForward))
        {
            _history.Broken($"the service is asked about {sent.At - last.At} after #{last.Number} asked");
        }
    }

    private (int Outcome, int Service, int CStat) AttemptOf(long attemptId)
    {
        _attempt.Parameters[0].Value = attemptId;
        using SqliteDataReader reader = _attempt.ExecuteReader();
        return reader.Read() ? (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2)) : (-1, -1, -1);
    }

    private long Count(string sql, params object[] args)
    {
        using SqliteCommand command = Command(sql);
        for (int i = 0; i < args.Length; i++)
        {
            command.Parameters[i].Value = args[i];
        }

        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Command(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 1; i <= 3 && sql.Contains("$" + i, StringComparison.Ordinal); i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
        }

        return command;
    }

    /// <summary>A note as the queue has it.</summary>
    internal sealed record Row(
        long Id,
        string Key,
        NoteState State,
        long VersionId,
        string DigVal,
        bool Archived,
        bool HasEvidence,
        int? CStat,
        string? ReasonId,
        long ChangedAt);

    private sealed record Held(long Token, string Process, long ExpiresAt, bool Released);
}

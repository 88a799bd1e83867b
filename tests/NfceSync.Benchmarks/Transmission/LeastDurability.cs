using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using Microsoft.Data.Sqlite;

namespace NfceSync.Benchmarks;

/// <summary>
/// The least that durability needs, written by hand: a small row a note, committed and synced before the note is sent and
/// after its answer. Notes in flight share a commit: who comes first writes for all that wait, without changing threads.
/// </summary>
internal sealed class LeastDurability : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly object _gate = new();
    private List<Change> _waiting = [];
    private bool _writing;

    public LeastDurability(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Command("PRAGMA journal_mode = WAL").ExecuteNonQuery();
        Command("PRAGMA synchronous = FULL").ExecuteNonQuery();
        Command("CREATE TABLE note (note_id INTEGER PRIMARY KEY, state INTEGER NOT NULL) STRICT").ExecuteNonQuery();
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command("INSERT INTO note (note_id, state) VALUES ($id, 1)");
        _insert.Parameters.Add(new SqliteParameter("$id", SqliteType.Integer));
        _update = Command("UPDATE note SET state = 2 WHERE note_id = $id");
        _update.Parameters.Add(new SqliteParameter("$id", SqliteType.Integer));
    }

    /// <summary>Writes down that the note is sent, lets it be sent, writes down that it is answered.</summary>
    public async Task AroundAsync(int noteId, Func<Task> send)
    {
        await WriteAsync(_insert, noteId);
        await send();
        await WriteAsync(_update, noteId);
    }

    public void Dispose() => _connection.Dispose();

    private Task WriteAsync(SqliteCommand statement, int noteId)
    {
        var change = new Change(statement, noteId);
        lock (_gate)
        {
            _waiting.Add(change);
            if (_writing)
            {
                return change.Done.Task;
            }

            _writing = true;
        }

        if (WriteWaiting())
        {
            // Others came meanwhile: theirs must not keep this note from being sent.
            _ = Task.Run(() =>
            {
                while (WriteWaiting())
                {
                }
            });
        }

        return change.Done.Task;
    }

    /// <summary>One transaction for all that wait now; whether others came meanwhile.</summary>
    private bool WriteWaiting()
    {
        List<Change> batch;
        lock (_gate)
        {
            batch = _waiting;
            _waiting = [];
        }

        _begin.ExecuteNonQuery();
        foreach (Change change in batch)
        {
            change.Statement.Parameters[0].Value = change.NoteId;
            change.Statement.ExecuteNonQuery();
        }

        _commit.ExecuteNonQuery();
        batch.ForEach(change => change.Done.SetResult());
        lock (_gate)
        {
            return _writing = _waiting.Count > 0;
        }
    }

    private SqliteCommand Command(string sql)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private sealed record Change(SqliteCommand Statement, int NoteId)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

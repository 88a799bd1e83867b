using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using Microsoft.Data.Sqlite;

namespace NfceSync.Core.Queue;

/// <summary>
/// Every write of the queue goes through here. Works that wait at the same time share one transaction and so one sync of
/// the disk; each caller goes on only after that commit has returned. A work that fails is undone alone.
/// </summary>
internal sealed class GroupCommitter : IDisposable
{
    // SQLite's code for a constraint, which undoes its own statement and nothing else: https://sqlite.org/lang_conflict.html
    private const int Constraint = 19;

    private readonly QueueDatabase _database;
    private readonly Action<CrashPoint>? _probe;
    private readonly SqlSession _session;
    private readonly object _gate = new();
    private List<Work> _waiting = new();
    private bool _pumping;

    public GroupCommitter(QueueDatabase database, Action<CrashPoint>? probe)
    {
        _database = database;
        _probe = probe;
        _session = database.Open();
    }

    /// <summary>Does <paramref name="work"/> in a durable transaction and gives back what it returned.</summary>
    /// <param name="work">What to write; it must not wait for anything.</param>
    /// <param name="lease">The lease that must still be held when it is written, or null.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceLeaseLost"/>, or what SQLite's failure means; nothing of the work was kept then.
    /// </exception>
    public async Task<T> CommitAsync<T>(Func<SqlSession, T> work, LeaseGrant? lease = null)
    {
        T result = default!;
        var item = new Work(session => result = work(session), lease);
        lock (_gate)
        {
            _waiting.Add(item);
            if (!_pumping)
            {
                _pumping = true;
                _ = PumpAsync();
            }
        }

        await item.Done.Task;
        return result;
    }

    /// <summary>As <see cref="CommitAsync{T}"/> for callers without anything else to do meanwhile.</summary>
    public T Commit<T>(Func<SqlSession, T> work, LeaseGrant? lease = null) =>
        Task.Run(() => CommitAsync(work, lease)).GetAwaiter().GetResult();

    public void Dispose() => _session.Dispose();

    private async Task PumpAsync()
    {
        while (true)
        {
            // Lets the works that change together arrive before the transaction begins.
            await Task.Yield();
            List<Work> batch;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _pumping = false;
                    return;
                }

                batch = _waiting;
                _waiting = new List<Work>();
            }

            Exception? failure = Write(batch);
            foreach (Work work in batch)
            {
                if ((failure ?? work.Failure) is { } reason)
                {
                    work.Done.TrySetException(reason);
                }
                else
                {
                    work.Done.TrySetResult(true);
                }
            }
        }
    }

    private Exception? Write(List<Work> batch)
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            try
            {
                foreach (Work work in batch)
                {
                    WriteOne(work);
                }

                _probe?.Invoke(CrashPoint.BeforeCommit);
                _session.Execute("COMMIT");
                _probe?.Invoke(CrashPoint.AfterCommit);
                return null;
            }
            catch
            {
                _session.Rollback();
                throw;
            }
        }
        catch (SqliteException e)
        {
            return _database.Explain(e);
        }
#pragma warning disable CA1031 // Whatever it was, the waiting callers must hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private void WriteOne(Work work)
    {
        _session.Execute("SAVEPOINT work");
        try
        {
            work.Lease?.Check(_session);
            work.Do(_session);
        }
        catch (SqliteException e) when (e.SqliteErrorCode != Constraint)
        {
            // SQLite may have ended the whole transaction (disk full, I/O): none of the batch can be kept.
            throw;
        }
#pragma warning disable CA1031 // The failure of one work must not undo its neighbours; its caller hears of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            work.Failure = e is SqliteException refused ? _database.Explain(refused) : e;
            _session.Execute("ROLLBACK TO work");
        }

        _session.Execute("RELEASE work");
    }

    private sealed class Work(Func<SqlSession, object?> work, LeaseGrant? lease)
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LeaseGrant? Lease { get; } = lease;

        public Exception? Failure { get; set; }

        public void Do(SqlSession session) => work(session);
    }
}

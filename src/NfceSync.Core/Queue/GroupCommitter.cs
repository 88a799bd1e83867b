using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.Data.Sqlite;

namespace NfceSync.Core.Queue;

/// <summary>
/// Every write of the queue goes through here. Works that wait at the same time share one transaction and so one sync of
/// the disk; each caller goes on only after that commit has returned. A work that fails is undone alone.
/// </summary>
/// <remarks>
/// Who comes first writes for all that wait, on his own thread: on a machine with two cores the changes of threads cost more
/// than the writing.
/// </remarks>
internal sealed class GroupCommitter : IDisposable
{
    private readonly QueueDatabase _database;
    private readonly Action<CrashPoint>? _probe;
    private readonly SqlSession _session;
    private readonly object _gate = new();
    private List<Work> _waiting = new();
    private bool _writing;

    public GroupCommitter(QueueDatabase database, Action<CrashPoint>? probe)
    {
        _database = database;
        _probe = probe;
        _session = database.Open();
    }

    /// <summary>Does <paramref name="work"/> in a durable transaction and gives back what it returned.</summary>
    /// <param name="work">What to write; it must not wait for anything, and may be done again after it was undone.</param>
    /// <param name="lease">The lease that must still be held when it is written, or null.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceLeaseLost"/>, or what SQLite's failure means; nothing of the work was kept then.
    /// </exception>
    public Task<T> CommitAsync<T>(Func<SqlSession, T> work, LeaseGrant? lease = null)
    {
        Task<T> done = Add(work, lease);
        Flush();
        return done;
    }

    /// <summary>As <see cref="CommitAsync{T}"/>, but written with the next work of anybody, or by <see cref="Flush"/>.</summary>
    /// <param name="work">What to write; it must not wait for anything, and may be done again after it was undone.</param>
    /// <param name="lease">The lease that must still be held when it is written, or null.</param>
    public Task<T> Add<T>(Func<SqlSession, T> work, LeaseGrant? lease)
    {
        var item = new Work<T>(work, lease);
        lock (_gate)
        {
            _waiting.Add(item);
        }

        return item.Done;
    }

    /// <summary>As <see cref="CommitAsync{T}"/> for callers without anything else to do meanwhile.</summary>
    public T Commit<T>(Func<SqlSession, T> work) => CommitAsync(work).GetAwaiter().GetResult();

    /// <summary>Has what waits written now, unless somebody is writing: then he takes it along.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_writing || _waiting.Count == 0)
            {
                return;
            }

            _writing = true;
        }

        if (WriteWaiting())
        {
            // Others came meanwhile: theirs must not keep this caller.
            _ = Task.Run(() =>
            {
                while (WriteWaiting())
                {
                }
            });
        }
    }

    public void Dispose() => _session.Dispose();

    /// <summary>One transaction for all that wait now; whether others came meanwhile.</summary>
    private bool WriteWaiting()
    {
        List<Work> batch;
        lock (_gate)
        {
            batch = _waiting;
            _waiting = new List<Work>();
        }

        while (Write(batch) is { } failure)
        {
            // The failure of one must not undo its neighbours: they are written without it. A failure of the database is
            // everybody's: it would keep each of them waiting as long as it kept all.
            failure.Works.ForEach(work => work.Settle(failure.Reason));
            batch = batch.Except(failure.Works).ToList();
        }

        batch.ForEach(work => work.Settle(null));
        lock (_gate)
        {
            return _writing = _waiting.Count > 0;
        }
    }

    private Failure? Write(List<Work> batch)
    {
        if (batch.Count == 0)
        {
            return null;
        }

        List<Work> concerned = batch;
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            try
            {
                // Once for all of a run: nobody else can take the lease while this transaction holds the write lock.
                foreach (IGrouping<LeaseGrant?, Work> run in batch.GroupBy(work => work.Lease))
                {
                    concerned = run.ToList();
                    run.Key?.Check(_session);
                }

                foreach (Work work in batch)
                {
                    concerned = new List<Work> { work };
                    work.Do(_session);
                }

                concerned = batch;
                _probe?.Invoke(CrashPoint.BeforeCommit);
                _session.Execute("COMMIT");
            }
            catch
            {
                _session.Rollback();
                throw;
            }
        }
        catch (SqliteException e)
        {
            return new Failure(_database.Explain(e), QueueDatabase.IsEverybodys(e) ? batch : concerned);
        }
#pragma warning disable CA1031 // Whatever it was, the waiting callers must hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Failure(e, concerned);
        }

        _probe?.Invoke(CrashPoint.AfterCommit);
        return null;
    }

    private sealed record Failure(Exception Reason, List<Work> Works);

    private abstract class Work
    {
        protected Work(LeaseGrant? lease) => Lease = lease;

        public LeaseGrant? Lease { get; }

        public abstract void Do(SqlSession session);

        public abstract void Settle(Exception? failure);
    }

    private sealed class Work<T> : Work
    {
        private readonly Func<SqlSession, T> _work;
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Work(Func<SqlSession, T> work, LeaseGrant? lease)
            : base(lease) => _work = work;

        public Task<T> Done => _done.Task;

        public override void Do(SqlSession session) => _result = _work(session);

        public override void Settle(Exception? failure)
        {
            if (failure is null)
            {
                _done.SetResult(_result);
            }
            else
            {
                _done.SetException(failure);
            }
        }
    }
}

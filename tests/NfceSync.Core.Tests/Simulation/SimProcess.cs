using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>The simulated process died here; nothing behind it happens.</summary>
internal sealed class SimulatedCrash : Exception;

/// <summary>One process that opens the queue and makes one run. It may die between any two steps, or stand still.</summary>
internal sealed class SimProcess : IDisposable
{
    private readonly World _world;
    private readonly History _history;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _open = new();
    private readonly bool _knowsTheDead;
    private int _stepsToLive;
    private int _stepsToStandStill;
    private int _stepsToStop;
    private CrashPoint? _fatalPoint;
    private int _fatalCount;
    private DateTimeOffset _stoppedAt;
    private bool _stoodStill;

    public SimProcess(History history, string name, ProcessFate fate)
    {
        _history = history;
        _world = history.World;
        Name = name;
        _knowsTheDead = _world.Chance(0.5);
        _stepsToLive = fate.StepsToLive;
        _stepsToStandStill = fate.StepsToStandStill;
        _stepsToStop = fate.StepsToStop;
        _fatalPoint = fate.FatalPoint;
        _fatalCount = fate.FatalCount;
        _world.Add(this);
    }

    public string Name { get; }

    public ProcessScheduler Scheduler { get; } = new();

    public DateTimeOffset PausedUntil { get; private set; }

    public bool Dead { get; private set; }

    public bool Ended { get; private set; }

    public bool IsOver => Dead || Ended;

    public SyncReport? Report { get; private set; }

    public Exception? Failure { get; private set; }

    public void Start(Store store, SyncOptions options) => Scheduler.Start(() => _ = Run(store, options));

    /// <summary>Takes one step, unless this is where the process dies or stands still.</summary>
    public void Step()
    {
        if (--_stepsToLive == 0)
        {
            Die("between two steps");
            return;
        }

        if (--_stepsToStandStill == 0)
        {
            _stoodStill = true;
            PausedUntil = _world.Now + _world.Between(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(20));
            _world.After(PausedUntil - _world.Now, () => { });
            _world.Tally.Count("process: stands still");
            _world.Note($"{Name} stands still until {PausedUntil:HH:mm:ss}");
            return;
        }

        if (--_stepsToStop == 0)
        {
            _stoppedAt = _world.Now;
            _world.Tally.Count("process: stopped by its user");
            _world.Note($"{Name} is stopped by its user");
            Scheduler.Start(_stop.Cancel);
        }

        Scheduler.RunOne(_world.Dice);
    }

    public void Die(string where)
    {
        Dead = true;
        Scheduler.Close();
        _world.Tally.Count("crash: " + where);
        _world.Note($"{Name} dies {where}");
    }

    public void MustLive()
    {
        if (Dead)
        {
            throw new SimulatedCrash();
        }
    }

    /// <summary>Proves that the code that runs is under the seed's control.</summary>
    public void MustBeInside()
    {
        if (TaskScheduler.Current != Scheduler)
        {
            _history.Broken("a step of the core escaped to another scheduler: the simulation would not be deterministic");
        }
    }

    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        _stop.Dispose();
    }

    public void Probe(CrashPoint point)
    {
        MustLive();
        MustBeInside();
        _world.Tally.Count("point: " + point);
        if (point == _fatalPoint && --_fatalCount == 0)
        {
            if (point == CrashPoint.AfterCommit)
            {
                _history.Checker.AfterCommit(this);
            }

            Die("at " + point);
            throw new SimulatedCrash();
        }

        if (point == CrashPoint.AfterCommit)
        {
            _history.Checker.AfterCommit(this);
        }
    }

    private async Task Run(Store store, SyncOptions options)
    {
        try
        {
            NfceQueue queue = NfceQueue.Open(new QueueOptions
            {
                MemoryDataSource = _history.DataSource,
                Clock = new SimClock(_world, this),
                Identity = new Identity(this),
                Probe = Probe,
            });
            _open.Add(queue);
            var run = new SyncRun(
                queue, store, new SimWire(_history, this), NotePool.Issuer, options, new Listener(_world, this), _history.Archive.For(this));
            _open.Insert(0, run);
            Report = await run.RunAsync(null, _stop.Token);
        }
#pragma warning disable CA1031 // Whatever it was, the history judges it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure = e;
        }

        if (Dead)
        {
            return;
        }

        Ended = true;
        Dispose();
        string how = Failure is NfceSyncException refused ? refused.ErrorId
            : Failure is not null ? Failure.GetType().Name
            : Report!.Stop?.ErrorId ?? "to its end";
        _world.Tally.Count("run: " + how);
        _world.Note($"{Name} ended: {how}");
        if (Failure is not null and not NfceSyncException { ErrorId: ErrorIds.NfceSyncAlreadyRunning } and not OperationCanceledException)
        {
            _history.Broken("a run failed: " + Failure);
        }

        if (_stoppedAt != default && !_stoodStill && _world.Now - _stoppedAt > TimeSpan.FromSeconds(5))
        {
            _history.Broken($"a stopped run took {_world.Now - _stoppedAt} to end");
        }

        _history.Checker.AfterRun();
    }

    private sealed class Identity(SimProcess process) : RunIdentity
    {
        public override string Owner => "sim";

        public override string Machine => "SIM";

        public override string Process => process.Name + "@1";

        // Sometimes the operating system can tell (same user, same machine), sometimes it cannot.
        public override bool IsDead(string machine, string name) =>
            process._knowsTheDead && process._world.Processes.All(other => other.Name + "@1" != name || other.IsOver);
    }

    private sealed class Listener(World world, SimProcess process) : ISyncListener
    {
        public void Decided(SyncResult result)
        {
        }

        public void Progress(int done, int total)
        {
        }

        public void Tell(string text)
        {
        }

        public void Warn(NfceSyncException problem)
        {
            process.MustBeInside();
            world.Tally.Count("warning: " + problem.ErrorId);
        }
    }
}

/// <summary>What the seed has in store for a process; 0: nothing of the kind.</summary>
internal sealed record ProcessFate(int StepsToLive, int StepsToStandStill, int StepsToStop, CrashPoint? FatalPoint, int FatalCount)
{
    public static ProcessFate Undisturbed { get; } = new(0, 0, 0, null, 0);
}

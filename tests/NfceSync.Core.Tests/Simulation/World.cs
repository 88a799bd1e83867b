using System;
using System.Collections.Generic;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>
/// Time, chance and the order of everything. One seed fixes all three, and one thread does all the work: what the world runs
/// is one step of one simulated process, or one event, at a time.
/// </summary>
internal sealed class World
{
    private const int MostSteps = 400_000;

    private readonly PriorityQueue<Event, (long Ticks, int Tie, long Number)> _events = new();
    private readonly List<SimProcess> _processes = new();
    private readonly List<SimProcess> _able = new();
    private readonly DateTimeOffset _start;
    private long _number;
    private int _steps;

    public World(int seed, DateTimeOffset start, Tally tally)
    {
        Dice = new Random(seed);
        Now = _start = start;
        Tally = tally;
    }

    /// <summary>SEFAZ's time: it never jumps.</summary>
    public DateTimeOffset Now { get; private set; }

    public Random Dice { get; }

    public Tally Tally { get; }

    /// <summary>What happened, in order; what a failing seed shows.</summary>
    public List<string> Trace { get; } = new();

    public bool Tracing { get; init; }

    /// <summary>How far the machine's wall clock is from SEFAZ's.</summary>
    public TimeSpan Skew { get; private set; }

    /// <summary>The sum of all jumps forward: what the machine's clock only thinks to have lived through.</summary>
    public TimeSpan JumpedForward { get; private set; }

    public DateTimeOffset WallNow => Now + Skew;

    public IReadOnlyList<SimProcess> Processes => _processes;

    public bool Chance(double probability) => Dice.NextDouble() < probability;

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + (most - least) * Dice.NextDouble();

    public void Note(string text)
    {
        if (Tracing)
        {
            Trace.Add($"{(Now - _start).TotalSeconds,10:F2} s  {text}");
        }
    }

    public void Add(SimProcess process) => _processes.Add(process);

    /// <summary>Lets something happen later; what belongs to a process happens only while that lives and moves.</summary>
    public Event After(TimeSpan delay, Action act, SimProcess? owner = null)
    {
        var entry = new Event(act, owner);
        Enqueue(entry, Now + (delay < TimeSpan.Zero ? TimeSpan.Zero : delay));
        return entry;
    }

    public void JumpClock(TimeSpan by)
    {
        Skew += by;
        JumpedForward += by > TimeSpan.Zero ? by : TimeSpan.Zero;
        Tally.Count(by > TimeSpan.Zero ? "world: clock jumps forward" : "world: clock jumps back");
        Note($"clock jumps by {by}");
    }

    public void RightClock()
    {
        if (Skew != TimeSpan.Zero)
        {
            JumpClock(-Skew);
        }
    }

    /// <summary>Goes on until <paramref name="done"/>, or until nothing can happen any more.</summary>
    public void RunUntil(Func<bool> done)
    {
        while (!done())
        {
            if (++_steps > MostSteps)
            {
                throw new InvariantBroken("the history does not end: too many steps");
            }

            if (!Step())
            {
                return;
            }
        }
    }

    private bool Step()
    {
        _able.Clear();
        for (int i = _processes.Count - 1; i >= 0; i--)
        {
            if (_processes[i].IsOver)
            {
                _processes.RemoveAt(i);
            }
            else if (_processes[i].PausedUntil <= Now && _processes[i].Scheduler.HasWork)
            {
                _able.Add(_processes[i]);
            }
        }

        bool due = _events.TryPeek(out _, out var first) && first.Ticks <= Now.UtcTicks;
        if (_able.Count > 0 && !(due && Chance(0.5)))
        {
            _able[Dice.Next(_able.Count)].Step();
            return true;
        }

        if (!_events.TryDequeue(out Event? next, out var when))
        {
            return false;
        }

        if (when.Ticks > Now.UtcTicks)
        {
            Now = new DateTimeOffset(when.Ticks, TimeSpan.Zero);
        }

        if (next.Owner is { } owner && !next.Cancelled && !owner.IsOver && owner.PausedUntil > Now)
        {
            Enqueue(next, owner.PausedUntil);
            return true;
        }

        if (!next.Cancelled && next.Owner is not { IsOver: true })
        {
            next.Act();
        }

        return true;
    }

    // Events of the same instant come in the seed's order.
    private void Enqueue(Event entry, DateTimeOffset at) => _events.Enqueue(entry, (at.UtcTicks, Dice.Next(), _number++));

    internal sealed class Event(Action act, SimProcess? owner)
    {
        public Action Act { get; } = act;

        public SimProcess? Owner { get; } = owner;

        public bool Cancelled { get; set; }
    }
}

/// <summary>A rule that must hold in every history did not.</summary>
internal sealed class InvariantBroken(string message) : Exception(message);

/// <summary>Counts what happened, by name.</summary>
internal sealed class Tally
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public void Count(string what, long times = 1) => _counts[what] = _counts.GetValueOrDefault(what) + times;

    public void Add(Tally other)
    {
        foreach (var (what, times) in other._counts)
        {
            Count(what, times);
        }
    }
}

using System;
using System.Threading;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>The clock that a process sees: the wall time may jump, timers and the timestamp go by real time.</summary>
internal sealed class SimClock(World world, SimProcess? owner) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.WallNow;

    public override long GetTimestamp() => world.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(world, owner, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(World world, SimProcess? owner, Action callback) : ITimer
    {
        private World.Event? _next;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Cancel();
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _next = world.After(dueTime, Fire, owner);
            }

            return true;
        }

        public void Dispose() => Cancel();

        public System.Threading.Tasks.ValueTask DisposeAsync()
        {
            Cancel();
            return default;
        }

        private void Cancel()
        {
            if (_next is not null)
            {
                _next.Cancelled = true;
            }
        }

        private void Fire()
        {
            if (_period > TimeSpan.Zero)
            {
                _next = world.After(_period, Fire, owner);
            }

            // On the process's own threads, so that nothing it starts can escape to the real thread pool.
            if (owner is not null)
            {
                owner.Scheduler.Start(callback);
            }
            else
            {
                callback();
            }
        }
    }
}

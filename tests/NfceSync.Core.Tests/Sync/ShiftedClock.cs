using System;

namespace NfceSync.Core.Tests.Sync;

/// <summary>The real clock, put forward or back by a person; timers run as usual.</summary>
internal sealed class ShiftedClock(TimeSpan shift = default) : TimeProvider
{
    public TimeSpan Shift { get; set; } = shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}

using System;

namespace NfceSync.KillStorm;

/// <summary>The machine's clock, so and so far ahead: hours of waiting pass without waiting.</summary>
internal sealed class ChildClock : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}

using System;

namespace NfceSync.Core.Queue;

/// <summary>What a queue is opened with.</summary>
public sealed class QueueOptions
{
    /// <summary>The folder of the database, the protected passwords and the user's overrides; null for the usual one.</summary>
    public string? Home { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The SQLite data source in place of the file in <see cref="Home"/>, unsynced; for the simulation.</summary>
    internal string? MemoryDataSource { get; init; }

    /// <summary>How long another program may hold the database before that is an error, in whole seconds; null for the usual time.</summary>
    internal TimeSpan? BusyTimeout { get; init; }

    /// <summary>Who runs; null for this process.</summary>
    internal RunIdentity? Identity { get; init; }

    /// <summary>Told of every step at which a process may die; must return quickly.</summary>
    internal Action<CrashPoint>? Probe { get; init; }

    /// <summary>As <see cref="Probe"/>, of a repair.</summary>
    internal Action<RepairStep>? RepairProbe { get; init; }
}

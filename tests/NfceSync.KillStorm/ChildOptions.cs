using System;
using System.Collections.Generic;
using System.Globalization;

using NfceSync.Core.Queue;

namespace NfceSync.KillStorm;

/// <summary>What a test asks of the process; both sides share it, so that the command line has one shape.</summary>
internal sealed record ChildOptions
{
    /// <summary>The environment variable with the PFX's password: a command line can be read by anyone.</summary>
    public const string PasswordVariable = "NFCE_STORM_PASSWORD";

    /// <summary>The folder of the queue, in which the store is registered with its PFX and service address.</summary>
    public required string Home { get; init; }

    /// <summary>The store's name.</summary>
    public required string StoreName { get; init; }

    /// <summary>How far the clock is ahead of the machine's.</summary>
    public TimeSpan ClockShift { get; init; }

    /// <summary>How many requests are on the wire at a time.</summary>
    public int ThrottleLimit { get; init; } = 4;

    /// <summary>Whether to wait for a run that holds the lease.</summary>
    public bool Wait { get; init; }

    /// <summary>Where to stand still until killed; null: nowhere.</summary>
    public CrashPoint? HaltAt { get; init; }

    /// <summary>Which passing of <see cref="HaltAt"/> it is, from 1.</summary>
    public int HaltOn { get; init; } = 1;

    public IEnumerable<string> ToArguments() => new[]
    {
        Home,
        StoreName,
        ((long)ClockShift.TotalSeconds).ToString(CultureInfo.InvariantCulture),
        ThrottleLimit.ToString(CultureInfo.InvariantCulture),
        Wait.ToString(),
        HaltAt?.ToString() ?? "-",
        HaltOn.ToString(CultureInfo.InvariantCulture),
    };

    public static ChildOptions Parse(string[] arguments) => new()
    {
        Home = arguments[0],
        StoreName = arguments[1],
        ClockShift = TimeSpan.FromSeconds(long.Parse(arguments[2], CultureInfo.InvariantCulture)),
        ThrottleLimit = int.Parse(arguments[3], CultureInfo.InvariantCulture),
        Wait = bool.Parse(arguments[4]),
        HaltAt = arguments[5] == "-" ? null : Enum.Parse<CrashPoint>(arguments[5]),
        HaltOn = int.Parse(arguments[6], CultureInfo.InvariantCulture),
    };
}

/// <summary>How the process ended where it was not killed.</summary>
internal static class ChildExit
{
    /// <summary>The store is proven complete.</summary>
    public const int Complete = 0;

    /// <summary>Something is left that must wait or that a person must look at.</summary>
    public const int Left = 3;

    /// <summary>An error ended it; its mark tells which.</summary>
    public const int Failed = 4;
}

using System;
using System.Linq;

using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>What a rebuilding of the queue brought together.</summary>
public sealed class NfceQueueRepair
{
    internal NfceQueueRepair(RepairReport report)
    {
        DamagedPath = report.DamagedPath;
        Stores = report.Stores.ToArray();
        FromDamaged = report.FromDamaged;
        FromArchive = report.FromArchive;
        FromSource = report.FromSource;
        HeldUntil = report.HeldUntil?.ToLocalTime();
        string next = PowerShellTexts.Get(Stores.Length == 0 ? "RepairRegisterAgain" : "RepairNext");
        Guidance = HeldUntil is { } until ? next + " " + PowerShellTexts.Get("RepairHeld", until) : next;
    }

    /// <summary>Where the damaged database is kept.</summary>
    public string DamagedPath { get; }

    /// <summary>The stores that could be read from it; others have to be registered again.</summary>
    public string[] Stores { get; }

    /// <summary>How many notes came out of the damaged database.</summary>
    public int FromDamaged { get; }

    /// <summary>How many authorised notes came out of the archives.</summary>
    public int FromArchive { get; }

    /// <summary>How many notes came out of the source folders.</summary>
    public int FromSource { get; }

    /// <summary>Until when nothing is sent, since SEFAZ's limits could not be read; null: all that counts was read.</summary>
    public DateTimeOffset? HeldUntil { get; }

    /// <summary>What to do next, in the user's language.</summary>
    public string Guidance { get; }
}

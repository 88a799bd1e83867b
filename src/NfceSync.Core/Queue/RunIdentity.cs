using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace NfceSync.Core.Queue;

/// <summary>Who runs: what a second run is told about the first, and how it tells that the first is dead.</summary>
internal class RunIdentity
{
    // The start time of a process is computed from the boot time on Linux and differs by some milliseconds between readers.
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(2);

    /// <summary>The user.</summary>
    public virtual string Owner => Environment.UserName;

    /// <summary>The machine.</summary>
    public virtual string Machine => Environment.MachineName;

    /// <summary>The process: its id and start time, since ids are used again.</summary>
    public virtual string Process
    {
        get
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            return Name(self);
        }
    }

    /// <summary>Whether that process has certainly ended: on this machine, and no process of that id and start time is there.</summary>
    public virtual bool IsDead(string machine, string process)
    {
        if (machine != Machine)
        {
            return false;
        }

        string[] parts = process.Split('@');
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(int.Parse(parts[0], CultureInfo.InvariantCulture));
            var started = new DateTime(long.Parse(parts[1], CultureInfo.InvariantCulture), DateTimeKind.Utc);
            return (found.StartTime.ToUniversalTime() - started).Duration() > StartTolerance;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            // Another user's process cannot be asked: it may well be alive.
            return false;
        }
    }

    private static string Name(Process process) => string.Format(
        CultureInfo.InvariantCulture, "{0}@{1}", process.Id, process.StartTime.ToUniversalTime().Ticks);
}

using System;
using System.ComponentModel;
using System.Globalization;
using System.IO;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>Who runs: what a second run is told about the first, and how it tells that the first is dead.</summary>
internal class RunIdentity
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    // Start times differ by some milliseconds between readers.
    private static readonly TimeSpan StartTolerance = TimeSpan.FromSeconds(2);

    /// <summary>The user.</summary>
    public virtual string Owner => Environment.UserName;

    /// <summary>The machine.</summary>
    public virtual string Machine => Environment.MachineName;

    /// <summary>
    /// The process: its id and, since ids are used again, when it started. On Linux in the kernel's ticks since a boot, with
    /// that boot's id: a start time there is counted from the wall clock and moves when it is put right.
    /// </summary>
    public virtual string Process
    {
        get
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            return BootId() is { } boot && StartTicks(self.Id) is { } ticks
                ? string.Format(CultureInfo.InvariantCulture, "{0}@{1}@{2}", self.Id, ticks, boot)
                : string.Format(CultureInfo.InvariantCulture, "{0}@{1}", self.Id, self.StartTime.ToUniversalTime().Ticks);
        }
    }

    /// <summary>
    /// Whether that process has certainly ended: on this machine, and no process of that id and start is there. One that cannot
    /// be told is alive.
    /// </summary>
    public virtual bool IsDead(string machine, string process)
    {
        string[] parts = process.Split('@');
        if (machine != Machine || parts.Length < 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long start))
        {
            return false;
        }

        if (parts.Length == 3)
        {
            return BootId() is { } boot && (boot != parts[2] || HasEnded(id) || (StartTicks(id) is { } ticks && ticks != start));
        }

        // Of a build before the ticks were kept, where there are ticks: its start time says nothing there.
        return Platform.IsLinux ? HasEnded(id) : HasEnded(id) || StartedAtOtherTime(id, new DateTime(start, DateTimeKind.Utc));
    }

    /// <summary>
    /// Field 22 of <c>/proc/[pid]/stat</c> (proc_pid_stat(5)); null where there is none or it is hidden (hidepid). The
    /// program's name, field 2, may itself hold blanks and parentheses.
    /// </summary>
    private static long? StartTicks(int id)
    {
        const int FieldsBehindTheName = 20;
        string? stat = ReadText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
        string[]? fields = stat?.Substring(stat.LastIndexOf(')') + 1).Split(' ');
        return fields?.Length > FieldsBehindTheName
            && long.TryParse(fields[FieldsBehindTheName], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks)
                ? ticks
                : null;
    }

    private static string? BootId() => ReadText(BootIdPath)?.Trim();

    private static string? ReadText(string path)
    {
        try
        {
            return Platform.IsLinux ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool HasEnded(int id)
    {
        try
        {
            System.Diagnostics.Process.GetProcessById(id).Dispose();
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static bool StartedAtOtherTime(int id, DateTime start)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(id);
            return (found.StartTime.ToUniversalTime() - start).Duration() > StartTolerance;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or ArgumentException)
        {
            // Another user's process cannot be asked: it may well be alive.
            return false;
        }
    }
}

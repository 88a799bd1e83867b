using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>
/// The files of a repair. The damaged ones stay where they are until the new queue is whole and on the disk; a marker lies
/// beside them from the first step to the last, and as long as it is there nobody opens the queue. So a repair that was
/// killed is begun anew from what was kept, at whatever step that was.
/// </summary>
internal sealed class RepairFiles
{
    private const string MarkerName = QueueHome.FileName + ".repairing";

    private static readonly string[] Logs = { "-wal", "-shm" };

    private readonly string _home;
    private readonly string _database;
    private readonly string _marker;
    private readonly Action<string> _syncFolder;

    public RepairFiles(string home, Action<string> syncFolder)
    {
        _home = home;
        _database = Path.Combine(home, QueueHome.FileName);
        _marker = Path.Combine(home, MarkerName);
        _syncFolder = syncFolder;
    }

    /// <summary>Where the damaged database is kept.</summary>
    public string DamagedPath { get; private set; } = string.Empty;

    /// <summary>Where the new database is built.</summary>
    public string BuildPath => _database + ".rebuilding";

    /// <summary>Whether a repair was begun there and has not come to its end.</summary>
    public static bool IsUnfinished(string home) => File.Exists(Path.Combine(home, MarkerName));

    /// <summary>Marks the repair as begun, or goes on with one that was.</summary>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceQueueNotDamaged"/>, or what a file's failure means.</exception>
    public void Begin(DateTimeOffset now)
    {
        if (!IsUnfinished(_home) && (!File.Exists(_database) || QueueDatabase.FindDamage(_database) is null))
        {
            throw new NfceSyncException(ErrorIds.NfceQueueNotDamaged, NfceErrorCategory.InvalidOperation, _database, _database);
        }

        Guard(() =>
        {
            string name = File.Exists(_marker) ? File.ReadAllText(_marker) : string.Empty;
            if (name.Length == 0)
            {
                // New, or killed before the name was written and so before anything was copied.
                name = UnusedName(now);
                File.Delete(_marker);
                SecretFiles.Write(_marker, Encoding.ASCII.GetBytes(name));
                _syncFolder(_home);
            }

            DamagedPath = Path.Combine(_home, name);
        });
    }

    /// <summary>Copies the damaged database, its name last: where that is, the copy is whole.</summary>
    /// <exception cref="NfceSyncException">What a file's failure means.</exception>
    public void Keep() => Guard(() =>
    {
        if (File.Exists(DamagedPath))
        {
            return;
        }

        foreach (string log in Logs.Where(log => File.Exists(_database + log)))
        {
            File.Delete(DamagedPath + log);
            SecretFiles.Copy(_database + log, DamagedPath + log);
        }

        string draft = DamagedPath + ".tmp";
        File.Delete(draft);
        SecretFiles.Copy(_database, draft);
        File.Move(draft, DamagedPath);
        _syncFolder(_home);
    });

    /// <summary>Forgets what an earlier attempt has built.</summary>
    /// <exception cref="NfceSyncException">What a file's failure means.</exception>
    public void ClearBuild() => Guard(() => DeleteAll(BuildPath));

    /// <summary>Makes sure that the new database is one file and on the disk.</summary>
    /// <exception cref="NfceSyncException">What a file's failure means.</exception>
    public void SyncBuild() => Guard(() =>
    {
        if (Logs.Any(log => new FileInfo(BuildPath + log) is { Exists: true, Length: > 0 }))
        {
            throw new IOException(BuildPath + Logs[0]);
        }

        DeleteLogs(BuildPath);
        using (var file = new FileStream(BuildPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            file.Flush(flushToDisk: true);
        }

        _syncFolder(_home);
    });

    /// <summary>
    /// Puts the new database in the place of the damaged one. The old log goes first: SQLite would take it for that of the
    /// new file.
    /// </summary>
    /// <exception cref="NfceSyncException">What a file's failure means.</exception>
    public void Swap(Action<RepairStep> probe) => Guard(() =>
    {
        DeleteLogs(_database);
        _syncFolder(_home);
        probe(RepairStep.LogsDeleted);
        if (File.Exists(_database))
        {
            File.Replace(BuildPath, _database, null);
        }
        else
        {
            File.Move(BuildPath, _database);
        }

        _syncFolder(_home);
        probe(RepairStep.Swapped);
        File.Delete(_marker);
        _syncFolder(_home);
    });

    private string UnusedName(DateTimeOffset now)
    {
        while (true)
        {
            string name = QueueHome.FileName + ".damaged-" + now.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
            if (!File.Exists(Path.Combine(_home, name)))
            {
                return name;
            }

            // The clock was put back since the queue was damaged before.
            now = now.AddMilliseconds(1);
        }
    }

    private static void DeleteAll(string database)
    {
        File.Delete(database);
        DeleteLogs(database);
    }

    private static void DeleteLogs(string database)
    {
        foreach (string log in Logs)
        {
            File.Delete(database + log);
        }
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Explain(e, _database);
        }
    }
}

using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>
/// Who has the queue open: every open queue shares the lock of a file beside the database, and a repair has it alone. SQLite's
/// own locks would go with the file that the repair puts another in the place of.
/// </summary>
internal sealed class QueueLock : IDisposable
{
    /// <summary>The lock file's name in the queue's home.</summary>
    public const string FileName = "nfcesync.lock";

    private static readonly TimeSpan AskAgainEvery = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private QueueLock(FileStream file) => _file = file;

    /// <summary>
    /// Holds repairs off, together with all others that have the queue open. Null where no lock file can be made: who cannot
    /// write into the folder does not write to the queue either.
    /// </summary>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceQueueLocked"/>: a repair is at work; <see cref="ErrorIds.NfceQueueUnavailable"/>.
    /// </exception>
    public static QueueLock? Share(string home, TimeSpan patience)
    {
        string path = Path.Combine(home, FileName);
        string database = Path.Combine(home, QueueHome.FileName);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return Make(path) ? new QueueLock(Open(path, FileShare.Read)) : null;
            }
            catch (IOException e) when (FileFailure.IsInUse(e))
            {
                if (waited.Elapsed >= patience)
                {
                    throw new NfceSyncException(e, ErrorIds.NfceQueueLocked, NfceErrorCategory.ResourceBusy, database, database);
                }

                // A file's lock tells nobody when it is free.
                Thread.Sleep(AskAgainEvery);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw FileFailure.Explain(e, database);
            }
        }
    }

    /// <summary>Has the queue alone.</summary>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceQueueInUse"/>: it is open; <see cref="ErrorIds.NfceQueueUnavailable"/>.
    /// </exception>
    public static QueueLock Take(string home)
    {
        string path = Path.Combine(home, FileName);
        try
        {
            Make(path);
            return new QueueLock(Open(path, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Explain(e, Path.Combine(home, QueueHome.FileName));
        }
    }

    public void Dispose() => _file.Dispose();

    // Off Windows .NET makes an advisory lock of it (flock), shared or exclusive by what is shared.
    private static FileStream Open(string path, FileShare share) => new(path, FileMode.Open, FileAccess.Read, share, bufferSize: 1);

    private static bool Make(string path)
    {
        if (File.Exists(path))
        {
            return true;
        }

        try
        {
            SecretFiles.Write(path, Array.Empty<byte>());
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process may have just made it.
            return File.Exists(path);
        }
    }
}

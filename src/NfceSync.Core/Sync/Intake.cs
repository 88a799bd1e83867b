using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What a look into the source folders found.</summary>
public sealed record IntakeReport
{
    /// <summary>How many files were there.</summary>
    public int FilesSeen { get; init; }

    /// <summary>How many of them were new or changed and so were read.</summary>
    public int FilesRead { get; init; }

    /// <summary>How many notes, or corrections of notes, are new.</summary>
    public int NewNotes { get; init; }

    /// <summary>Folders that could not be looked into: as long as there is one, nothing is proven complete.</summary>
    public IReadOnlyList<NfceSyncException> Problems { get; init; } = Array.Empty<NfceSyncException>();
}

/// <summary>
/// Takes a store's source folders into the queue. No network, no lease; doing it again changes nothing. The files are only
/// read: never changed, moved or deleted.
/// </summary>
public sealed class Intake
{
    private const int FilesPerCommit = 256;

    // How many batches are read before the one that is being written is on the disk.
    private const int BatchesAhead = 2;

    // A file system lists in any order; in that of their names neighbours share the pages of the queue's indexes.
    private const int FilesSorted = 4096;

    // How many files a thread asks the system about at a time.
    private const int FilesStamped = 512;

    /// <summary>A size that no file has: the file counts as changed at the next look.</summary>
    private const long ReadAgain = -1;

    // A file written this recently may change again without its time changing: it is read again next time.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly NfceQueue _queue;
    private readonly Store _store;
    private readonly List<NfceSyncException> _problems = new();
    private int _filesSeen;
    private int _filesRead;
    private int _newNotes;

    /// <summary>Prepares the look into the folders of <paramref name="store"/>.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The registered store.</param>
    public Intake(NfceQueue queue, Store store)
    {
        _queue = queue;
        _store = store;
    }

    /// <summary>Takes in what is new or changed.</summary>
    /// <param name="cancel">Stops between files; what was taken in stays.</param>
    /// <exception cref="NfceSyncException">The queue cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<IntakeReport> TakeInAsync(CancellationToken cancel)
    {
        var arrivals = new Arrivals(_store, _queue.Stores.All(), _queue.Deadlines, _queue.Database.Guard(MayBeSentUntil));
        Task<Dictionary<string, (long Size, long ModifiedAt)>> known = Task.Run(() => _queue.Database.Guard(ReadKnownFiles), cancel);
        var reading = new Queue<Task<FoundFile?[]>>();
        Task read = Task.CompletedTask;
        Task<int> entered = Task.FromResult(0);
        foreach (FileInfo[] batch in Batches(known))
        {
            cancel.ThrowIfCancellationRequested();
            Task<FoundFile?[]> next = ReadAsync(read, batch, cancel);
            reading.Enqueue(next);
            read = next;
            if (reading.Count > BatchesAhead)
            {
                entered = await EnterNextAsync(arrivals, reading, entered);
            }
        }

        while (reading.Count > 0)
        {
            entered = await EnterNextAsync(arrivals, reading, entered);
        }

        _newNotes += await entered;

        // Asked for by nobody where there are no files: it must not have the queue open still when that is closed.
        await known;
        return new IntakeReport { FilesSeen = _filesSeen, FilesRead = _filesRead, NewNotes = _newNotes, Problems = _problems };
    }

    /// <summary>Begins to write the batch that was read first, once the one before it is on the disk.</summary>
    private async Task<Task<int>> EnterNextAsync(Arrivals arrivals, Queue<Task<FoundFile?[]>> reading, Task<int> entered)
    {
        FoundFile?[] found = await reading.Dequeue();
        _newNotes += await entered;
        DateTimeOffset now = _queue.Clock.GetUtcNow();
        return Task.Run(() => _queue.Committer.CommitAsync(
            session => found.Sum(file => file is null ? 0 : arrivals.Enter(session, file, now))));
    }

    private DateTimeOffset? MayBeSentUntil()
    {
        using SqlSession session = _queue.Database.Open(readOnly: true);
        return Repairs.MayHaveSentUntil(session);
    }

    private Dictionary<string, (long Size, long ModifiedAt)> ReadKnownFiles()
    {
        using SqlSession session = _queue.Database.Open(readOnly: true);
        long files = session.Scalar<long>("SELECT count(*) FROM source_file WHERE store_id = $1", _store.Id);
        var known = new Dictionary<string, (long, long)>((int)files, StringComparer.Ordinal);
        foreach ((string path, long size, long modifiedAt) in session.Query(
            "SELECT path, size, modified_at FROM source_file WHERE store_id = $1",
            row => (row.GetString(0), row.GetInt64(1), row.GetInt64(2)),
            _store.Id))
        {
            known[path] = (size, modifiedAt);
        }

        foreach (string path in session.Query(
            $"""
            SELECT path FROM source_file WHERE +store_id = $1 AND file_id IN (
                SELECT file_id FROM source_document WHERE replaced_at IS NULL AND reason_id IN ({Arrivals.PassingReasonsSql}))
            """,
            row => row.GetString(0),
            _store.Id))
        {
            known.Remove(path);
        }

        return known;
    }

    private IEnumerable<FileInfo[]> Batches(Task<Dictionary<string, (long Size, long ModifiedAt)>> known)
    {
        foreach ((FileInfo File, (long, long)? Stamp)[][] some in Stamped().Chunk(FilesSorted / FilesStamped))
        {
            Dictionary<string, (long Size, long ModifiedAt)> before = known.GetAwaiter().GetResult();
            FileInfo[] newOrChanged = some
                .SelectMany(stamped => stamped)
                .Where(found => !before.TryGetValue(found.File.FullName, out var seen) || seen != found.Stamp)
                .Select(found => found.File)
                .ToArray();
            _filesSeen += some.Sum(stamped => stamped.Length);
            _filesRead += newOrChanged.Length;
            foreach (FileInfo[] batch in newOrChanged.OrderBy(file => file.FullName, StringComparer.Ordinal).Chunk(FilesPerCommit))
            {
                yield return batch;
            }
        }
    }

    /// <summary>The files with their sizes and times, for which the system is asked while the listing goes on.</summary>
    private IEnumerable<(FileInfo File, (long, long)? Stamp)[]> Stamped()
    {
        var asked = new Queue<Task<(FileInfo, (long, long)?)[]>>();
        foreach (FileInfo[] some in _store.Sources.SelectMany(folder => SourceListing.Files(folder, _problems.Add)).Chunk(FilesStamped))
        {
            asked.Enqueue(Task.Run(() => Array.ConvertAll(some, file => (file, StampOf(file)))));
            if (asked.Count > FilesSorted / FilesStamped)
            {
                yield return asked.Dequeue().GetAwaiter().GetResult();
            }
        }

        while (asked.Count > 0)
        {
            yield return asked.Dequeue().GetAwaiter().GetResult();
        }
    }

    /// <summary>Size and modification time; null where they cannot be had, and why shows when the file is read.</summary>
    private static (long Size, long ModifiedAt)? StampOf(FileInfo file)
    {
        try
        {
            return (file.Length, file.LastWriteTimeUtc.Ticks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<FoundFile?[]> ReadAsync(Task before, FileInfo[] batch, CancellationToken cancel)
    {
        await before;
        return await Task.Run(() => ReadInParallel(batch, cancel), cancel);
    }

    private FoundFile?[] ReadInParallel(FileInfo[] batch, CancellationToken cancel)
    {
        var found = new FoundFile?[batch.Length];
        Parallel.For(0, batch.Length, Readers(cancel), i => found[i] = Read(batch[i]));
        return found;
    }

    // One core is left to the writing, which the readers would otherwise keep waiting.
    private static ParallelOptions Readers(CancellationToken cancel) =>
        new() { CancellationToken = cancel, MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount - 1) };

    // A link that leads nowhere is there, and nothing tells what was behind it.
    private static bool IsGone(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
    }

    private FoundFile? Read(FileInfo file)
    {
        DateTime modified = default;
        try
        {
            // Taken before the bytes are read: a change during the reading shows as one next time.
            long size = file.Length;
            modified = file.LastWriteTimeUtc;
            bool settled = _queue.Clock.GetUtcNow().UtcDateTime - modified > Settled;

            // Without a size it may be a pipe, and to open one waits for its other end.
            IReadOnlyList<SourceDocument> documents = size == 0
                ? NoteReader.Read(ReadOnlyMemory<byte>.Empty, file.FullName)
                : NoteReader.ReadFile(file.FullName);
            byte[]? kept = documents.Any(document => document.Kind == DocumentKind.Quarantined) && size is > 0 and <= NoteReader.MaxNoteBytes
                ? File.ReadAllBytes(file.FullName)
                : null;
            return new FoundFile(file.FullName, settled ? size : ReadAgain, modified.Ticks, documents, kept);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && IsGone(file.FullName))
        {
            // The ERP moved it between the listing and the reading; where it lies now it is found.
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var unreadable = new SourceDocument
            {
                Ordinal = 0,
                Kind = DocumentKind.Quarantined,
                ReasonId = ErrorIds.NfceFileUnreadable,
                ReasonArgs = new[] { e.Message },
            };
            return new FoundFile(file.FullName, ReadAgain, modified.Ticks, new[] { unreadable }, null);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Channels;
using System.Threading.Tasks;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>A note whose <c>nfeProc</c> goes to the archive.</summary>
internal sealed record ArchiveItem(
    long NoteId, AccessKey Key, DateTimeOffset DhEmi, ReadOnlyMemory<byte> Note, ReadOnlyMemory<byte> Protocol, ReadOnlyMemory<byte>? Event);

/// <summary>
/// Writes <c>nfeProc</c> files beside the run. They are derived: note and protocol are in the queue, so files are synced in
/// batches, <c>archived_at</c> is set after that, and what a crash lost is written again by the next run.
/// </summary>
internal sealed class Archive
{
    /// <summary>How the name of a note's <c>nfeProc</c> ends, behind the key.</summary>
    public const string NoteEnding = "-procNFe.xml";

    private const int FilesPerSync = 256;
    private const int MostWaiting = 256;

    private static readonly byte[] Start = Encoding.UTF8.GetBytes(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><nfeProc xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\">");

    private static readonly byte[] End = Encoding.UTF8.GetBytes("</nfeProc>");
    private static readonly byte[] Declaration = Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");

    private readonly NfceQueue _queue;
    private readonly Store _store;
    private readonly IArchiveFiles _files;
    private readonly ISyncListener _listener;
    private readonly Channel<ArchiveItem> _waiting = Channel.CreateBounded<ArchiveItem>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private bool _notWritableTold;

    public Archive(NfceQueue queue, Store store, IArchiveFiles files, ISyncListener listener)
    {
        _queue = queue;
        _store = store;
        _files = files;
        _listener = listener;
    }

    /// <summary>Where a note's <c>nfeProc</c> lies: <c>&lt;archive&gt;/&lt;yyyy-MM of dhEmi&gt;/&lt;key&gt;-procNFe.xml</c>.</summary>
    public static string PathOf(Store store, AccessKey key, DateTimeOffset dhEmi) => Path.Combine(
        store.ArchivePath, dhEmi.ToString("yyyy-MM", CultureInfo.InvariantCulture), key.Value + NoteEnding);

    /// <summary>Hands a note over; waits where the disk is slower than SEFAZ.</summary>
    public async Task AddAsync(ArchiveItem item)
    {
        try
        {
            await _waiting.Writer.WriteAsync(item);
        }
        catch (ChannelClosedException)
        {
            // The writing ended early, which FinishAsync tells: the file comes with the next run.
        }
    }

    /// <summary>Writes what earlier runs left, then what is handed over, until <see cref="FinishAsync"/>.</summary>
    public async Task RunAsync(LeaseGrant lease)
    {
        try
        {
            await WriteLeftoversAsync(lease);
            var batch = new List<ArchiveItem>();
            while (await _waiting.Reader.WaitToReadAsync())
            {
                while (_waiting.Reader.TryRead(out ArchiveItem? item))
                {
                    Write(item, batch);
                    if (batch.Count == FilesPerSync)
                    {
                        await SyncAsync(batch, lease);
                    }
                }
            }

            await SyncAsync(batch, lease);
        }
        finally
        {
            // However it ended, nobody may wait for it any more.
            _waiting.Writer.TryComplete();
        }
    }

    /// <summary>Nothing more comes: waits until all that was handed over is on the disk.</summary>
    public async Task FinishAsync(Task running)
    {
        _waiting.Writer.TryComplete();
        try
        {
            await running;
        }
        catch (NfceSyncException e)
        {
            // The notes are authorised and kept in the queue; the files come with the next run.
            _listener.Warn(e);
        }
    }

    private IEnumerable<string> FilesOf(ArchiveItem item)
    {
        string path = PathOf(_store, item.Key, item.DhEmi);
        return item.Event is null ? new[] { path } : new[] { path, EventPathOf(path) };
    }

    /// <summary>Where the cancellation of a note lies, beside its <c>nfeProc</c>.</summary>
    public static string EventPathOf(string path) => path.Replace(NoteEnding, "-procEventoNFe.xml");

    private async Task WriteLeftoversAsync(LeaseGrant lease)
    {
        long after = 0;
        while (true)
        {
            List<ArchiveItem> page = ReadLeftovers(after);
            if (page.Count == 0)
            {
                return;
            }

            after = page[page.Count - 1].NoteId;
            var batch = new List<ArchiveItem>();
            page.ForEach(item => Write(item, batch));
            await SyncAsync(batch, lease);
        }
    }

    private List<ArchiveItem> ReadLeftovers(long after)
    {
        using SqlSession session = _queue.Database.Open(readOnly: true);
        return _queue.Database.Guard(() => NoteWrites.Unarchived(session, _store.Id, after));
    }

    private void Write(ArchiveItem item, List<ArchiveItem> written)
    {
        string path = PathOf(_store, item.Key, item.DhEmi);
        try
        {
            _queue.Probe?.Invoke(CrashPoint.BeforeArchiveWrite);
            bool kept = Put(path, Start, item.Note, item.Protocol, End)
                && (item.Event is not { } cancellation || Put(EventPathOf(path), Declaration, cancellation));
            _queue.Probe?.Invoke(CrashPoint.AfterArchiveWrite);
            if (kept)
            {
                written.Add(item);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WarnNotWritable(e);
        }
    }

    private bool Put(string path, params ReadOnlyMemory<byte>[] parts)
    {
        if (_files.Put(path, parts))
        {
            return true;
        }

        _listener.Warn(new NfceSyncException(ErrorIds.NfceArchiveFileDiffers, NfceErrorCategory.InvalidData, path, path));
        return false;
    }

    private async Task SyncAsync(List<ArchiveItem> batch, LeaseGrant lease)
    {
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            _files.Sync(batch.SelectMany(FilesOf).ToList());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WarnNotWritable(e);
            batch.Clear();
            return;
        }

        _queue.Probe?.Invoke(CrashPoint.ArchiveSynced);
        long[] ids = batch.Select(item => item.NoteId).ToArray();
        DateTimeOffset now = _queue.Clock.GetUtcNow();
        await _queue.Committer.CommitAsync(
            session =>
            {
                NoteWrites.Archived(session, ids, now);
                return true;
            },
            lease);
        batch.Clear();
    }

    // Once a run: a thousand notes meet the same folder.
    private void WarnNotWritable(Exception e)
    {
        if (!_notWritableTold)
        {
            _notWritableTold = true;
            _listener.Warn(new NfceSyncException(
                e, ErrorIds.NfceArchiveNotWritable, NfceErrorCategory.ResourceUnavailable, _store.ArchivePath, _store.ArchivePath, e.Message));
        }
    }
}

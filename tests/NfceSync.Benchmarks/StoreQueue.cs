using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.Benchmarks;

/// <summary>An open queue with its one store.</summary>
internal sealed class StoreQueue : IDisposable
{
    private StoreQueue(NfceQueue queue, Store store)
    {
        Queue = queue;
        Store = store;
    }

    public NfceQueue Queue { get; }

    public Store Store { get; }

    public string DatabasePath => Path.Combine(Queue.Home, QueueHome.FileName);

    public static StoreQueue Create(string home, Store store)
    {
        NfceQueue queue = NfceQueue.Open(new QueueOptions { Home = home });
        return new StoreQueue(queue, queue.Stores.Register(store));
    }

    public static StoreQueue CopyOf(string from, string home)
    {
        Directory.CreateDirectory(home);
        File.Copy(Path.Combine(from, QueueHome.FileName), Path.Combine(home, QueueHome.FileName));
        NfceQueue queue = NfceQueue.Open(new QueueOptions { Home = home });
        return new StoreQueue(queue, queue.Stores.All().Single() with { ArchivePath = Path.Combine(home, "archive") });
    }

    /// <summary>Brings all pending notes home, or those named, and says how long it took.</summary>
    /// <exception cref="InvalidOperationException">Not every note was authorised: what was measured is worth nothing.</exception>
    public Task<TimeSpan> SyncAsync(ISefazTransport transport, int concurrency, int expected, IReadOnlyCollection<string>? only = null) =>
        SyncAsync(transport, concurrency, expected, new DiskArchiveFiles(), only);

    public async Task<TimeSpan> SyncAsync(
        ISefazTransport transport, int concurrency, int expected, IArchiveFiles archive, IReadOnlyCollection<string>? only = null)
    {
        var watch = Stopwatch.StartNew();
        using var run = new SyncRun(
            Queue, Store, transport, Workload.IssuerId, new SyncOptions { ThrottleLimit = concurrency }, new Silent(), archive);
        SyncReport report = await run.RunAsync(only, CancellationToken.None);
        watch.Stop();
        return report is { Stop: null } && report.Final == expected
            ? watch.Elapsed
            : throw new InvalidOperationException($"{report.Final} of {expected} notes came home. {report.Stop}");
    }

    // Its folder stays until the end: ext4 passes over inodes that were freed within the last seconds, one by one, so that
    // thousands of files deleted now would be paid for by the next measurement's new ones.
    public void Dispose() => Queue.Dispose();

    private sealed class Silent : ISyncListener
    {
        public void Decided(SyncResult result)
        {
        }

        public void Progress(int done, int total)
        {
        }

        public void Tell(string text)
        {
        }

        public void Warn(NfceSyncException problem) => throw new InvalidOperationException("A warning: " + problem.Message, problem);
    }
}

using System.Collections.Generic;
using System.IO;
using System.Linq;

using NfceSync.Core.Sefaz;

namespace NfceSync.Benchmarks.Rows;

/// <summary>What an authorised note costs on the disk.</summary>
internal static class DiskRow
{
    private const int Concurrency = 4;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        int notes = workload.Quick ? 500 : 2000;
        double note = workload.Notes(notes).Average(signed => signed.Bytes.Length);
        using var sefaz = new SimulatorProcess(workload);
        using StoreQueue queue = await workload.FilledQueueAsync(notes);
        using HttpSefazTransport transport = workload.NewTransport(queue, await sefaz.FreshAsync(), Concurrency);
        await queue.SyncAsync(transport, Concurrency, notes);
        long walBefore = new FileInfo(queue.DatabasePath + "-wal").Length;
        queue.Queue.Dispose();
        double database = (double)new FileInfo(queue.DatabasePath).Length / notes;
        double archive = (double)new DirectoryInfo(queue.Store.ArchivePath).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / notes;
        yield return new Figure(
            "bytes on disk of an authorised note, queue and archive: of its own bytes",
            [(database + archive) / note],
            Note: $"bytes: note {note:0}, queue {database:0}, archive {archive:0}; while open, a log of at most {walBefore / 1024 / 1024.0:0.0} MiB in all");
    }
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Notes;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Sync;

using SefazService = NfceSync.Core.Stores.SefazService;

namespace NfceSync.Benchmarks.Rows;

/// <summary>
/// CPU time a note of the whole process, by stage. A stage is what the process needs less when it is left out: the archive's
/// files, then the wire, whose recorded answers are played back.
/// </summary>
internal static class CpuRow
{
    private const int Concurrency = 4;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        int notes = workload.Quick ? 500 : 2000;
        string[] files = Directory.GetFiles(workload.Source(notes));
        byte[][] envelopes = BareClient.Envelopes(workload.Notes(notes));
        using var sefaz = new SimulatorProcess(workload);
        List<Stages> passes = [];

        // The first pass makes everything warm and is not counted.
        for (int i = 0; i <= workload.Passes; i++)
        {
            passes.Add(await MeasureAsync(workload, sefaz, notes, files, envelopes));
        }

        passes.RemoveAt(0);
        Figure Of(string what, Func<Stages, double> value, string note = "") => new(what, passes.Select(value).ToList(), " µs/note", note);
        yield return Of("CPU: reading and verifying", stages => stages.Reading);
        yield return Of("CPU: sending", stages => stages.Sending, "TLS and HTTP");
        yield return Of("CPU: storing", stages => stages.Storing, "intake and engine: queue, replies, decisions");
        yield return Of("CPU: archiving", stages => stages.Archiving);
        yield return Of("CPU: whole process", stages => stages.Whole, $"{Concurrency} at a time");
        yield return new Figure(
            "CPU: whole process, of the bare HttpClient's",
            passes.Select(stages => stages.Whole / stages.Bare).ToList(),
            Note: $"the bare HttpClient needs {Figure.MedianOf(passes.Select(stages => stages.Bare)):0} µs/note");
    }

    private static async Task<Stages> MeasureAsync(
        Workload workload, SimulatorProcess sefaz, int notes, string[] files, byte[][] envelopes)
    {
        async Task<double> CpuAsync(Func<Task> work)
        {
            using var self = Process.GetCurrentProcess();
            TimeSpan before = self.TotalProcessorTime;
            await work();
            self.Refresh();
            return (self.TotalProcessorTime - before).TotalMicroseconds / notes;
        }

        double reading = await CpuAsync(() => Task.Run(() => Parallel.ForEach(files, file => NoteReader.ReadFile(file))));
        double intake;
        using (StoreQueue queue = workload.NewQueue(notes))
        {
            intake = await CpuAsync(() => new Intake(queue.Queue, queue.Store).TakeInAsync(CancellationToken.None));
        }

        double bare;
        using (var client = new BareClient(workload, await sefaz.FreshAsync(), Concurrency))
        {
            bare = await CpuAsync(() => client.PostAllAsync(envelopes));
        }

        double whole = await SyncAsync(new DiskArchiveFiles(), http => http);
        var answers = new ConcurrentDictionary<string, WireReply>(StringComparer.Ordinal);
        double noArchive = await SyncAsync(new NoArchive(), http => new Recorder(http, answers));
        double noWire = await SyncAsync(new NoArchive(), _ => new Recorder(null, answers));
        return new Stages(reading, noArchive - noWire, intake - reading + noWire, whole - noArchive, intake + whole, bare);

        async Task<double> SyncAsync(IArchiveFiles archive, Func<HttpSefazTransport, ISefazTransport> transport)
        {
            using StoreQueue queue = await workload.FilledQueueAsync(notes);
            using HttpSefazTransport http = workload.NewTransport(queue, await sefaz.FreshAsync(), Concurrency);
            return await CpuAsync(() => queue.SyncAsync(transport(http), Concurrency, notes, archive));
        }
    }

    private sealed record Stages(double Reading, double Sending, double Storing, double Archiving, double Whole, double Bare);

    private sealed class NoArchive : IArchiveFiles
    {
        public bool Put(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts) => true;

        public void Sync(IReadOnlyList<string> paths)
        {
        }
    }

    /// <summary>Keeps the answers of a transport; without one, gives them again.</summary>
    private sealed class Recorder(ISefazTransport? live, ConcurrentDictionary<string, WireReply> answers) : ISefazTransport
    {
        public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
        {
            string asked = service == SefazService.Autorizacao ? KeyIn(envelope) : service.ToString();
            return live is null ? answers[asked] : answers[asked] = await live.SendAsync(service, envelope, cancel);
        }

        public void Dispose()
        {
        }

        private static string KeyIn(ReadOnlySpan<byte> envelope) =>
            Encoding.ASCII.GetString(envelope.Slice(envelope.IndexOf("Id=\"NFe"u8) + 7, AccessKey.Length));
    }
}

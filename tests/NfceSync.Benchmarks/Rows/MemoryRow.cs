using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Sync;

namespace NfceSync.Benchmarks.Rows;

/// <summary>The peak memory of a process that takes notes in, lists, sends and verifies them: it must not grow with their number.</summary>
internal static class MemoryRow
{
    public const string Verb = "--memory";
    private const int Concurrency = 8;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        (int few, int many) = workload.Quick ? (500, 5000) : (2000, 20_000);
        workload.Source(few);
        workload.Source(many);
        using var sefaz = new SimulatorProcess(workload);
        List<(double Few, double Many)> passes = [];
        for (int i = 0; i < 3; i++)
        {
            passes.Add((await PeakAsync(few), await PeakAsync(many)));
        }

        yield return new Figure(
            $"peak memory with {many} notes: of that with {few}",
            passes.Select(peak => peak.Many / peak.Few).ToList(),
            Note: $"MiB: {Figure.MedianOf(passes.Select(peak => peak.Few)):0} with {few}, {Figure.MedianOf(passes.Select(peak => peak.Many)):0} with {many}")
        { AtMost = 1.2 };

        async Task<double> PeakAsync(int notes)
        {
            string address = (await sefaz.FreshAsync()).ToString();
            string bytes = await ChildProcess.ReadAsync(Verb, workload.Folder, notes.ToString(CultureInfo.InvariantCulture), address);
            return double.Parse(bytes, CultureInfo.InvariantCulture) / 1024 / 1024;
        }
    }

    /// <summary>The child: everything a technician does, once, then the process's peak in bytes.</summary>
    public static async Task RunChildAsync(string folder, string count, Uri address)
    {
        int notes = int.Parse(count, CultureInfo.InvariantCulture);
        var workload = Workload.Join(folder);
        using (StoreQueue queue = workload.NewQueue(notes))
        using (HttpSefazTransport transport = workload.NewTransport(queue, address, Concurrency))
        {
            await new Intake(queue.Queue, queue.Store).TakeInAsync(CancellationToken.None);
            if (queue.Queue.Pending(queue.Store).Count() != notes)
            {
                throw new InvalidOperationException("Not all notes were taken in.");
            }

            await queue.SyncAsync(transport, Concurrency, notes);
            VerificationReport proof = await Verification.RunAsync(queue.Queue, queue.Store, CancellationToken.None);
            if (!proof.Complete)
            {
                throw new InvalidOperationException("It is not complete.");
            }
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
    }
}

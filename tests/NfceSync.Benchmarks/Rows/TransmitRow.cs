using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace NfceSync.Benchmarks.Rows;

/// <summary>Transmission over loopback mutual TLS against the durable limit.</summary>
internal static class TransmitRow
{
    private const int WarmUps = 3;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        int notes = workload.Quick ? 500 : 2000;
        using var sefaz = new SimulatorProcess(workload);
        foreach (int concurrency in new[] { 1, 4, 8 })
        {
            var pass = new TransmitPass(workload, sefaz, notes, concurrency);
            List<(TimeSpan Bare, TimeSpan Limit, TimeSpan Engine)> passes = [];

            // The first passes make all three warm and are not counted: the runtime still compiles while the first thousands go.
            for (int i = 0; i < WarmUps + workload.Passes; i++)
            {
                passes.Add(await MeasureAsync(pass, i));
            }

            passes.RemoveRange(0, WarmUps);
            double Rate(Func<(TimeSpan Bare, TimeSpan Limit, TimeSpan Engine), TimeSpan> time) =>
                Figure.MedianOf(passes.Select(took => notes / time(took).TotalSeconds));
            yield return new Figure(
                $"{notes} notes, {concurrency} at a time: of the durable limit",
                passes.Select(took => took.Limit / took.Engine).ToList(),
                Note: $"notes/s: engine {Rate(took => took.Engine):0}, durable limit {Rate(took => took.Limit):0}")
            { AtLeast = 0.80 };
            yield return new Figure(
                $"{notes} notes, {concurrency} at a time: of the bare HttpClient",
                passes.Select(took => took.Bare / took.Engine).ToList(),
                Note: $"notes/s: bare {Rate(took => took.Bare):0}");
        }
    }

    // Another begins each time: none has always the machine as the same other one leaves it.
    private static async Task<(TimeSpan Bare, TimeSpan Limit, TimeSpan Engine)> MeasureAsync(TransmitPass pass, int round)
    {
        Func<Task<TimeSpan>>[] variants = [pass.BareAsync, pass.DurableLimitAsync, pass.EngineAsync];
        var took = new TimeSpan[variants.Length];
        for (int i = 0; i < variants.Length; i++)
        {
            int next = (round + i) % variants.Length;
            took[next] = await variants[next]();
        }

        return (took[0], took[1], took[2]);
    }
}

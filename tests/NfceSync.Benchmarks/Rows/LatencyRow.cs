using System;
using System.Collections.Generic;
using System.Linq;

namespace NfceSync.Benchmarks.Rows;

/// <summary>Transmission to a SEFAZ that takes its time: the ideal is as many notes as fit into the waiting.</summary>
internal static class LatencyRow
{
    private const int Concurrency = 8;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        using var sefaz = new SimulatorProcess(workload);
        foreach ((int milliseconds, int notes) in workload.Quick ? new[] { (80, 200), (300, 80) } : [(80, 1000), (300, 400)])
        {
            var latency = TimeSpan.FromMilliseconds(milliseconds);
            TimeSpan ideal = latency * (notes / Concurrency);
            var pass = new TransmitPass(workload, sefaz, notes, Concurrency, latency);
            List<(TimeSpan Bare, TimeSpan Engine)> passes = [];
            for (int i = 0; i < 3; i++)
            {
                passes.Add((await pass.BareAsync(), await pass.EngineAsync()));
            }

            yield return new Figure(
                $"{notes} notes, {Concurrency} at a time, SEFAZ takes {milliseconds} ms: of the ideal",
                passes.Select(took => ideal / took.Engine).ToList(),
                Note: $"the bare HttpClient reaches {Figure.MedianOf(passes.Select(took => ideal / took.Bare)):0.000}")
            { AtLeast = 0.95 };
        }
    }
}

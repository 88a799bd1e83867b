using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;

using NfceSync.Core.Queue;

using Xunit;
using Xunit.Abstractions;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>
/// Plays thousands of histories of the engine under every fault. <c>NFCE_SIM_HISTORIES=n</c> plays more, from
/// <c>NFCE_SIM_FIRST=n</c> on; <c>NFCE_SIM_SEED=n</c> plays one and prints what happened in it.
/// </summary>
public class SimulationTests(ITestOutputHelper output)
{
    private const int HistoriesInCi = 20_000;
    private const int MostFailuresShown = 5;

    /// <summary>From so many histories on, each kind of event must have occurred; fewer may miss a rare one by chance.</summary>
    private const int EnoughForAll = 20_000;

    [Fact]
    public void One_seed_plays_the_same_history_twice()
    {
        using var database = new SimDatabase();
        foreach (int seed in Enumerable.Range(1, 20))
        {
            Assert.Equal(TraceOf(seed, database), TraceOf(seed, database));
        }
    }

    [Fact]
    public void No_history_breaks_a_rule_and_every_note_comes_to_its_end()
    {
        if (Number("NFCE_SIM_SEED") is { } seed)
        {
            using var database = new SimDatabase();
            string trace = TraceOf(seed, database, out string? broken);
            output.WriteLine(trace);
            Assert.Null(broken);
            return;
        }

        int first = Number("NFCE_SIM_FIRST") ?? 1;
        int histories = Number("NFCE_SIM_HISTORIES") ?? HistoriesInCi;
        var watch = Stopwatch.StartNew();
        Tally tally = PlayAll(first, histories, out IReadOnlyList<(int Seed, string Rule)> failures);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{histories} histories from seed {first} in {watch.Elapsed.TotalSeconds:F0} s: {histories / watch.Elapsed.TotalSeconds:F0} a second"));
        foreach (var (what, times) in tally.Counts.OrderBy(count => count.Key, StringComparer.Ordinal))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{times,10}  {what}"));
        }

        Assert.True(failures.Count == 0, Explain(failures));
        string[] missing = histories < EnoughForAll ? [] : MustOccur().Where(what => !tally.Counts.ContainsKey(what)).ToArray();
        Assert.True(missing.Length == 0, "never occurred: " + string.Join("; ", missing));
    }

    private static IEnumerable<string> MustOccur() =>
        Enum.GetNames<Fault>().Select(fault => "fault: " + fault)
            .Concat(Enum.GetNames<CrashPoint>().Select(point => "point: " + point))
            .Concat(Enum.GetNames<CrashPoint>().Select(point => "crash: at " + point))
            .Concat(
            [
                "crash: between two steps",
                "crash: of a power failure",
                "process: stands still",
                "process: stopped by its user",
                "archive: file forgotten at a power failure",
                "archive: other bytes kept",
                "archive: same file again",
                "archive: sync fails",
                "archive: write fails",
                "block: written down",
                "lease: granted",
                "lease: renewed",
                "lease: taken over",
                "lease: taken from a run that lives",
                "lie told: NoDigVal",
                "lie told: OtherDigVal",
                "lie told: OtherNotesProtocol",
                "run: to its end",
                "run: NfceSyncAlreadyRunning",
                "run: NfceLeaseLost",
                "run: NfceStopped",
                "run: NfceSefazUnreachable",
                "run: NfceServicePaused",
                "run: NfceStoreMisconfigured",
                "run: NfceConsumptionBlocked",
                "sefaz: authorised 100",
                "sefaz: authorised 120",
                "sefaz: authorised 150",
                "sefaz: 656 by its counters",
                "sefaz: batch 656",
                "sefaz: status 656",
                "sefaz: status 108",
                "sefaz: status 109",
                "sefaz: consult 101",
                "sefaz: consult 217",
                "sefaz: consult 302",
                "sefaz: consult 526",
                "sefaz: consult 656",
                "sefaz: receipt 104",
                "sefaz: receipt 105",
                "sefaz: receipt 106",
                "sefaz: verdict 204",
                "sefaz: verdict 205",
                "sefaz: verdict 218",
                "sefaz: verdict 302",
                "sefaz: verdict 464",
                "sefaz: verdict 539",
                "sefaz: verdict 562",
                "sefaz: verdict 635",
                "sefaz: verdict 703",
                "sefaz: verdict 806",
                "sefaz: verdict 1999",
                "transition: new -> Pending",
                "transition: new -> Uncertain",
                "transition: new -> Conflict",
                "transition: Pending -> Transmitting",
                "transition: Pending -> Uncertain",
                "transition: Pending -> Conflict",
                "transition: Pending -> Pending (corrected)",
                "transition: Transmitting -> Pending",
                "transition: Transmitting -> Uncertain",
                "transition: Transmitting -> Authorized",
                "transition: Transmitting -> Rejected",
                "transition: Transmitting -> Conflict",
                "transition: Transmitting -> Denied",
                "transition: Uncertain -> Pending",
                "transition: Uncertain -> Authorized",
                "transition: Uncertain -> Rejected",
                "transition: Uncertain -> Conflict",
                "transition: Uncertain -> Cancelled",
                "transition: Uncertain -> Denied",
                "transition: Rejected -> Pending (corrected)",
                "transition: Rejected -> Conflict",
                "transition: Rejected -> Uncertain",
                "transition: Rejected -> Uncertain (corrected)",
                "transition: Conflict -> Uncertain",
                "transition: Conflict -> Uncertain (corrected)",
                "transition: Conflict -> Authorized",
                "world: clock jumps forward",
                "world: clock jumps back",
                "world: power failure",
                "world: service paused",
                "world: certificate refused for a while",
                "world: blocked by what another program did",
                "world: cancelled elsewhere",
                "world: the ERP transmits by itself",
                "world: the ERP consults by itself",
                "world: evidence comes in",
                "world: evidence that SEFAZ does not confirm",
                "world: contradicted evidence comes in",
                "world: other bytes under a known key",
                "world: a correction",
                "world: scheduled for a day",
            ]);

    /// <summary>One history a thread at a time, as many threads as there are cores.</summary>
    private static Tally PlayAll(int first, int histories, out IReadOnlyList<(int Seed, string Rule)> failures)
    {
        var tally = new Tally();
        var broken = new ConcurrentBag<(int Seed, string Rule)>();
        int next = first - 1;
        Exception? accident = null;
        Thread[] threads = Enumerable.Range(1, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            try
            {
                var own = new Tally();
                using var database = new SimDatabase();
                while (Interlocked.Increment(ref next) is var seed && seed < first + histories && broken.Count < 100)
                {
                    using var history = new History(seed, database, own, tracing: false);
                    if (history.Play() is { } rule)
                    {
                        broken.Add((seed, rule));
                    }
                }

                lock (tally)
                {
                    tally.Add(own);
                }
            }
#pragma warning disable CA1031 // A thread of its own: the test's thread throws it again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                accident = e;
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Null(accident);
        failures = broken.OrderBy(failure => failure.Seed).ToList();
        return tally;
    }

    private static string Explain(IReadOnlyList<(int Seed, string Rule)> failures)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{failures.Count} histories broke a rule; NFCE_SIM_SEED=<seed> plays one again.");
        foreach (var (seed, rule) in failures.Take(MostFailuresShown))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"seed {seed}: {rule}");
        }

        if (failures.Count > 0)
        {
            using var database = new SimDatabase();
            text.AppendLine(TraceOf(failures[0].Seed, database));
        }

        return text.ToString();
    }

    private static string TraceOf(int seed, SimDatabase database) => TraceOf(seed, database, out _);

    // On a thread of its own, where no synchronisation context of the test runner is.
    private static string TraceOf(int seed, SimDatabase database, out string? broken)
    {
        string? rule = null;
        string trace = string.Empty;
        var thread = new Thread(() =>
        {
            using var history = new History(seed, database, new Tally(), tracing: true);
            rule = history.Play();
            trace = string.Join(Environment.NewLine, history.World.Trace);
        });
        thread.Start();
        thread.Join();
        broken = rule;
        return trace;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}

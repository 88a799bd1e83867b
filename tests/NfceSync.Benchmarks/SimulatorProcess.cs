using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Simulator = NfceSync.SefazSimulator.SefazSimulator;

namespace NfceSync.Benchmarks;

/// <summary>
/// SEFAZ in a process of its own, the same for all sides of a comparison. Each pass gets a SEFAZ that knows nothing yet, but
/// whose code is warm.
/// </summary>
internal sealed class SimulatorProcess : IDisposable
{
    public const string Verb = "--serve-simulator";

    private readonly Process _process;

    public SimulatorProcess(Workload workload) => _process = ChildProcess.Start(Verb, workload.Folder);

    /// <summary>Replaces the SEFAZ by a fresh one.</summary>
    /// <param name="latency">How long it thinks before each answer.</param>
    /// <returns>Where its services are.</returns>
    public async Task<Uri> FreshAsync(TimeSpan latency = default)
    {
        await _process.StandardInput.WriteLineAsync(latency.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        string? address = await _process.StandardOutput.ReadLineAsync();
        return new Uri(address ?? throw new InvalidOperationException("The simulator's process has ended."));
    }

    public void Dispose()
    {
        // It ends with its standard input.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The other side: a line with a latency comes in, an address goes out.</summary>
    public static async Task ServeAsync(string folder)
    {
        // Many passes within an hour are one transmitter's to this SEFAZ.
        var options = new SimulatorOptions
        {
            Limits = new UsageLimits { ConsultsPerKey = int.MaxValue, EqualRejections = int.MaxValue, OtherCalls = int.MaxValue },
        };
        using var authority = TestAuthority.LoadOrCreate(Workload.AuthorityFolder(folder));
        Simulator? simulator = null;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (simulator is not null)
            {
                await simulator.DisposeAsync();
            }

            simulator = await Simulator.StartAsync(options, authority);
            if (double.Parse(line, CultureInfo.InvariantCulture) is > 0 and var latency)
            {
                simulator.Faults.Add(new FaultRule(FaultKind.Latency) { Duration = TimeSpan.FromMilliseconds(latency) });
            }

            await Console.Out.WriteLineAsync(simulator.BaseAddress.ToString());
        }

        if (simulator is not null)
        {
            await simulator.DisposeAsync();
        }
    }
}

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public sealed class CmdletBaseTests : IDisposable
{
    // The base class waits two seconds at most; the rest is for a busy machine.
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(4);

    private readonly string _safeFile = Path.Combine(Path.GetTempPath(), $"nfce-safe-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_safeFile);

    [Fact]
    public void Every_stream_gets_what_an_operation_writes_in_its_order()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        EngineResult result = engine.Run("$VerbosePreference = $DebugPreference = 'Continue'; Write-Probe -Count 1000");

        Assert.Empty(result.Errors);
        Assert.Equal(Enumerable.Range(0, 1000), result.Values.Cast<int>());
        Assert.Equal("verbose", Assert.Single(result.Streams.Verbose).Message);
        Assert.Equal("debug", Assert.Single(result.Streams.Debug).Message);
        Assert.Equal("warning", Assert.Single(result.Streams.Warning).Message);
        Assert.Equal(["information", "message en-US True"], result.Streams.Information.Select(record => record.ToString()));
        Assert.Equal(["tag"], result.Streams.Information[0].Tags);
    }

    [Fact]
    public void A_message_is_shown_and_an_information_is_not()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        engine.Run("Write-Probe");
        Assert.Contains("message en-US True\n", engine.Host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("information", engine.Host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operation_has_the_culture_of_the_pipeline()
    {
        using var engine = new Engine(culture: "pt-BR", module: ProbeModule.ManifestPath);
        EngineResult result = engine.Run("Write-Probe");
        Assert.Equal("message pt-BR True", result.Streams.Information[1].ToString());
    }

    [Fact]
    public void An_item_s_error_does_not_end_the_command_and_names_id_category_and_target()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        EngineResult result = engine.Run("Write-Probe -ItemErrorId NfceAccessKeyInvalid; 'next'");

        ErrorRecord error = Assert.Single(result.Errors);
        Assert.Equal("NfceAccessKeyInvalid,NfceSync.PowerShell.Tests.Probe.WriteProbeCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Equal("item", error.TargetObject);
        Assert.False(result.Terminated);
        Assert.Equal("next", result.Values.Last());
    }

    [Fact]
    public void An_operation_s_own_error_ends_the_command_and_can_be_caught()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        EngineResult result = engine.Run(
            "try { Write-Probe -FinalErrorId NfceAccessKeyInvalid; 'not reached' } catch { $_ }");

        Assert.Equal([0], result.Values.OfType<int>());
        ErrorRecord error = Assert.IsType<ErrorRecord>(result.Values.Last());
        Assert.Equal("NfceAccessKeyInvalid,NfceSync.PowerShell.Tests.Probe.WriteProbeCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceBusy, error.CategoryInfo.Category);
        Assert.Equal("all", error.TargetObject);
    }

    [Fact]
    public void Progress_is_shown_five_times_a_second_at_most_and_its_end_always()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        var time = Stopwatch.StartNew();
        EngineResult result = engine.Run("Write-Probe -ProgressCount 100000");
        time.Stop();

        Assert.InRange(result.Streams.Progress.Count, 2, (int)(time.Elapsed.TotalSeconds * 5) + 2);
        Assert.Equal(ProgressRecordType.Completed, result.Streams.Progress.Last().RecordType);
    }

    [Theory]
    [InlineData("$ProgressPreference = 'SilentlyContinue'; Write-Probe -ProgressCount 100")]
    [InlineData("Write-Probe -ProgressCount 100 -ProgressAction SilentlyContinue")]
    public void Progress_is_not_shown_where_the_user_silenced_it(string script)
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        Assert.Empty(engine.Run(script).Streams.Progress);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Flood")]
    public async Task Ctrl_C_waits_until_the_work_in_flight_is_safe(string flood)
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        EngineRun run = await InFlight(engine, $"Wait-Probe -SafeAfterMilliseconds 300 -SafeFile $args[0] {flood}", _safeFile);

        var time = Stopwatch.StartNew();
        run.Stop();
        EngineResult result = await run.ResultAsync();

        Assert.True(result.Stopped);
        Assert.Equal("safe", File.ReadAllText(_safeFile));
        Assert.InRange(time.Elapsed, TimeSpan.FromMilliseconds(250), StopBound);
    }

    [Fact]
    public async Task Ctrl_C_ends_within_its_bound_though_the_work_does_not_listen()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);
        EngineRun run = await InFlight(engine, "Wait-Probe");

        var time = Stopwatch.StartNew();
        run.Stop();
        EngineResult result = await run.ResultAsync();

        Assert.True(result.Stopped);
        Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(1.9), StopBound);
        Assert.Equal("alive", engine.Run("'alive'").One().BaseObject);
    }

    [Fact]
    public void A_pipeline_that_wants_no_more_stops_the_work_and_waits_until_it_is_safe()
    {
        using var engine = new Engine(module: ProbeModule.ManifestPath);

        EngineResult result = engine.Run(
            "try { Wait-Probe -Flood -SafeAfterMilliseconds 300 -SafeFile $args[0] | ForEach-Object { throw 'enough' } } catch { \"$_\" }", _safeFile);

        Assert.Equal("enough", result.One().BaseObject);
        Assert.Equal("safe", File.ReadAllText(_safeFile));
    }

    private static async Task<EngineRun> InFlight(Engine engine, string script, params object[] arguments)
    {
        EngineRun run = engine.Start(script, arguments);
        await run.FirstOutput.WaitAsync(TimeSpan.FromSeconds(30));
        return run;
    }
}

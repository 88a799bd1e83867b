using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;

namespace NfceSync.SefazSimulator;

/// <summary>A SEFAZ on 127.0.0.1, with TLS and client certificates.</summary>
public sealed class SefazSimulator : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping;
    private readonly bool _ownsAuthority;

    private SefazSimulator(
        SefazCore core, WebApplication application, Uri baseAddress, Uri? controlAddress, CancellationTokenSource stopping, bool ownsAuthority)
    {
        Core = core;
        _application = application;
        _stopping = stopping;
        _ownsAuthority = ownsAuthority;
        BaseAddress = baseAddress;
        ControlAddress = controlAddress;
    }

    /// <summary>Where the services are: <c>https://localhost:port/</c>. A service is found by the last segment of any path below it.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Where the control endpoint is; null if there is none.</summary>
    public Uri? ControlAddress { get; }

    /// <summary>The authoriser behind the network.</summary>
    public SefazCore Core { get; }

    /// <summary>Whose certificates are trusted.</summary>
    public TestAuthority Authority => Core.Authority;

    /// <summary>What SEFAZ knows and what it was asked.</summary>
    public Ledger Ledger => Core.Ledger;

    /// <summary>The faults to come.</summary>
    public FaultPlan Faults => Core.Faults;

    /// <summary>Counts of what happened so far.</summary>
    public SimulatorCounters Counters => Core.Counters;

    /// <summary>Starts a simulator; when this returns, it answers.</summary>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <param name="authority">Whose certificates it trusts; null makes one that is disposed of with the simulator.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <returns>The running simulator.</returns>
    /// <exception cref="System.IO.IOException">The port is taken.</exception>
    public static async Task<SefazSimulator> StartAsync(
        SimulatorOptions? options = null, TestAuthority? authority = null, CancellationToken cancellationToken = default)
    {
        options ??= new SimulatorOptions();
        var ownsAuthority = authority is null;
        var core = new SefazCore(options, authority ?? TestAuthority.Create(options.TimeProvider));
        var stopping = new CancellationTokenSource();
        var (application, services, control) = await Host.StartAsync(core, stopping.Token, cancellationToken);
        return new SefazSimulator(core, application, services, control, stopping, ownsAuthority);
    }

    /// <summary>Starts a simulator with options only.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <returns>The running simulator.</returns>
    public static Task<SefazSimulator> StartAsync(SimulatorOptions options, CancellationToken cancellationToken) =>
        StartAsync(options, null, cancellationToken);

    /// <summary>Address of one service.</summary>
    /// <param name="service">The service.</param>
    /// <returns>Its address below <see cref="BaseAddress"/>.</returns>
    public Uri AddressOf(SefazService service) => new(BaseAddress, "ws/" + ServiceContract.Of(service).Name);

    /// <summary>Stops; calls in flight are cut.</summary>
    /// <returns>When it has stopped.</returns>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
        Core.Dispose();
        if (_ownsAuthority)
        {
            Authority.Dispose();
        }

        _stopping.Dispose();
    }
}

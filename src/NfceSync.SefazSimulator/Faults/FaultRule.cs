using System;

namespace NfceSync.SefazSimulator;

/// <summary>When one fault strikes. A rule without conditions strikes at every call.</summary>
/// <param name="Kind">What happens.</param>
public sealed record FaultRule(FaultKind Kind)
{
    /// <summary>Only this service; null for any. Not looked at for TLS faults, which come before there is a service.</summary>
    public SefazService? Service { get; init; }

    /// <summary>Only calls about this key; null for any. Not looked at for TLS faults.</summary>
    public string? ChNFe { get; init; }

    /// <summary>The first matching call that is struck, counted from 1.</summary>
    public int FromCall { get; init; } = 1;

    /// <summary>How many matching calls are struck; null for all.</summary>
    public int? Times { get; init; }

    /// <summary>Chance of a matching call to be struck, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>How long: latency, drip, pause, block or processing, as the fault has it.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Latency varies by up to this much, either way.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Calls about the note that find it still in process (<see cref="FaultKind.DelayedProcessing"/>, <see cref="FaultKind.Receipt"/>).</summary>
    public int Calls { get; init; } = 2;

    /// <summary>The code of <see cref="FaultKind.UnknownCode"/>.</summary>
    public int CStat { get; init; } = 999;

    /// <summary>Whether the request is processed although its answer hides that.</summary>
    public bool AfterProcessing { get; init; }

    /// <summary>A rule that strikes the next matching call only.</summary>
    /// <param name="kind">What happens.</param>
    /// <param name="service">Only this service; null for any.</param>
    /// <returns>The rule.</returns>
    public static FaultRule Once(FaultKind kind, SefazService? service = null) => new(kind) { Service = service, Times = 1 };

    internal bool IsTls => Kind is FaultKind.TlsHandshakeClosed or FaultKind.TlsHandshakeReset;

    internal bool IsBeforeBody => Kind is FaultKind.CutBeforeRequest or FaultKind.CutInRequest;
}

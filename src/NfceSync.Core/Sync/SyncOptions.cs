using System;

namespace NfceSync.Core.Sync;

/// <summary>How a run goes about its work.</summary>
public sealed record SyncOptions
{
    /// <summary>How many requests may be on the wire at a time, 1 to 32.</summary>
    public int ThrottleLimit { get; init; } = 4;

    /// <summary>Whether to wait while another run is at work for the same CNPJ and environment.</summary>
    public bool Wait { get; init; }

    /// <summary>
    /// Whether the rejected notes among those that are named are sent again with the same bytes: a person's decision, for a
    /// cause that lay outside of the note, e.g. the issuer's accreditation. Never for notes that are not named.
    /// </summary>
    public bool IncludeRejected { get; init; }

    internal SyncPacing Pacing { get; init; } = new();
}

/// <summary>The waits of a run.</summary>
internal sealed record SyncPacing
{
    /// <summary>The time limit of one call (BP §28 names 20 to 50 s).</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a call that did no harm is made again.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>The first of the growing, jittered waits between such calls.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The first of the growing waits before an uncertain note is consulted in the same run.</summary>
    public TimeSpan ConsultDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a batch that SEFAZ took in without deciding is left alone (domain: at least 15 s).</summary>
    public TimeSpan ReceiptDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many calls a run makes about one note.</summary>
    public int CallsANote { get; init; } = 8;

    /// <summary>How long what is on the wire may go on after the user stopped the run.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(1.2);

    /// <summary>Where jitter comes from; null: real chance.</summary>
    public Func<double>? Random { get; init; }
}

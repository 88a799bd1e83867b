using System;

using NfceSync.Core.Queue;

namespace NfceSync.Core.Sync;

/// <summary>Hears of a run while it goes on. Called from any thread.</summary>
public interface ISyncListener
{
    /// <summary>A note is as far as this run brings it.</summary>
    /// <param name="result">The note and what became of it.</param>
    void Decided(SyncResult result);

    /// <summary>How far the run is.</summary>
    /// <param name="done">How many notes are as far as this run brings them.</param>
    /// <param name="total">How many there were at the start.</param>
    void Progress(int done, int total);

    /// <summary>A step, for who follows closely; in the user's language, without personal data.</summary>
    /// <param name="text">The text.</param>
    void Tell(string text);

    /// <summary>Something the user should know though the run goes on.</summary>
    /// <param name="problem">What.</param>
    void Warn(NfceSyncException problem);
}

/// <summary>A note and what the run made of it.</summary>
public sealed record SyncResult
{
    /// <summary>The store's name.</summary>
    public required string StoreName { get; init; }

    /// <summary>The access key.</summary>
    public required string ChNFe { get; init; }

    /// <summary><c>serie</c>.</summary>
    public required int Serie { get; init; }

    /// <summary><c>nNF</c>.</summary>
    public required int NNF { get; init; }

    /// <summary><c>dhEmi</c>.</summary>
    public required DateTimeOffset DhEmi { get; init; }

    /// <summary><c>vNF</c> in reais.</summary>
    public required decimal VNF { get; init; }

    /// <summary>The state now.</summary>
    public required NoteState State { get; init; }

    /// <summary>The code that decided, e.g. 100, 150 (late) or 120 (with an alert).</summary>
    public int? CStat { get; init; }

    /// <summary>Our own reason where there is one, else SEFAZ's <c>xMotivo</c>.</summary>
    public string? Reason { get; init; }

    /// <summary><c>nProt</c> of an authorised note.</summary>
    public string? NProt { get; init; }

    /// <summary><c>dhRecbto</c> as SEFAZ wrote it.</summary>
    public string? DhRecbto { get; init; }

    /// <summary>The other key that SEFAZ named.</summary>
    public string? OtherKey { get; init; }

    /// <summary>What to do next; empty for a final state.</summary>
    public required string Advice { get; init; }
}

/// <summary>What a run did.</summary>
public sealed record SyncReport
{
    /// <summary>How many notes it brought as far as it could.</summary>
    public int Handled { get; init; }

    /// <summary>How many of them are final now.</summary>
    public int Final { get; init; }

    /// <summary>Why it ended before its time; null where it went through.</summary>
    public NfceSyncException? Stop { get; init; }
}

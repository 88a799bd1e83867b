using System;

namespace NfceSync.SefazSimulator;

/// <summary>What SEFAZ says of a note.</summary>
public enum NoteState
{
    /// <summary>Authorised (100, 120 or 150).</summary>
    Authorized,

    /// <summary>Authorised once and cancelled since.</summary>
    Cancelled,

    /// <summary>Denied (110).</summary>
    Denied,

    /// <summary>Received, not yet processed: 635 when sent again, 217 when consulted.</summary>
    Processing,
}

/// <summary>A note as SEFAZ knows it.</summary>
/// <param name="ChNFe">Access key.</param>
/// <param name="DigVal">Base64 text of the digest that was registered.</param>
/// <param name="NProt">Protocol, 15 digits.</param>
/// <param name="NRec">Receipt, 15 digits.</param>
/// <param name="DhRecbto">When it was registered.</param>
/// <param name="CStat">100, 120, 150 or 110.</param>
/// <param name="State">What became of it.</param>
/// <param name="Bytes">The exact bytes that came, from <c>&lt;NFe</c> to <c>&lt;/NFe&gt;</c>; empty where only a key was planted.</param>
public sealed record LedgerEntry(
    string ChNFe,
    string? DigVal,
    string NProt,
    string NRec,
    DateTimeOffset DhRecbto,
    int CStat,
    NoteState State,
    ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Code of the cancellation: 101, 151 or 155; 0 if none.</summary>
    public int CancellationCStat { get; init; }

    /// <summary>The <c>procEventoNFe</c> of the cancellation; empty if none.</summary>
    public ReadOnlyMemory<byte> CancellationEvent { get; init; }

    /// <summary>Calls about this key that are still answered as if it were in process.</summary>
    internal int CallsLeft { get; init; }

    /// <summary>From when on it counts as processed.</summary>
    internal DateTimeOffset ReadyAt { get; init; }
}

using System;
using System.Collections.Generic;

namespace NfceSync.SefazSimulator;

/// <summary>What a service answers, before it is written; faults change it here.</summary>
internal sealed record Reply(SefazService Service, int CStat, string XMotivo)
{
    public int TpAmb { get; init; }

    public int CUf { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Key that was asked about; part of <c>retConsSitNFe</c>.</summary>
    public string? ChNFe { get; init; }

    /// <summary>Receipt; part of 103 and of <c>retConsReciNFe</c>.</summary>
    public string? NRec { get; init; }

    public IReadOnlyList<Protocol> Protocols { get; init; } = [];

    /// <summary><c>procEventoNFe</c> documents, where the note is cancelled.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Events { get; init; } = [];

    /// <summary>The code that counts for the note: its protocol's where there is one.</summary>
    public int EffectiveCStat => Protocols.Count == 1 ? Protocols[0].CStat : CStat;
}

using System;

namespace NfceSync.SefazSimulator;

/// <summary>What <c>infProt</c> says.</summary>
internal sealed record Protocol(
    int TpAmb, string ChNFe, DateTimeOffset DhRecbto, string? NProt, string? DigVal, int CStat, string XMotivo)
{
    /// <summary>Alert of the tax authority (<c>cMsg</c>, <c>xMsg</c>); null if none. A consultation's schema has no place for it.</summary>
    public (int Code, string Text)? Alert { get; init; }
}

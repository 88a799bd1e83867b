using System;

namespace NfceSync.SefazSimulator;

/// <summary>What <c>infProt</c> says.</summary>
internal sealed record Protocol(
    int TpAmb, string ChNFe, DateTimeOffset DhRecbto, string? NProt, string? DigVal, int CStat, string XMotivo);

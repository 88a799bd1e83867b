using System;

namespace NfceSync.SefazSimulator;

/// <summary>A signed note as an ERP leaves it.</summary>
/// <param name="ChNFe">Access key, 44 characters.</param>
/// <param name="DigestValue">Base64 text of its digest.</param>
/// <param name="VNF">Total in reais.</param>
/// <param name="DhEmi">When it was issued.</param>
/// <param name="TpAmb">Environment: 1 or 2.</param>
/// <param name="Bytes">The standalone <c>&lt;NFe xmlns="…"&gt;…&lt;/NFe&gt;</c> in UTF-8, without declaration.</param>
public sealed record SignedNote(
    string ChNFe, string DigestValue, decimal VNF, DateTimeOffset DhEmi, int TpAmb, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>A name for its file, as ERPs name them.</summary>
    public string FileName => ChNFe + "-nfe.xml";
}

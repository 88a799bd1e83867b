using System;
using System.Collections.Generic;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.SefazSimulator;

/// <summary>What a note shall contain. Everything has a value that suits a test.</summary>
public sealed record NoteRequest
{
    /// <summary>CNPJ (14 characters, letters allowed) or CPF (11 digits) of the issuer.</summary>
    public string IssuerId { get; init; } = "12345678000195";

    /// <summary>The issuer's federative unit.</summary>
    public string Uf { get; init; } = "RS";

    /// <summary>Series, 0 to 969; 920 to 969 for a CPF.</summary>
    public int Serie { get; init; } = 1;

    /// <summary>Number, 1 to 999999999.</summary>
    public int Number { get; init; } = 1;

    /// <summary>Kind of emission: 9 offline contingency, 1 normal.</summary>
    public int TpEmis { get; init; } = 9;

    /// <summary>Model: 65 NFC-e, 55 NF-e.</summary>
    public int Model { get; init; } = 65;

    /// <summary>Environment: 1 production, 2 homologation.</summary>
    public int TpAmb { get; init; } = 2;

    /// <summary>When it was issued; ten minutes ago by the factory's clock if null.</summary>
    public DateTimeOffset? DhEmi { get; init; }

    /// <summary>When contingency began; five minutes before <see cref="DhEmi"/> if null. Only with <see cref="TpEmis"/> 9.</summary>
    public DateTimeOffset? DhCont { get; init; }

    /// <summary>Why contingency began, 15 to 256 characters.</summary>
    public string XJust { get; init; } = "Sem acesso à Internet no caixa";

    /// <summary>Total of the note in reais; it is divided among the items.</summary>
    public decimal VNF { get; init; } = 34.56m;

    /// <summary>Names of the products, one an item.</summary>
    public IReadOnlyList<string> Items { get; init; } = ["Pão de queijo & café", "Açúcar União 1 kg <promoção> \"leve\" 'já'"];

    /// <summary>The eight digits <c>cNF</c>; made from the factory's seed and the note's number if null.</summary>
    public string? CNF { get; init; }

    /// <summary>Whether a consumer with a CPF is named.</summary>
    public bool WithConsumer { get; init; }

    /// <summary>Version of the QR code: 2 or 3. A CPF issuer always gets 3.</summary>
    public int QrVersion { get; init; } = 2;

    /// <summary>Whether the content is written in ways that canonicalisation changes: attribute order, quotes, character references.</summary>
    public bool NonCanonical { get; init; }

    /// <summary>Who signs; the issuer's own certificate if null.</summary>
    public X509Certificate2? Signer { get; init; }
}

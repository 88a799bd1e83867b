using System;

namespace NfceSync.Core.Notes;

/// <summary>
/// An NFC-e as it was read from a source folder: its fields for reading, its bytes for sending. Digest, signature and key
/// were verified (of a limbo candidate only the key; its document says what its signature lacks); the bytes are never parsed
/// and written again.
/// </summary>
public sealed record ContingencyNote
{
    /// <summary>The access key (<c>chNFe</c>), proven by the fields and the check digit.</summary>
    public required AccessKey Key { get; init; }

    /// <summary>The emitter's CNPJ (14 characters) or CPF (11 digits).</summary>
    public required string IssuerId { get; init; }

    /// <summary><c>tpAmb</c>: 1 Produção, 2 Homologação.</summary>
    public required int TpAmb { get; init; }

    /// <summary><c>dhEmi</c>, with the offset that it carries.</summary>
    public required DateTimeOffset DhEmi { get; init; }

    /// <summary><c>dhCont</c>: when the contingency began; null unless <c>tpEmis</c> is 9.</summary>
    public DateTimeOffset? DhCont { get; init; }

    /// <summary><c>xJust</c>: why the store went into contingency; null unless <c>tpEmis</c> is 9.</summary>
    public string? XJust { get; init; }

    /// <summary><c>vNF</c>: the note's total in reais.</summary>
    public required decimal VNF { get; init; }

    /// <summary>
    /// The signature's <c>DigestValue</c>, base64, recomputed and found equal; of a limbo candidate that is not proven, what
    /// its signature states, or empty.
    /// </summary>
    public required string DigestValue { get; init; }

    /// <summary>The standalone <c>&lt;NFe xmlns="…"&gt;…&lt;/NFe&gt;</c> that the signature covers, in UTF-8: what is sent.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>
    /// The slice as it lies in the source file where it differs from <see cref="Bytes"/> (an <c>NFe</c> that inherits its
    /// namespace from <c>enviNFe</c>); null where they are the same.
    /// </summary>
    public ReadOnlyMemory<byte>? SourceBytes { get; init; }
}

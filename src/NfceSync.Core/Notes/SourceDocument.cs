using System;
using System.Collections.Generic;

namespace NfceSync.Core.Notes;

/// <summary>What a document found in a source folder is, before it is known which store it belongs to.</summary>
public enum DocumentKind
{
    /// <summary>Model 65, <c>tpEmis</c> 9, signed, valid: to be sent.</summary>
    Contingency,

    /// <summary>
    /// The same inside an <c>nfeProc</c> whose protocol authorises this key (100, 120, 150) with a <c>digVal</c> that equals its
    /// digest: consulted, never sent.
    /// </summary>
    Evidence,

    /// <summary>
    /// The same inside an <c>nfeProc</c> whose protocol does not prove it: another <c>digVal</c> (SEFAZ holds other bytes) or
    /// none, another key, a rejection, two protocols. Never sent; a person looks.
    /// </summary>
    ContradictedEvidence,

    /// <summary>Model 65, <c>tpEmis</c> 1, without protocol: listed by verification, never sent.</summary>
    LimboCandidate,

    /// <summary>Nothing for us: model 55, an event, <c>tpEmis</c> 1 with protocol, another kind of file. Counted.</summary>
    Ignored,

    /// <summary>Unreadable or not what it claims to be: pending until a person decides.</summary>
    Quarantined,
}

/// <summary>One document of a file in a source folder (an <c>enviNFe</c> may hold several).</summary>
public sealed record SourceDocument
{
    /// <summary>Its place in the file, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>What it is.</summary>
    public required DocumentKind Kind { get; init; }

    /// <summary>
    /// Why it was ignored or quarantined: one of <see cref="ErrorIds"/>. Of a limbo candidate: what its signature lacks, or
    /// null where it is proven. Null for the other kinds.
    /// </summary>
    public string? ReasonId { get; init; }

    /// <summary>What the placeholders of the reason's text stand for.</summary>
    public IReadOnlyList<string> ReasonArgs { get; init; } = Array.Empty<string>();

    /// <summary>The access key where one could be read, even of a document that is quarantined or ignored.</summary>
    public string? ChNFe { get; init; }

    /// <summary>The note; set for Contingency, Evidence, ContradictedEvidence and LimboCandidate.</summary>
    public ContingencyNote? Note { get; init; }

    /// <summary>
    /// The <c>protNFe</c> of an <c>nfeProc</c> as it lies in the file (it may inherit its namespace); null without one or with
    /// several.
    /// </summary>
    public ReadOnlyMemory<byte>? Protocol { get; init; }
}

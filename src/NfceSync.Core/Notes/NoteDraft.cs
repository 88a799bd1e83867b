using System;
using System.Collections.Generic;

namespace NfceSync.Core.Notes;

/// <summary>The fields of a note that are read.</summary>
internal enum NoteField
{
    CUf,
    CNf,
    Mod,
    Serie,
    NNf,
    DhEmi,
    TpEmis,
    CDv,
    TpAmb,
    DhCont,
    XJust,
    Cnpj,
    Cpf,
    VNf,
}

/// <summary>Where an element lies in the file: its start tag, its content, its end tag.</summary>
internal struct ElementRange
{
    public int Start;
    public int ContentStart;
    public int ContentEnd;
    public int End;
}

/// <summary>One <c>NFe</c> as the pass over the file found it, before it is judged.</summary>
internal sealed class NoteDraft
{
    public ElementRange Range;
    public ElementRange InfNFe;
    public ElementRange Signature;
    public ElementRange SignedInfo;
    public ElementRange SignatureValue;
    public ElementRange Certificate;

    public NoteDraft(int depth) => Depth = depth;

    /// <summary>SEFAZ's names of the fields, in the order of <see cref="NoteField"/>.</summary>
    public static IReadOnlyList<string> FieldNames { get; } =
    [
        "cUF", "cNF", "mod", "serie", "nNF", "dhEmi", "tpEmis", "cDV", "tpAmb", "dhCont", "xJust", "CNPJ", "CPF", "vNF",
    ];

    public int Depth { get; }

    public string?[] Values { get; } = new string?[FieldNames.Count];

    public string? Id { get; set; }

    public string? Versao { get; set; }

    /// <summary>Whether the start tag of <c>infNFe</c> has <c>Id</c> and <c>versao</c> and nothing else.</summary>
    public bool InfNFeIsPlain { get; set; }

    /// <summary>Whether the content of <c>infNFe</c> is written as Canonical XML writes it.</summary>
    public bool InfNFeIsCanonical { get; set; }

    /// <summary>How many elements the signature has, without those inside <c>SignedInfo</c>.</summary>
    public int SignatureElements { get; set; }

    /// <summary>Whether the <c>NFe</c> has no <c>xmlns</c> of its own.</summary>
    public bool InheritsNamespace { get; set; }

    /// <summary>Whether the <c>NFe</c> has attributes beside its <c>xmlns</c>, or something around it declares a prefix.</summary>
    public bool HasOtherNamespaces { get; set; }

    public bool UsesPrefix { get; set; }

    /// <summary>The name of an element that is doubled or out of place, or null.</summary>
    public string? Misplaced { get; set; }

    public string? this[NoteField field] => Values[(int)field];

    /// <summary>The 44 characters in <see cref="Id"/> where they have a key's structure, or null.</summary>
    public string? KeyText() =>
        Id is { Length: AccessKey.Length + 3 } && Id.StartsWith("NFe", StringComparison.Ordinal)
        && AccessKey.HasStructure(Id.AsSpan(3))
            ? Id.Substring(3)
            : null;
}

/// <summary>An <c>nfeProc</c> while it is read: its notes and what SEFAZ said.</summary>
internal sealed class ProcDraft
{
    public ElementRange Protocol;

    public ProcDraft(int depth) => Depth = depth;

    public int Depth { get; }

    public List<NoteDraft> Notes { get; } = [];

    public int ProtocolCount { get; set; }

    /// <summary><c>chNFe</c>, <c>digVal</c> and <c>cStat</c> of the <c>infProt</c>.</summary>
    public string?[] Values { get; } = new string?[3];

    public string? ChNFe => Values[0]?.Trim();

    public string? DigVal => Values[1]?.Trim();

    public string? CStat => Values[2]?.Trim();
}

using System;
using System.Globalization;

namespace NfceSync.Core.Notes;

/// <summary>What keeps a note from being sent: a reason and what its placeholders stand for.</summary>
internal sealed record Defect(string ReasonId, params string[] Args);

/// <summary>Says what a note is, from what the pass over the file found of it.</summary>
internal static class NoteJudge
{
    private const string Cpf = "CPF";
    private const string Cnpj = "CNPJ";

    private static readonly NoteField[] Required =
    [
        NoteField.Mod, NoteField.TpEmis, NoteField.CUf, NoteField.CNf, NoteField.Serie, NoteField.NNf, NoteField.DhEmi,
        NoteField.CDv, NoteField.TpAmb, NoteField.VNf,
    ];

    // Where each field lies in the key (MOC 7.0, Anexo I, rule A03-10).
    private static readonly (NoteField Field, int Start, int Length)[] KeyFields =
    [
        (NoteField.CUf, 0, 2), (NoteField.Mod, 20, 2), (NoteField.Serie, 22, 3), (NoteField.NNf, 25, 9),
        (NoteField.TpEmis, 34, 1), (NoteField.CNf, 35, 8), (NoteField.CDv, 43, 1),
    ];

    /// <summary>A document that a person must look at.</summary>
    public static SourceDocument Quarantined(int ordinal, string? chNFe, string reasonId, params string[] args) => new()
    {
        Ordinal = ordinal,
        Kind = DocumentKind.Quarantined,
        ChNFe = chNFe,
        ReasonId = reasonId,
        ReasonArgs = args,
    };

    /// <summary>A document that is none of ours.</summary>
    public static SourceDocument Ignored(int ordinal, string? chNFe, string reasonId, params string[] args) => new()
    {
        Ordinal = ordinal,
        Kind = DocumentKind.Ignored,
        ChNFe = chNFe,
        ReasonId = reasonId,
        ReasonArgs = args,
    };

    /// <summary>Judges one note.</summary>
    /// <param name="file">The file.</param>
    /// <param name="draft">What was found of the note.</param>
    /// <param name="proc">The <c>nfeProc</c> around it, or null.</param>
    /// <param name="ordinal">The note's place in the file.</param>
    public static SourceDocument Judge(byte[] file, NoteDraft draft, ProcDraft? proc, int ordinal)
    {
        string? chNFe = draft.KeyText();
        if (draft[NoteField.Mod] == "55")
        {
            return Ignored(ordinal, chNFe, ErrorIds.NfceNoteModel55);
        }

        if (HasOtherEmissionType(draft) && chNFe is not null && proc is { ProtocolCount: 1 } && proc.ChNFe == chNFe)
        {
            return Ignored(ordinal, chNFe, ErrorIds.NfceNoteHasProtocol);
        }

        Defect? defect = ReadFields(draft, out ContingencyNote? fields);
        if (fields is null)
        {
            return Quarantined(ordinal, chNFe, defect!.ReasonId, defect.Args);
        }

        ReadOnlyMemory<byte> slice = file.AsMemory(draft.Range.Start, draft.Range.End - draft.Range.Start);
        ReadOnlyMemory<byte> bytes = draft.InheritsNamespace ? WithNamespace(slice.Span) : slice;
        string? digest = null;
        defect = bytes.Length > NoteReader.MaxNoteBytes
            ? new Defect(ErrorIds.NfceNoteTooLarge, Kilobytes(bytes.Length), Kilobytes(NoteReader.MaxNoteBytes))
            : NoteSignature.FindDefect(file, draft, bytes, fields.IssuerId, out digest);
        bool isLimbo = fields.Key.TpEmis == 1;
        if (defect is not null && !isLimbo)
        {
            return Quarantined(ordinal, chNFe, defect.ReasonId, defect.Args);
        }

        ContingencyNote note = fields with
        {
            Bytes = bytes,
            SourceBytes = draft.InheritsNamespace ? slice : default(ReadOnlyMemory<byte>?),
            DigestValue = digest ?? "",
        };
        return new SourceDocument
        {
            Ordinal = ordinal,
            Kind = isLimbo ? DocumentKind.LimboCandidate
                : proc is null or { ProtocolCount: 0 } ? DocumentKind.Contingency
                : IsAuthorised(proc, note) ? DocumentKind.Evidence
                : DocumentKind.ContradictedEvidence,
            ReasonId = defect?.ReasonId,
            ReasonArgs = defect?.Args ?? [],
            ChNFe = chNFe,
            Note = note,
            Protocol = proc is { ProtocolCount: 1 }
                ? file.AsMemory(proc.Protocol.Start, proc.Protocol.End - proc.Protocol.Start)
                : default(ReadOnlyMemory<byte>?),
        };
    }

    private static bool HasOtherEmissionType(NoteDraft draft) =>
        draft[NoteField.Mod] == "65" && draft[NoteField.TpEmis] is { Length: 1 } tpEmis && tpEmis != "9";

    // Only an authorisation (100, 150 late, 120 with an alert) of this key and these bytes is evidence. Without digVal, with
    // a rejection's cStat or with two protocols a person has to look: to send it or to count it as sent would be a guess.
    private static bool IsAuthorised(ProcDraft proc, ContingencyNote note) =>
        proc.ProtocolCount == 1
        && proc.CStat is "100" or "120" or "150"
        && proc.ChNFe == note.Key.Value
        && proc.DigVal == note.DigestValue;

    private static Defect? ReadFields(NoteDraft draft, out ContingencyNote? fields)
    {
        fields = null;
        if (draft.UsesPrefix)
        {
            return new Defect(ErrorIds.NfceNotePrefix);
        }

        if (draft.Misplaced is { } misplaced)
        {
            return new Defect(ErrorIds.NfceNoteStructure, misplaced);
        }

        if (draft.InfNFe.End == 0)
        {
            return new Defect(ErrorIds.NfceNoteFieldMissing, "infNFe");
        }

        foreach (NoteField field in Required)
        {
            if (string.IsNullOrWhiteSpace(draft[field]))
            {
                return new Defect(ErrorIds.NfceNoteFieldMissing, NameOf(field));
            }
        }

        if (draft[NoteField.Mod] != "65")
        {
            return Invalid(NoteField.Mod);
        }

        string tpEmis = draft[NoteField.TpEmis]!;
        if (tpEmis is not ("1" or "9"))
        {
            return tpEmis is { Length: 1 } and [>= '0' and <= '9']
                ? new Defect(ErrorIds.NfceNoteEmissionType, tpEmis)
                : Invalid(NoteField.TpEmis);
        }

        return ReadKeyAndValues(draft, out fields);
    }

    private static Defect? ReadKeyAndValues(NoteDraft draft, out ContingencyNote? fields)
    {
        fields = null;
        string? issuerId = IssuerOf(draft, out Defect? defect);
        AccessKey? key = issuerId is null ? null : KeyOf(draft, issuerId, out defect);
        if (issuerId is null || key is null)
        {
            return defect;
        }

        if (!TryReadTime(draft[NoteField.DhEmi]!, out DateTimeOffset dhEmi))
        {
            return Invalid(NoteField.DhEmi);
        }

        // The text was just found to be yyyy-MM-dd...: its own year and month are those of the key, in its own offset.
        string text = draft[NoteField.DhEmi]!;
        if (string.CompareOrdinal(text, 2, key.Value, 2, 2) != 0 || string.CompareOrdinal(text, 5, key.Value, 4, 2) != 0)
        {
            return new Defect(ErrorIds.NfceNoteKeyMismatch, NameOf(NoteField.DhEmi));
        }

        DateTimeOffset? dhCont = null;
        if (key.TpEmis == 9)
        {
            // Rule B28-20 (cStat 557).
            if (string.IsNullOrWhiteSpace(draft[NoteField.DhCont]) || string.IsNullOrWhiteSpace(draft[NoteField.XJust]))
            {
                return new Defect(ErrorIds.NfceNoteContingencyData);
            }

            if (!TryReadTime(draft[NoteField.DhCont]!, out DateTimeOffset entered))
            {
                return Invalid(NoteField.DhCont);
            }

            dhCont = entered;
        }

        if (draft[NoteField.TpAmb] is not ("1" or "2"))
        {
            return Invalid(NoteField.TpAmb);
        }

        if (!decimal.TryParse(draft[NoteField.VNf], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal vNF))
        {
            return Invalid(NoteField.VNf);
        }

        fields = new ContingencyNote
        {
            Key = key,
            IssuerId = issuerId,
            TpAmb = draft[NoteField.TpAmb] == "1" ? 1 : 2,
            DhEmi = dhEmi,
            DhCont = dhCont,
            XJust = key.TpEmis == 9 ? draft[NoteField.XJust] : null,
            VNF = vNF,
            DigestValue = "",
            Bytes = default,
        };
        return null;
    }

    private static string? IssuerOf(NoteDraft draft, out Defect? defect)
    {
        string? cnpj = draft[NoteField.Cnpj];
        string? cpf = draft[NoteField.Cpf];
        bool both = cnpj is not null && cpf is not null;
        string? id = cnpj ?? cpf;
        defect = string.IsNullOrWhiteSpace(id) ? new Defect(ErrorIds.NfceNoteFieldMissing, Cnpj + "/" + Cpf)
            : both || id!.Length != (cnpj is null ? 11 : 14) ? new Defect(ErrorIds.NfceNoteFieldInvalid, cnpj is null ? Cpf : Cnpj)
            : null;
        return defect is null ? id : null;
    }

    private static AccessKey? KeyOf(NoteDraft draft, string issuerId, out Defect? defect)
    {
        string? text = draft.KeyText();
        if (text is null)
        {
            defect = new Defect(ErrorIds.NfceNoteKeyMalformed);
            return null;
        }

        if (!AccessKey.TryParse(text, out AccessKey? key))
        {
            defect = new Defect(ErrorIds.NfceNoteKeyCheckDigit, text);
            return null;
        }

        foreach ((NoteField field, int start, int length) in KeyFields)
        {
            if (!HoldsPadded(text, start, length, draft[field]!))
            {
                defect = new Defect(ErrorIds.NfceNoteKeyMismatch, NameOf(field));
                return null;
            }
        }

        defect = HoldsPadded(text, 6, 14, issuerId)
            ? null
            : new Defect(ErrorIds.NfceNoteKeyMismatch, issuerId.Length == 11 ? Cpf : Cnpj);
        return defect is null ? key : null;
    }

    /// <summary>Whether the key holds the value there, filled up with zeros on the left.</summary>
    private static bool HoldsPadded(string key, int start, int length, string value)
    {
        int zeros = length - value.Length;
        return zeros >= 0
            && key.AsSpan(start, zeros).TrimStart('0').IsEmpty
            && key.AsSpan(start + zeros, value.Length).SequenceEqual(value.AsSpan());
    }

    // TDateTimeUTC of tiposBasico_v4.00.xsd.
    private static bool TryReadTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    private static byte[] WithNamespace(ReadOnlySpan<byte> slice)
    {
        ReadOnlySpan<byte> name = "<NFe"u8;
        ReadOnlySpan<byte> declaration = " xmlns=\"http://www.portalfiscal.inf.br/nfe\""u8;
        byte[] standalone = new byte[slice.Length + declaration.Length];
        name.CopyTo(standalone);
        declaration.CopyTo(standalone.AsSpan(name.Length));
        slice.Slice(name.Length).CopyTo(standalone.AsSpan(name.Length + declaration.Length));
        return standalone;
    }

    private static Defect Invalid(NoteField field) => new(ErrorIds.NfceNoteFieldInvalid, NameOf(field));

    private static string NameOf(NoteField field) => NoteDraft.FieldNames[(int)field];

    private static string Kilobytes(int bytes) => (bytes / 1024).ToString(CultureInfo.InvariantCulture);
}

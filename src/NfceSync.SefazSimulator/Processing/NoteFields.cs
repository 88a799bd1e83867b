namespace NfceSync.SefazSimulator;

/// <summary>What the rules look at in one note. Text as it stands in the document; null where it is missing.</summary>
internal sealed class NoteFields
{
    public string? Id { get; set; }

    public string? Versao { get; set; }

    public string? CUf { get; set; }

    public string? CNF { get; set; }

    public string? Mod { get; set; }

    public string? Serie { get; set; }

    public string? NNF { get; set; }

    public string? DhEmi { get; set; }

    public string? TpEmis { get; set; }

    public string? CDV { get; set; }

    public string? TpAmb { get; set; }

    public string? DhCont { get; set; }

    public string? XJust { get; set; }

    public string? Cnpj { get; set; }

    public string? Cpf { get; set; }

    public string? VNF { get; set; }

    public string? ReferenceUri { get; set; }

    public string? DigestValue { get; set; }

    public string? SignatureValue { get; set; }

    public string? Certificate { get; set; }

    /// <summary>The algorithms in document order, separated by blanks.</summary>
    public string Algorithms { get; set; } = string.Empty;

    public string Key => Id is { Length: 47 } ? Id[3..] : string.Empty;
}

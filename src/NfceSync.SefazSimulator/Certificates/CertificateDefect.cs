namespace NfceSync.SefazSimulator;

/// <summary>What is wrong with an issued certificate.</summary>
public enum CertificateDefect
{
    /// <summary>Nothing: valid for a year.</summary>
    None,

    /// <summary>Its validity ended yesterday.</summary>
    Expired,

    /// <summary>Its validity begins tomorrow.</summary>
    NotYetValid,

    /// <summary>Issued by an authority nobody knows.</summary>
    UnknownAuthority,

    /// <summary>Names neither CNPJ nor CPF in its subjectAltName.</summary>
    WithoutIdentity,
}

using System;
using System.Formats.Asn1;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

using NfceSync.Core.Notes;

namespace NfceSync.Core.Stores;

/// <summary>What a certificate says of itself, for people and for warnings; no key.</summary>
public sealed record CertificateInfo
{
    /// <summary>The subject's common name; a CPF at its end (<c>NAME:CPF</c> in an e-CPF) is masked.</summary>
    public required string CommonName { get; init; }

    /// <summary>The issuer's distinguished name.</summary>
    public required string Issuer { get; init; }

    /// <summary>The serial number, hexadecimal.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>The SHA-1 thumbprint, hexadecimal.</summary>
    public required string Thumbprint { get; init; }

    /// <summary>From when it is valid.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Until when it is valid.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>
    /// The CNPJ (OID 2.16.76.1.3.3) or CPF (OID 2.16.76.1.3.1) of its subject alternative names, never of the common name;
    /// null where it has neither. A full CPF: show it through <see cref="TaxId.Display"/> only.
    /// </summary>
    public string? TaxId { get; init; }

    /// <summary>Reads a certificate.</summary>
    /// <param name="certificate">The certificate, with or without its key.</param>
    /// <returns>What it says.</returns>
    public static CertificateInfo From(X509Certificate2 certificate) => new()
    {
        CommonName = Regex.Replace(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), @":\d{11}$", ":***"),
        Issuer = certificate.Issuer,
        SerialNumber = certificate.SerialNumber,
        Thumbprint = certificate.Thumbprint,
        NotBefore = new DateTimeOffset(certificate.NotBefore),
        NotAfter = new DateTimeOffset(certificate.NotAfter),
        TaxId = TaxIdOf(certificate),
    };

    /// <summary>How many whole days it is still valid.</summary>
    /// <param name="now">The present instant.</param>
    /// <returns>Days; 0 on the last one, negative once expired.</returns>
    public int DaysLeft(DateTimeOffset now) => (int)Math.Floor((NotAfter - now).TotalDays);

    /// <summary>
    /// Whether a warning is due because the certificate is of another owner than the store. No error: the transmitter's
    /// TLS certificate need not match the emitter (MOC Anexo I, rules A01 to A07).
    /// </summary>
    /// <param name="issuerId">The store's CNPJ or CPF.</param>
    /// <returns><see cref="ErrorIds.NfceCertificateOtherIssuer"/> (its text takes the store's name), or null.</returns>
    public string? OtherIssuerWarning(string issuerId) =>
        TaxId is not null && Stores.TaxId.Base(TaxId) == Stores.TaxId.Base(issuerId) ? null : ErrorIds.NfceCertificateOtherIssuer;

    private static string? TaxIdOf(X509Certificate2 certificate)
    {
        try
        {
            IcpBrasilNames names = IcpBrasilNames.Of(certificate);
            return new[] { names.Cnpj, names.Cpf }.FirstOrDefault(id => id is not null && Stores.TaxId.IsValid(id));
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}

using System;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.Core.Notes;

/// <summary>
/// The certificate that a note carries in its signature: its public key, and whose it is by the ICP-Brasil extensions. It is
/// not asked whether it is valid today: the note was signed when it was, and SEFAZ judges that.
/// </summary>
internal sealed class SigningCertificate
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string CnpjOid = "2.16.76.1.3.3";
    private const string CpfOid = "2.16.76.1.3.1";
    private const int CnpjLength = 14;
    private const int CnpjBaseLength = 8;
    private const int CpfLength = 11;
    private const int CacheSize = 8;

    // A folder holds thousands of notes and one or two certificates. A cache for each thread needs no lock, and no two
    // threads use one RSA object.
    [ThreadStatic]
    private static Entry[]? cache;

    [ThreadStatic]
    private static int nextEntry;

    private readonly string? cnpj;
    private readonly string? cpf;
    private readonly RSA key;

    private SigningCertificate(RSA key, string? cnpj, string? cpf)
    {
        this.key = key;
        this.cnpj = cnpj;
        this.cpf = cpf;
    }

    /// <summary>The certificate in the text of an <c>X509Certificate</c> element.</summary>
    /// <param name="base64">The text, line breaks allowed.</param>
    /// <returns>Null where it is not a certificate with an RSA key.</returns>
    public static SigningCertificate? Get(ReadOnlySpan<byte> base64)
    {
        cache ??= new Entry[CacheSize];
        foreach (Entry entry in cache)
        {
            if (entry.Base64 is not null && base64.SequenceEqual(entry.Base64))
            {
                return entry.Certificate;
            }
        }

        SigningCertificate? certificate = Read(base64);
        if (certificate is not null)
        {
            cache[nextEntry] = new Entry(base64.ToArray(), certificate);
            nextEntry = (nextEntry + 1) % CacheSize;
        }

        return certificate;
    }

    /// <summary>Whether the RSA-SHA1 signature over a digest is this certificate's.</summary>
    public bool Verifies(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) =>
#if NET
        key.VerifyHash(digest, signature, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
#else
        key.VerifyHash(digest.ToArray(), signature.ToArray(), HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
#endif

    /// <summary>
    /// Whether the certificate may sign for the emitter: the base of the CNPJ is equal (rule F03, cStat 213: the head office
    /// signs for its branches), or the CPF (rule F03A, cStat 227).
    /// </summary>
    /// <param name="issuerId">The emitter's CNPJ or CPF.</param>
    public bool BelongsTo(string issuerId) => issuerId.Length == CpfLength
        ? cpf == issuerId
        : cnpj is not null && string.CompareOrdinal(cnpj, 0, issuerId, 0, CnpjBaseLength) == 0;

    private static SigningCertificate? Read(ReadOnlySpan<byte> base64)
    {
        try
        {
            byte[] der = Convert.FromBase64String(Encoding.ASCII.GetString(base64.ToArray()));

            // Never a PFX or a PKCS #7 container: reading one could import keys.
            if (der.Length == 0 || X509Certificate2.GetCertContentType(der) != X509ContentType.Cert)
            {
                return null;
            }

            using var certificate = new X509Certificate2(der);
            RSA? key = certificate.GetRSAPublicKey();
            if (key is null)
            {
                return null;
            }

            string? cnpj = null;
            string? cpf = null;
            if (certificate.Extensions[SubjectAlternativeName] is { } names)
            {
                ReadNames(names.RawData, ref cnpj, ref cpf);
            }

            return new SigningCertificate(key, cnpj, cpf);
        }
        catch (Exception e) when (e is FormatException or CryptographicException or AsnContentException)
        {
            return null;
        }
    }

    // GeneralNames ::= SEQUENCE OF GeneralName; otherName ::= [0] { OID, [0] EXPLICIT value } (RFC 5280, 4.2.1.6).
    private static void ReadNames(byte[] extension, ref string? cnpj, ref string? cpf)
    {
        var otherName = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        AsnReader names = new AsnReader(extension, AsnEncodingRules.BER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag() != otherName)
            {
                names.ReadEncodedValue();
                continue;
            }

            AsnReader name = names.ReadSequence(otherName);
            string oid = name.ReadObjectIdentifier();
            string value = ReadText(name.ReadSequence(otherName).ReadEncodedValue().Span);
            if (oid == CnpjOid && value.Length >= CnpjLength)
            {
                cnpj = value.Substring(0, CnpjLength);
            }
            else if (oid == CpfOid && value.Length >= 8 + CpfLength)
            {
                // DOC-ICP-04: eight digits of the date of birth come first.
                cpf = value.Substring(8, CpfLength);
            }
        }
    }

    // OCTET STRING and PrintableString both occur (DOC-ICP-04); their contents are ASCII.
    private static string ReadText(ReadOnlySpan<byte> encoded)
    {
        AsnDecoder.ReadEncodedValue(encoded, AsnEncodingRules.BER, out int offset, out int length, out _);
        return Encoding.ASCII.GetString(encoded.Slice(offset, length).ToArray());
    }

    private readonly record struct Entry(byte[]? Base64, SigningCertificate? Certificate);
}

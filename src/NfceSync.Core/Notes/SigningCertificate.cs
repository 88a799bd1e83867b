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
    private const int CnpjBaseLength = 8;
    private const int CpfLength = 11;
    private const int CacheSize = 8;

    // A folder holds thousands of notes and one or two certificates. A cache for each thread needs no lock, and no two
    // threads use one RSA object.
    [ThreadStatic]
    private static Entry[]? cache;

    [ThreadStatic]
    private static int nextEntry;

    private readonly IcpBrasilNames names;
    private readonly RSA key;

    private SigningCertificate(RSA key, IcpBrasilNames names)
    {
        this.key = key;
        this.names = names;
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
        ? names.Cpf == issuerId
        : names.Cnpj is { } cnpj && string.CompareOrdinal(cnpj, 0, issuerId, 0, CnpjBaseLength) == 0;

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
            return certificate.GetRSAPublicKey() is { } key ? new SigningCertificate(key, IcpBrasilNames.Of(certificate)) : null;
        }
        catch (Exception e) when (e is FormatException or CryptographicException or AsnContentException)
        {
            return null;
        }
    }

    private readonly record struct Entry(byte[]? Base64, SigningCertificate? Certificate);
}

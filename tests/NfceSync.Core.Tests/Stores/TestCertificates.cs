using System;
using System.Formats.Asn1;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.Core.Tests.Stores;

/// <summary>Certificates made at run time; none of them is anybody's.</summary>
internal static class TestCertificates
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 22, 0, 0, TimeSpan.Zero);

    // One key for all that are no authority: making keys is what takes time.
    private static readonly RSA Key = RSA.Create(2048);

    public static X509Certificate2 SelfSigned(
        string subject = "CN=LOJA DE TESTE:11222333000181",
        DateTimeOffset? notBefore = null,
        DateTimeOffset? notAfter = null,
        X509Extension? extension = null)
    {
        CertificateRequest request = Request(subject, Key);
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSelfSigned(notBefore ?? Now.AddDays(-1), notAfter ?? Now.AddDays(30));
    }

    public static X509Certificate2 Authority(string name)
    {
        using RSA key = RSA.Create(2048);
        return AuthorityRequest(name, key).CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-3), DateTimeOffset.UtcNow.AddYears(3));
    }

    public static X509Certificate2 IntermediateAuthority(string name, X509Certificate2 issuer)
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = AuthorityRequest(name, key)
            .Create(issuer, DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    public static X509Certificate2 Server(
        X509Certificate2 issuer, string host = "localhost", DateTimeOffset? notAfter = null, string usage = "1.3.6.1.5.5.7.3.1")
    {
        CertificateRequest request = Request("CN=server", Key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(new OidCollection { new(usage) }, critical: false));
        using X509Certificate2 certificate = request.Create(
            issuer, DateTimeOffset.UtcNow.AddYears(-1), notAfter ?? DateTimeOffset.UtcNow.AddYears(1), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(Key);
    }

    /// <summary>An <c>otherName</c> entry as ICP-Brasil has it, with an ordinary name before it.</summary>
    public static X509Extension OtherNames(bool octetString, params (string Oid, string Value)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, "loja@example.com", new Asn1Tag(TagClass.ContextSpecific, 1));
            foreach ((string oid, string value) in names)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                {
                    writer.WriteObjectIdentifier(oid);
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    {
                        if (octetString)
                        {
                            writer.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(value));
                        }
                        else
                        {
                            writer.WriteCharacterString(UniversalTagNumber.PrintableString, value);
                        }
                    }
                }
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
    }

    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (char c in text)
        {
            secret.AppendChar(c);
        }

        return secret;
    }

    private static CertificateRequest AuthorityRequest(string name, RSA key)
    {
        CertificateRequest request = Request("CN=" + name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request;
    }

    private static CertificateRequest Request(string subject, RSA key) =>
        new(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}

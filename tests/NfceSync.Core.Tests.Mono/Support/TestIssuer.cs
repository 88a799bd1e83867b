using System;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.Core.Tests.Notes;

/// <summary>
/// The same emitters as the other tests have. Mono has no <c>CertificateRequest</c>, so their certificates are written here,
/// RFC 5280 by hand.
/// </summary>
internal sealed class TestIssuer
{
    public const string CnpjOid = "2.16.76.1.3.3";
    public const string CpfOid = "2.16.76.1.3.1";

    private const string CommonName = "2.5.4.3";
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string RsaWithSha256 = "1.2.840.113549.1.1.11";

    private static readonly Asn1Tag First = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 3);

    private TestIssuer(string id, RSA key, X509Certificate2 certificate)
    {
        Id = id;
        Key = key;
        Certificate = certificate;
    }

    public static TestIssuer Cnpj { get; } = WithCnpj("11222333000181");

    public static TestIssuer AlphanumericCnpj { get; } = WithCnpj("12ABC34501DE35");

    public static TestIssuer Cpf { get; } = Create("52998224725", (CpfOid, "01011980" + "52998224725" + new string('0', 30)));

    public string Id { get; }

    public RSA Key { get; }

    public X509Certificate2 Certificate { get; }

    public static TestIssuer WithCnpj(string cnpj) => Create(cnpj, (CnpjOid, cnpj));

    public static TestIssuer Create(string id, params (string Oid, string Value)[] names)
    {
        RSA key = RSA.Create(2048);
        byte[] content = Content(key, names);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(content);
            WriteAlgorithm(writer, RsaWithSha256);
            writer.WriteBitString(key.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        return new TestIssuer(id, key, new X509Certificate2(writer.Encode()));
    }

    /// <summary>The same emitter, signing with somebody else's certificate.</summary>
    public TestIssuer SigningAs(TestIssuer other) => new(Id, other.Key, other.Certificate);

    private static byte[] Content(RSA key, (string Oid, string Value)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(First))
            {
                writer.WriteInteger(2); // version 3
            }

            writer.WriteInteger(1);
            WriteAlgorithm(writer, RsaWithSha256);
            WriteName(writer);
            using (writer.PushSequence())
            {
                // Expired on purpose: a note was signed when its certificate was valid, and SEFAZ judges that.
                writer.WriteUtcTime(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
                writer.WriteUtcTime(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
            }

            WriteName(writer);
            WriteKey(writer, key.ExportParameters(includePrivateParameters: false));
            if (names.Length > 0)
            {
                using (writer.PushSequence(Extensions))
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(SubjectAlternativeName);
                    writer.WriteOctetString(Names(names));
                }
            }
        }

        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            writer.WriteNull();
        }
    }

    // The CN names somebody else: whose a certificate is must never be read from it.
    private static void WriteName(AsnWriter writer)
    {
        using (writer.PushSequence())
        using (writer.PushSetOf())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CommonName);
            writer.WriteCharacterString(UniversalTagNumber.UTF8String, "LOJA DE TESTE:99888777000166");
        }
    }

    private static void WriteKey(AsnWriter writer, RSAParameters key)
    {
        var bits = new AsnWriter(AsnEncodingRules.DER);
        using (bits.PushSequence())
        {
            bits.WriteIntegerUnsigned(key.Modulus);
            bits.WriteIntegerUnsigned(key.Exponent);
        }

        using (writer.PushSequence())
        {
            WriteAlgorithm(writer, RsaEncryption);
            writer.WriteBitString(bits.Encode());
        }
    }

    private static byte[] Names((string Oid, string Value)[] names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, "loja@example.com", new Asn1Tag(TagClass.ContextSpecific, 1));
            foreach ((string oid, string value) in names)
            {
                using (writer.PushSequence(First))
                {
                    writer.WriteObjectIdentifier(oid);
                    using (writer.PushSequence(First))
                    {
                        writer.WriteOctetString(Encoding.ASCII.GetBytes(value));
                    }
                }
            }
        }

        return writer.Encode();
    }
}

using System;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.Core.Tests.Notes;

/// <summary>An emitter with a certificate as ICP-Brasil makes them; made at run time.</summary>
internal sealed class TestIssuer
{
    public const string CnpjOid = "2.16.76.1.3.3";
    public const string CpfOid = "2.16.76.1.3.1";

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
        // The CN names somebody else: whose a certificate is must never be read from it.
        var request = new CertificateRequest("CN=LOJA DE TESTE:99888777000166", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (names.Length > 0)
        {
            request.CertificateExtensions.Add(new X509Extension("2.5.29.17", Names(names), critical: false));
        }

        // Expired on purpose: a note was signed when its certificate was valid, and SEFAZ judges that.
        X509Certificate2 certificate = request.CreateSelfSigned(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new TestIssuer(id, key, certificate);
    }

    /// <summary>The same emitter, signing with somebody else's certificate.</summary>
    public TestIssuer SigningAs(TestIssuer other) => new(Id, other.Key, other.Certificate);

    private static byte[] Names((string Oid, string Value)[] names)
    {
        var otherName = new Asn1Tag(TagClass.ContextSpecific, 0);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, "loja@example.com", new Asn1Tag(TagClass.ContextSpecific, 1));
            foreach ((string oid, string value) in names)
            {
                using (writer.PushSequence(otherName))
                {
                    writer.WriteObjectIdentifier(oid);
                    using (writer.PushSequence(otherName))
                    {
                        writer.WriteOctetString(Encoding.ASCII.GetBytes(value));
                    }
                }
            }
        }

        return writer.Encode();
    }
}

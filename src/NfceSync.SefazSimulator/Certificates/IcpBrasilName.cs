using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.SefazSimulator;

/// <summary>
/// The ICP-Brasil way to name a holder: subjectAltName otherName 2.16.76.1.3.3 (CNPJ) or 2.16.76.1.3.1
/// (birth date ddmmyyyy, CPF, and further fields), each an OCTET STRING or PrintableString.
/// </summary>
internal static class IcpBrasilName
{
    private const string SubjectAltName = "2.5.29.17";
    private const string CnpjOid = "2.16.76.1.3.3";
    private const string CpfOid = "2.16.76.1.3.1";
    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    public static X509Extension Extension(string cnpjOrCpf)
    {
        var isCpf = cnpjOrCpf.Length == 11;
        // 8 birth date + 11 CPF + 11 NIS + 15 RG + 6 issuer of the RG (DOC-ICP-04, 7.1.2.3).
        var content = isCpf ? "01011980" + cnpjOrCpf + new string('0', 26) + "SSPRS " : cnpjOrCpf;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(Explicit0))
        {
            writer.WriteObjectIdentifier(isCpf ? CpfOid : CnpjOid);
            using (writer.PushSequence(Explicit0))
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(content));
            }
        }

        return new X509Extension(SubjectAltName, writer.Encode(), critical: false);
    }

    /// <summary>CNPJ (14) or CPF (11) of the holder, or null where the certificate names none.</summary>
    public static string? Read(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value == SubjectAltName)
            {
                return Read(extension.RawData);
            }
        }

        return null;
    }

    private static string? Read(byte[] rawData)
    {
        var names = new AsnReader(rawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag != Explicit0)
            {
                names.ReadEncodedValue();
                continue;
            }

            var otherName = names.ReadSequence(Explicit0);
            var oid = otherName.ReadObjectIdentifier();
            var value = otherName.ReadSequence(Explicit0);
            var text = value.PeekTag() == Asn1Tag.PrimitiveOctetString
                ? Encoding.ASCII.GetString(value.ReadOctetString())
                : value.ReadCharacterString((UniversalTagNumber)value.PeekTag().TagValue);
            switch (oid)
            {
                case CnpjOid when text.Length >= 14:
                    return text[..14];
                case CpfOid when text.Length >= 19:
                    return text.Substring(8, 11);
            }
        }

        return null;
    }
}

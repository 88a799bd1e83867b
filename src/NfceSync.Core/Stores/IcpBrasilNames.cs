using System.Collections.Generic;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.Core.Stores;

/// <summary>The CNPJ or CPF that ICP-Brasil puts into <c>otherName</c> entries of the subject alternative names.</summary>
internal static class IcpBrasilNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string CnpjOid = "2.16.76.1.3.3";

    // Born (8 digits), CPF (11), NIS (11), RG (15), who issued the RG.
    private const string CpfOid = "2.16.76.1.3.1";
    private const int CpfStart = 8;

    private static readonly Asn1Tag OtherName = new(TagClass.ContextSpecific, 0);

    /// <summary>The CNPJ, else the CPF, else null; also null where the extension cannot be read.</summary>
    public static string? TaxIdOf(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension)
        {
            return null;
        }

        try
        {
            Dictionary<string, string> names = OtherNames(extension.RawData);
            return IdIn(names, CnpjOid, 0, 14) ?? IdIn(names, CpfOid, CpfStart, 11);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static string? IdIn(Dictionary<string, string> names, string oid, int start, int length) =>
        names.TryGetValue(oid, out string? value) && value.Length >= start + length
            && value.Substring(start, length) is var id && TaxId.IsValid(id)
            ? id
            : null;

    // GeneralNames ::= SEQUENCE OF GeneralName; otherName is [0] { OID, [0] EXPLICIT value } (RFC 5280, 4.2.1.6). The
    // value is an OCTET STRING or one of the string types, as the certification authority likes; its content is ASCII.
    private static Dictionary<string, string> OtherNames(byte[] extension)
    {
        var names = new Dictionary<string, string>();
        AsnReader all = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (all.HasData)
        {
            if (!all.PeekTag().HasSameClassAndValue(OtherName))
            {
                all.ReadEncodedValue();
                continue;
            }

            AsnReader name = all.ReadSequence(OtherName);
            string oid = name.ReadObjectIdentifier();
            names[oid] = Encoding.ASCII.GetString(name.ReadSequence(OtherName).PeekContentBytes().ToArray());
        }

        return names;
    }
}

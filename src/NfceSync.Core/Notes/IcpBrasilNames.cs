using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.Core.Notes;

/// <summary>
/// The CNPJ and CPF that ICP-Brasil puts into <c>otherName</c> entries of the subject alternative names; never the CN.
/// </summary>
/// <param name="Cnpj">OID 2.16.76.1.3.3: 14 characters; null without one.</param>
/// <param name="Cpf">OID 2.16.76.1.3.1: 11 digits; null without one.</param>
internal sealed record IcpBrasilNames(string? Cnpj, string? Cpf)
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string CnpjOid = "2.16.76.1.3.3";
    private const int CnpjLength = 14;

    // DOC-ICP-04: born (8 digits), CPF (11), NIS (11), RG (15), who issued the RG.
    private const string CpfOid = "2.16.76.1.3.1";
    private const int CpfStart = 8;
    private const int CpfLength = 11;

    private static readonly Asn1Tag OtherName = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Reads a certificate's names.</summary>
    /// <exception cref="AsnContentException">The extension cannot be read.</exception>
    public static IcpBrasilNames Of(X509Certificate2 certificate)
    {
        string? cnpj = null;
        string? cpf = null;
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension)
        {
            return new IcpBrasilNames(cnpj, cpf);
        }

        // GeneralNames ::= SEQUENCE OF GeneralName; otherName is [0] { OID, [0] EXPLICIT value } (RFC 5280, 4.2.1.6).
        AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.BER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag() != OtherName)
            {
                names.ReadEncodedValue();
                continue;
            }

            AsnReader name = names.ReadSequence(OtherName);
            string oid = name.ReadObjectIdentifier();

            // OCTET STRING and PrintableString both occur (DOC-ICP-04); their contents are ASCII.
            string value = Encoding.ASCII.GetString(name.ReadSequence(OtherName).PeekContentBytes().ToArray());
            if (oid == CnpjOid && value.Length >= CnpjLength)
            {
                cnpj = value.Substring(0, CnpjLength);
            }
            else if (oid == CpfOid && value.Length >= CpfStart + CpfLength)
            {
                cpf = value.Substring(CpfStart, CpfLength);
            }
        }

        return new IcpBrasilNames(cnpj, cpf);
    }
}

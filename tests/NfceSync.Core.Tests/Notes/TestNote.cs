using System;
using System.Linq;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

using NfceSync.Core.Notes;

namespace NfceSync.Core.Tests.Notes;

/// <summary>Makes signed notes with .NET's own SignedXml, which the code under test does not use.</summary>
internal sealed record TestNote
{
    public const string Namespace = "http://www.portalfiscal.inf.br/nfe";

    public TestIssuer Issuer { get; init; } = TestIssuer.Cnpj;

    public string Model { get; init; } = "65";

    public string TpEmis { get; init; } = "9";

    public string Serie { get; init; } = "1";

    public string Number { get; init; } = "4711";

    public string DhEmi { get; init; } = "2026-11-23T21:15:00-03:00";

    public string Contingency { get; init; } =
        "<dhCont>2026-11-23T20:00:00-03:00</dhCont><xJust>Sem conexão com a internet &amp; sem 4G</xJust>";

    /// <summary>Stands in a product's description.</summary>
    public string Text { get; init; } = "Café torrado 500 g";

    public string Supplement { get; init; } = "<infNFeSupl><qrCode><![CDATA[https://example.com/qr?p=1|2]]></qrCode><urlChave>https://example.com</urlChave></infNFeSupl>";

    /// <summary>Names the two transforms the other way round, which the schema allows.</summary>
    public bool SwapTransforms { get; init; }

    /// <summary>Changes the <c>infNFe</c> before it is signed.</summary>
    public Func<string, string> BeforeSigning { get; init; } = xml => xml;

    public string Key
    {
        get
        {
            string first = "35" + DhEmi.Substring(2, 2) + DhEmi.Substring(5, 2) + Issuer.Id.PadLeft(14, '0') + Model
                + Serie.PadLeft(3, '0') + Number.PadLeft(9, '0') + TpEmis + "12345670";
            return first + AccessKey.ComputeCheckDigit(first);
        }
    }

    /// <summary>The <c>NFe</c> as the emitter's program would write it.</summary>
    public string Sign()
    {
        XmlDocument document = Load($"<NFe xmlns=\"{Namespace}\">{BeforeSigning(InfNFe())}{Supplement}</NFe>");
        string id = ((XmlElement)document.GetElementsByTagName("infNFe")[0]!).GetAttribute("Id");
        var signed = new SignedXml(document) { SigningKey = Issuer.Key };
        signed.SignedInfo!.SignatureMethod = SignedXml.XmlDsigRSASHA1Url;
        signed.SignedInfo.CanonicalizationMethod = SignedXml.XmlDsigC14NTransformUrl;
        var reference = new Reference("#" + id) { DigestMethod = SignedXml.XmlDsigSHA1Url };
        Transform[] transforms = { new XmlDsigEnvelopedSignatureTransform(), new XmlDsigC14NTransform() };
        foreach (Transform transform in SwapTransforms ? Enumerable.Reverse(transforms) : transforms)
        {
            reference.AddTransform(transform);
        }

        signed.AddReference(reference);
        signed.KeyInfo.AddClause(new KeyInfoX509Data(Issuer.Certificate));
        signed.ComputeSignature();
        document.DocumentElement!.AppendChild(document.ImportNode(signed.GetXml(), deep: true));
        return document.OuterXml;
    }

    public byte[] SignToBytes() => Encoding.UTF8.GetBytes(Sign());

    /// <summary>Wraps a signed note in an <c>nfeProc</c> as SEFAZ's answer makes it.</summary>
    public string Proc(string nfe, string? digVal, string cStat = "100", string? chNFe = null) =>
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><nfeProc xmlns=\"{Namespace}\" versao=\"4.00\">{nfe}"
        + Protocol(digVal, cStat, chNFe) + "</nfeProc>";

    public string Protocol(string? digVal, string cStat = "100", string? chNFe = null) =>
        $"<protNFe versao=\"4.00\"><infProt><tpAmb>2</tpAmb><chNFe>{chNFe ?? Key}</chNFe><nProt>135260000000001</nProt>"
        + (digVal is null ? "" : $"<digVal>{digVal}</digVal>") + $"<cStat>{cStat}</cStat></infProt></protNFe>";

    public static string DigestOf(string nfe) => Load(nfe).GetElementsByTagName("DigestValue")[0]!.InnerText;

    /// <summary>What .NET's SignedXml says of the only signature of the document with the key that it carries.</summary>
    public static bool IsVerifiedBySignedXml(byte[] nfe)
    {
        XmlDocument document = Load(Encoding.UTF8.GetString(nfe));
        var signature = document.DocumentElement!.ChildNodes.OfType<XmlElement>().Single(child => child.LocalName == "Signature");
        var signed = new SignedXml(document);
        signed.LoadXml(signature);
        var reference = (Reference)signed.SignedInfo!.References[0]!;
        string id = ((XmlElement)document.GetElementsByTagName("infNFe")[0]!).GetAttribute("Id");
        var certificate = (System.Security.Cryptography.X509Certificates.X509Certificate2)signed.KeyInfo
            .OfType<KeyInfoX509Data>().Single().Certificates![0]!;
        return reference.Uri == "#" + id && signed.SignedInfo.References.Count == 1
            && signed.CheckSignature(certificate, verifySignatureOnly: true);
    }

    private static XmlDocument Load(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        using var reader = XmlReader.Create(new System.IO.StringReader(xml));
        document.Load(reader);
        return document;
    }

    private string InfNFe() =>
        $"<infNFe Id=\"NFe{Key}\" versao=\"4.00\"><ide><cUF>35</cUF><cNF>12345670</cNF><natOp>VENDA</natOp><mod>{Model}</mod>"
        + $"<serie>{Serie}</serie><nNF>{Number}</nNF><dhEmi>{DhEmi}</dhEmi><tpEmis>{TpEmis}</tpEmis><cDV>{Key[43]}</cDV>"
        + $"<tpAmb>2</tpAmb>{Contingency}</ide><emit><{IdName}>{Issuer.Id}</{IdName}><xNome>Loja</xNome></emit>"
        + $"<det nItem=\"1\"><prod><xProd>{Text}</xProd><vProd>10.00</vProd></prod></det>"
        + "<total><ICMSTot><vProd>12.34</vProd><vNF>12.34</vNF></ICMSTot></total>"
        + "<infAdic><obsCont xCampo=\"Caixa\"><xTexto>1 &lt; 2</xTexto></obsCont></infAdic></infNFe>";

    private string IdName => Issuer.Id.Length == 11 ? "CPF" : "CNPJ";
}

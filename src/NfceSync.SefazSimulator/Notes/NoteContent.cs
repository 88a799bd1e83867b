using System;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NfceSync.SefazSimulator;

/// <summary>
/// Writes the content of <c>infNFe</c> in its canonical form (layout 4.00): no DOM, so that twenty thousand notes
/// take seconds. Its text is also what lies in the file, unless the request asks for other spellings.
/// </summary>
internal static class NoteContent
{
    // Rules I04-10 (373) and E04-20 (598) fix these two texts in homologation.
    private const string HomologationProduct = "NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL";
    private const string HomologationConsumer = "NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL";

    // Public test values: the issuer's CSC as the simulator "registered" it.
    private const string CscId = "1";
    private const string CscToken = "CSC-DE-TREINAMENTO-0001";
    private const string Site = "https://nfce.sefaz.example/consulta";

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    public static string Money(decimal value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Key(NoteRequest request, FederativeUnit uf, DateTimeOffset dhEmi, string cNF)
    {
        var first43 = string.Create(
            CultureInfo.InvariantCulture,
            $"{uf.Code:00}{dhEmi:yyMM}{request.IssuerId.PadLeft(14, '0')}{request.Model:00}{request.Serie:000}{request.Number:000000000}{request.TpEmis}{cNF}");
        return first43 + TaxIds.KeyDigit(first43);
    }

    /// <summary>Everything between the start and end tag of <c>infNFe</c>.</summary>
    public static string Inner(NoteRequest request, FederativeUnit uf, DateTimeOffset dhEmi, string cNF, char cDV, bool withReason)
    {
        var text = new StringBuilder(4096);
        var city = uf.Code == 43 ? 4314902 : uf.Code * 100000 + 108;
        AppendIdentification(text, request, uf, dhEmi, cNF, cDV, city, withReason);
        AppendIssuer(text, request, uf, city);
        if (request.WithConsumer)
        {
            var name = request.TpAmb == 2 ? HomologationConsumer : "José da Silva & Filhos";
            text.Append("<dest><CPF>").Append(TaxIds.Cpf("111444777")).Append("</CPF><xNome>").Append(Escape(name))
                .Append("</xNome><indIEDest>9</indIEDest></dest>");
        }

        AppendItems(text, request);
        AppendTotals(text, request);
        return text.ToString();
    }

    /// <summary>The supplement with the QR code; it lies outside the signature.</summary>
    public static string Supplement(NoteRequest request, string key, DateTimeOffset dhEmi, string digest, EnvelopedSigner signer)
    {
        var version = request.IssuerId.Length == 11 ? 3 : request.QrVersion;
        var parameters = $"{key}|{version}|{request.TpAmb}";
        var day = dhEmi.ToString("dd", CultureInfo.InvariantCulture);
        if (request.TpEmis == 9 && version == 3)
        {
            // Manual DANFE/QR v6.0: kind of identification (2 = CPF) and number of the consumer may be empty.
            var consumer = request.WithConsumer ? "2|" + TaxIds.Cpf("111444777") : "|";
            parameters += $"|{day}|{Money(request.VNF)}|{consumer}";
            parameters += "|" + signer.SignText(parameters);
        }
        else if (request.TpEmis == 9)
        {
            // The digest enters as the hexadecimal of its Base64 text.
            parameters += $"|{day}|{Money(request.VNF)}|{Convert.ToHexString(Encoding.ASCII.GetBytes(digest)).ToLowerInvariant()}|{CscId}";
            parameters += "|" + Hash(parameters);
        }
        else if (version == 2)
        {
            parameters += "|" + CscId;
            parameters += "|" + Hash(parameters);
        }

        return $"<infNFeSupl><qrCode>{Site}?p={parameters}</qrCode><urlChave>{Site}</urlChave></infNFeSupl>";
    }

    /// <summary>Text as C14N writes it.</summary>
    public static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Hash(string parameters) =>
        Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(parameters + CscToken)));

    private static void AppendIdentification(
        StringBuilder text, NoteRequest request, FederativeUnit uf, DateTimeOffset dhEmi, string cNF, char cDV, int city, bool withReason)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"<ide><cUF>{uf.Code}</cUF><cNF>{cNF}</cNF><natOp>VENDA AO CONSUMIDOR</natOp><mod>{request.Model}</mod><serie>{request.Serie}</serie><nNF>{request.Number}</nNF>");
        text.Append(
            CultureInfo.InvariantCulture,
            $"<dhEmi>{Time(dhEmi)}</dhEmi><tpNF>1</tpNF><idDest>1</idDest><cMunFG>{city}</cMunFG><tpImp>{(request.Model == 65 ? 4 : 1)}</tpImp>");
        text.Append(
            CultureInfo.InvariantCulture,
            $"<tpEmis>{request.TpEmis}</tpEmis><cDV>{cDV}</cDV><tpAmb>{request.TpAmb}</tpAmb><finNFe>1</finNFe><indFinal>1</indFinal><indPres>1</indPres><procEmi>0</procEmi><verProc>ERP 4.2</verProc>");
        if (request.TpEmis == 9 && withReason)
        {
            var dhCont = request.DhCont ?? dhEmi.AddMinutes(-5);
            text.Append("<dhCont>").Append(Time(dhCont)).Append("</dhCont><xJust>").Append(Escape(request.XJust)).Append("</xJust>");
        }

        text.Append("</ide>");
    }

    private static void AppendIssuer(StringBuilder text, NoteRequest request, FederativeUnit uf, int city)
    {
        var tag = request.IssuerId.Length == 11 ? "CPF" : "CNPJ";
        text.Append(
            CultureInfo.InvariantCulture,
            $"<emit><{tag}>{request.IssuerId}</{tag}><xNome>Padaria São João &amp; Cia Ltda</xNome><xFant>Padaria São João</xFant><enderEmit><xLgr>Av. Getúlio Vargas</xLgr><nro>100</nro><xBairro>Centro</xBairro><cMun>{city}</cMun><xMun>Município</xMun><UF>{uf.Name}</UF><CEP>90150000</CEP><cPais>1058</cPais><xPais>Brasil</xPais></enderEmit><IE>0963233556</IE><CRT>1</CRT></emit>");
    }

    private static void AppendItems(StringBuilder text, NoteRequest request)
    {
        var count = request.Items.Count;
        var share = Math.Floor(request.VNF * 100 / count) / 100;
        for (var i = 0; i < count; i++)
        {
            var value = Money(i == 0 ? request.VNF - share * (count - 1) : share);
            var name = i == 0 && request.TpAmb == 2 ? HomologationProduct : request.Items[i];
            text.Append(
                CultureInfo.InvariantCulture,
                $"<det nItem=\"{i + 1}\"><prod><cProd>{i + 1:000}</cProd><cEAN>SEM GTIN</cEAN><xProd>{Escape(name)}</xProd><NCM>19059090</NCM><CFOP>5102</CFOP><uCom>UN</uCom><qCom>1.0000</qCom><vUnCom>{value}</vUnCom><vProd>{value}</vProd><cEANTrib>SEM GTIN</cEANTrib><uTrib>UN</uTrib><qTrib>1.0000</qTrib><vUnTrib>{value}</vUnTrib><indTot>1</indTot></prod>");
            text.Append("<imposto><ICMS><ICMSSN102><orig>0</orig><CSOSN>102</CSOSN></ICMSSN102></ICMS><PIS><PISNT><CST>07</CST></PISNT></PIS><COFINS><COFINSNT><CST>07</CST></COFINSNT></COFINS></imposto></det>");
        }
    }

    private static void AppendTotals(StringBuilder text, NoteRequest request)
    {
        var total = Money(request.VNF);
        text.Append("<total><ICMSTot><vBC>0.00</vBC><vICMS>0.00</vICMS><vICMSDeson>0.00</vICMSDeson><vFCP>0.00</vFCP><vBCST>0.00</vBCST><vST>0.00</vST><vFCPST>0.00</vFCPST><vFCPSTRet>0.00</vFCPSTRet><vProd>")
            .Append(total)
            .Append("</vProd><vFrete>0.00</vFrete><vSeg>0.00</vSeg><vDesc>0.00</vDesc><vII>0.00</vII><vIPI>0.00</vIPI><vIPIDevol>0.00</vIPIDevol><vPIS>0.00</vPIS><vCOFINS>0.00</vCOFINS><vOutro>0.00</vOutro><vNF>")
            .Append(total)
            .Append("</vNF></ICMSTot></total><transp><modFrete>9</modFrete></transp><pag><detPag><tPag>01</tPag><vPag>")
            .Append(total)
            .Append("</vPag></detPag></pag><infAdic><infCpl>Obrigado &amp; volte sempre</infCpl></infAdic>");
    }
}

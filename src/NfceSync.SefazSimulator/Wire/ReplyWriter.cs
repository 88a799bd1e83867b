using System.Globalization;
using System.Text;

namespace NfceSync.SefazSimulator;

/// <summary>Writes replies as the official schemas want them.</summary>
internal static class ReplyWriter
{
    public const string VerAplic = "SIMULADOR_1.0";

    public static string Payload(Reply reply) => reply.Service switch
    {
        SefazService.Autorizacao => Authorization(reply),
        SefazService.RetAutorizacao => Receipt(reply),
        SefazService.Consulta => Consultation(reply),
        _ => Status(reply),
    };

    public static byte[] Envelope(SefazService service, string payload) => Encoding.UTF8.GetBytes(
        $"<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{Namespaces.Soap}\"><soap:Body><nfeResultMsg xmlns=\"{ServiceContract.Of(service).Namespace}\">"
        + payload + "</nfeResultMsg></soap:Body></soap:Envelope>");

    public static byte[] SoapFault(string code, string reason) => Encoding.UTF8.GetBytes(
        $"<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{Namespaces.Soap}\"><soap:Body><soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>"
        + $"<soap:Reason><soap:Text xml:lang=\"pt-BR\">{NoteContent.Escape(reason)}</soap:Text></soap:Reason></soap:Fault></soap:Body></soap:Envelope>");

    public static string ProtNFe(Protocol protocol, bool withNamespace = true)
    {
        var text = new StringBuilder(700);
        text.Append("<protNFe ");
        if (withNamespace)
        {
            text.Append("xmlns=\"").Append(Namespaces.Nfe).Append("\" ");
        }

        text.Append("versao=\"4.00\"><infProt>")
            .Append(CultureInfo.InvariantCulture, $"<tpAmb>{protocol.TpAmb}</tpAmb><verAplic>{VerAplic}</verAplic><chNFe>{protocol.ChNFe}</chNFe><dhRecbto>{NoteContent.Time(protocol.DhRecbto)}</dhRecbto>");
        if (protocol.NProt is not null)
        {
            text.Append("<nProt>").Append(protocol.NProt).Append("</nProt>");
        }

        if (protocol.DigVal is not null)
        {
            text.Append("<digVal>").Append(protocol.DigVal).Append("</digVal>");
        }

        text.Append(CultureInfo.InvariantCulture, $"<cStat>{protocol.CStat}</cStat><xMotivo>{NoteContent.Escape(protocol.XMotivo)}</xMotivo>");
        if (protocol.Alert is { } alert)
        {
            text.Append(CultureInfo.InvariantCulture, $"<cMsg>{alert.Code}</cMsg><xMsg>{NoteContent.Escape(alert.Text)}</xMsg>");
        }

        return text.Append("</infProt></protNFe>").ToString();
    }

    private static string Authorization(Reply reply)
    {
        var text = Start("retEnviNFe", reply).Append(Common(reply));
        if (reply.NRec is not null)
        {
            text.Append("<infRec><nRec>").Append(reply.NRec).Append("</nRec><tMed>1</tMed></infRec>");
        }

        AppendProtocols(text, reply);
        return text.Append("</retEnviNFe>").ToString();
    }

    private static string Receipt(Reply reply)
    {
        var text = new StringBuilder(1500)
            .Append(CultureInfo.InvariantCulture, $"<retConsReciNFe xmlns=\"{Namespaces.Nfe}\" versao=\"4.00\"><tpAmb>{reply.TpAmb}</tpAmb><verAplic>{VerAplic}</verAplic><nRec>{reply.NRec ?? new string('0', 15)}</nRec>")
            .Append(Common(reply));
        AppendProtocols(text, reply);
        return text.Append("</retConsReciNFe>").ToString();
    }

    private static string Consultation(Reply reply)
    {
        var text = Start("retConsSitNFe", reply).Append(Common(reply))
            .Append("<chNFe>").Append(reply.ChNFe ?? new string('0', 44)).Append("</chNFe>");
        AppendProtocols(text, reply);
        foreach (var document in reply.Events)
        {
            text.Append(Encoding.UTF8.GetString(document.Span));
        }

        return text.Append("</retConsSitNFe>").ToString();
    }

    private static string Status(Reply reply)
    {
        var text = Start("retConsStatServ", reply).Append(Common(reply));
        if (reply.CStat == 107)
        {
            text.Append("<tMed>1</tMed>");
        }

        return text.Append("</retConsStatServ>").ToString();
    }

    private static StringBuilder Start(string root, Reply reply) => new StringBuilder(1500)
        .Append(CultureInfo.InvariantCulture, $"<{root} xmlns=\"{Namespaces.Nfe}\" versao=\"4.00\"><tpAmb>{reply.TpAmb}</tpAmb><verAplic>{VerAplic}</verAplic>");

    private static string Common(Reply reply) => string.Create(
        CultureInfo.InvariantCulture,
        $"<cStat>{reply.CStat}</cStat><xMotivo>{NoteContent.Escape(reply.XMotivo)}</xMotivo><cUF>{reply.CUf}</cUF><dhRecbto>{NoteContent.Time(reply.At)}</dhRecbto>");

    private static void AppendProtocols(StringBuilder text, Reply reply)
    {
        foreach (var protocol in reply.Protocols)
        {
            text.Append(ProtNFe(protocol, withNamespace: false));
        }
    }
}

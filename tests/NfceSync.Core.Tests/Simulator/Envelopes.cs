using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using NfceSync.SefazSimulator;

namespace NfceSync.Core.Tests.SimulatorTests;

/// <summary>What a client says to SEFAZ, written by hand.</summary>
internal static class Envelopes
{
    public const string Nfe = "http://www.portalfiscal.inf.br/nfe";

    public static byte[] Authorization(ReadOnlyMemory<byte> note, string indSinc = "1", string versao = "4.00") =>
        Wrap(SefazService.Autorizacao, Batch(note, indSinc, versao));

    public static byte[] Batch(ReadOnlyMemory<byte> note, string indSinc = "1", string versao = "4.00")
    {
        using var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.GetBytes($"<enviNFe xmlns=\"{Nfe}\" versao=\"{versao}\"><idLote>1</idLote><indSinc>{indSinc}</indSinc>"));
        stream.Write(note.Span);
        stream.Write("</enviNFe>"u8);
        return stream.ToArray();
    }

    public static byte[] Consultation(string chNFe, int tpAmb = 2) => Wrap(
        SefazService.Consulta, $"<consSitNFe xmlns=\"{Nfe}\" versao=\"4.00\"><tpAmb>{tpAmb}</tpAmb><xServ>CONSULTAR</xServ><chNFe>{chNFe}</chNFe></consSitNFe>");

    public static byte[] Receipt(string nRec) => Wrap(
        SefazService.RetAutorizacao, $"<consReciNFe xmlns=\"{Nfe}\" versao=\"4.00\"><tpAmb>2</tpAmb><nRec>{nRec}</nRec></consReciNFe>");

    public static byte[] Status(int cUf = 43, int tpAmb = 2) => Wrap(
        SefazService.Status, $"<consStatServ xmlns=\"{Nfe}\" versao=\"4.00\"><tpAmb>{tpAmb}</tpAmb><cUF>{cUf}</cUF><xServ>STATUS</xServ></consStatServ>");

    public static byte[] Wrap(SefazService service, string payload) => Wrap(service, Encoding.UTF8.GetBytes(payload));

    public static byte[] Wrap(SefazService service, byte[] payload)
    {
        using var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><soap12:Envelope xmlns:soap12=\"http://www.w3.org/2003/05/soap-envelope\"><soap12:Body><nfeDadosMsg xmlns=\"{Namespace(service)}\">"));
        stream.Write(payload);
        stream.Write("</nfeDadosMsg></soap12:Body></soap12:Envelope>"u8);
        return stream.ToArray();
    }

    public static string Action(SefazService service) => Namespace(service) + "/" + service switch
    {
        SefazService.Autorizacao => "nfeAutorizacaoLote",
        SefazService.RetAutorizacao => "nfeRetAutorizacaoLote",
        SefazService.Consulta => "nfeConsultaNF",
        _ => "nfeStatusServicoNF",
    };

    /// <summary>The reply's own element, taken out of the envelope without being written again.</summary>
    public static byte[] Payload(byte[] reply)
    {
        var text = Encoding.UTF8.GetString(reply);
        var start = text.IndexOf("<ret", StringComparison.Ordinal);
        var end = text.IndexOf("</nfeResultMsg>", StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text[start..end]);
    }

    /// <summary>Text of the first element of that name in a reply; null if there is none.</summary>
    public static string? Text(byte[] reply, string name) =>
        XDocument.Parse(Encoding.UTF8.GetString(reply)).Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    /// <summary>The code that counts: the protocol's where there is one.</summary>
    public static int CStat(byte[] reply)
    {
        var document = XDocument.Parse(Encoding.UTF8.GetString(reply));
        var element = document.Descendants().FirstOrDefault(e => e.Name.LocalName == "infProt") ?? document.Root!;
        return int.Parse(element.Descendants().First(e => e.Name.LocalName == "cStat").Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    public static HttpClient Client(TestAuthority authority, X509Certificate2? certificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { authority.Root },
            },
        };
        if (certificate is not null)
        {
            options.ClientCertificates = [certificate];
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(new SocketsHttpHandler { SslOptions = options, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(20) };
    }

    public static HttpRequestMessage Post(SefazSimulator.SefazSimulator sefaz, SefazService service, byte[] envelope)
    {
        var content = new ByteArrayContent(envelope);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse($"application/soap+xml; charset=utf-8; action=\"{Action(service)}\"");
        return new HttpRequestMessage(HttpMethod.Post, sefaz.AddressOf(service)) { Content = content };
    }

    private static string Namespace(SefazService service) => "http://www.portalfiscal.inf.br/nfe/wsdl/" + service switch
    {
        SefazService.Autorizacao => "NFeAutorizacao4",
        SefazService.RetAutorizacao => "NFeRetAutorizacao4",
        SefazService.Consulta => "NFeConsultaProtocolo4",
        _ => "NFeStatusServico4",
    };
}

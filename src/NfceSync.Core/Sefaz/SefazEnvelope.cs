using System;
using System.Globalization;
using System.Text;

using NfceSync.Core.Notes;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sefaz;

/// <summary>
/// What is put around a payload: SOAP 1.2, document/literal, UTF-8, without white space between tags (MOC 7.0, Visão Geral
/// §4.2). A note's bytes are copied in as they are.
/// </summary>
public static class SefazEnvelope
{
    private const string Nfe = "http://www.portalfiscal.inf.br/nfe";
    private const string Before = "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body><nfeDadosMsg xmlns=\"";
    private const string After = "</nfeDadosMsg></soap:Body></soap:Envelope>";

    private static readonly byte[] TransmissionEnd = Encoding.UTF8.GetBytes("</enviNFe>" + After);

    /// <summary>
    /// NFeAutorizacao4 with exactly one note and <c>indSinc</c> 1: a batch with more than one NFC-e is answered with 126, an
    /// asynchronous one with 452 (NT2023.002 GAP03a-4, NT2020.005 GAP03a-3).
    /// </summary>
    /// <param name="note">The standalone <c>NFe</c>.</param>
    /// <param name="idLote">The batch's number, 1 to 15 digits; for tracing only.</param>
    public static byte[] Transmission(ReadOnlySpan<byte> note, long idLote)
    {
        byte[] start = Encoding.UTF8.GetBytes(
            Before + SefazService.Autorizacao.WsdlNamespace() + "\"><enviNFe xmlns=\"" + Nfe + "\" versao=\"4.00\"><idLote>"
            + idLote.ToString(CultureInfo.InvariantCulture) + "</idLote><indSinc>1</indSinc>");
        var envelope = new byte[start.Length + note.Length + TransmissionEnd.Length];
        start.CopyTo(envelope, 0);
        note.CopyTo(envelope.AsSpan(start.Length));
        TransmissionEnd.CopyTo(envelope, start.Length + note.Length);
        return envelope;
    }

    /// <summary>NFeConsultaProtocolo4: what SEFAZ knows of a key.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="key">The key.</param>
    public static byte[] Consult(SefazEnvironment environment, AccessKey key) => Wrap(
        SefazService.ConsultaProtocolo,
        $"<consSitNFe xmlns=\"{Nfe}\" versao=\"4.00\"><tpAmb>{(int)environment}</tpAmb><xServ>CONSULTAR</xServ><chNFe>{key.Value}</chNFe></consSitNFe>");

    /// <summary>NFeRetAutorizacao4: what became of a batch that SEFAZ took in without deciding at once (103, 105).</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="nRec">The receipt's number, 15 digits.</param>
    public static byte[] Receipt(SefazEnvironment environment, string nRec) => Wrap(
        SefazService.RetAutorizacao,
        $"<consReciNFe xmlns=\"{Nfe}\" versao=\"4.00\"><tpAmb>{(int)environment}</tpAmb><nRec>{nRec}</nRec></consReciNFe>");

    /// <summary>NFeStatusServico4: whether the service runs.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="uf">The UF.</param>
    public static byte[] Status(SefazEnvironment environment, Uf uf) => Wrap(
        SefazService.StatusServico,
        $"<consStatServ xmlns=\"{Nfe}\" versao=\"4.00\"><tpAmb>{(int)environment}</tpAmb><cUF>{uf.CUf}</cUF><xServ>STATUS</xServ></consStatServ>");

    private static byte[] Wrap(SefazService service, string payload) =>
        Encoding.UTF8.GetBytes(Before + service.WsdlNamespace() + "\">" + payload + After);
}

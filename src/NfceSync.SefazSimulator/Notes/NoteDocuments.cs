using System;
using System.IO;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.SefazSimulator;

/// <summary>The wrappings in which notes lie in ERP folders.</summary>
public static class NoteDocuments
{
    private static readonly byte[] OwnNamespace = Encoding.UTF8.GetBytes($" xmlns=\"{Namespaces.Nfe}\"");

    /// <summary>An <c>enviNFe</c> whose notes inherit <c>xmlns</c> from it instead of carrying their own.</summary>
    /// <param name="notes">The notes.</param>
    /// <returns>UTF-8 without declaration.</returns>
    public static byte[] AsEnviNFe(params SignedNote[] notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        using var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.GetBytes($"<enviNFe xmlns=\"{Namespaces.Nfe}\" versao=\"4.00\"><idLote>1</idLote><indSinc>1</indSinc>"));
        foreach (var note in notes)
        {
            var bytes = note.Bytes.Span;
            var at = bytes.IndexOf(OwnNamespace);
            stream.Write(bytes[..at]);
            stream.Write(bytes[(at + OwnNamespace.Length)..]);
        }

        stream.Write("</enviNFe>"u8);
        return stream.ToArray();
    }

    /// <summary>An <c>nfeProc</c> of a note and the protocol that SEFAZ gave it.</summary>
    /// <param name="note">The note.</param>
    /// <param name="protNFe">The protocol's own bytes; one is made up (cStat 100, the note's digest) if empty.</param>
    /// <returns>UTF-8 with declaration.</returns>
    public static byte[] AsNfeProc(SignedNote note, ReadOnlyMemory<byte> protNFe = default)
    {
        ArgumentNullException.ThrowIfNull(note);
        using var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?><nfeProc xmlns=\"{Namespaces.Nfe}\" versao=\"4.00\">"));
        stream.Write(note.Bytes.Span);
        stream.Write(protNFe.IsEmpty ? Encoding.UTF8.GetBytes(MadeUpProtocol(note)) : protNFe.Span);
        stream.Write("</nfeProc>"u8);
        return stream.ToArray();
    }

    /// <summary>A document with byte order mark and XML declaration, as some editors save it.</summary>
    /// <param name="document">UTF-8 without declaration.</param>
    /// <returns>The document with both.</returns>
    public static byte[] WithDeclarationAndBom(ReadOnlySpan<byte> document)
    {
        using var stream = new MemoryStream();
        stream.Write(Encoding.UTF8.Preamble);
        stream.Write("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"u8);
        stream.Write(document);
        return stream.ToArray();
    }

    /// <summary>The document of a registered cancellation (<c>procEventoNFe</c>, event 110111).</summary>
    /// <param name="chNFe">Access key of the cancelled note.</param>
    /// <param name="protocol">The note's protocol, 15 digits.</param>
    /// <param name="signer">The issuer's certificate.</param>
    /// <param name="at">When it was asked for and registered.</param>
    /// <param name="tpAmb">Environment: 1 or 2.</param>
    /// <returns>UTF-8 without declaration.</returns>
    public static byte[] CancellationEvent(string chNFe, string protocol, X509Certificate2 signer, DateTimeOffset at, int tpAmb = 2)
    {
        ArgumentNullException.ThrowIfNull(chNFe);
        var id = $"ID110111{chNFe}01";
        var time = NoteContent.Time(at);
        // Series 920 to 969 belong to issuers with a CPF (NT 2018.001).
        var author = AccessKey.IsCpfSeries(chNFe) ? $"<CPF>{chNFe[9..20]}</CPF>" : $"<CNPJ>{chNFe[6..20]}</CNPJ>";
        var inner = $"<cOrgao>{chNFe[..2]}</cOrgao><tpAmb>{tpAmb}</tpAmb>{author}<chNFe>{chNFe}</chNFe><dhEvento>{time}</dhEvento>"
            + "<tpEvento>110111</tpEvento><nSeqEvento>1</nSeqEvento><verEvento>1.00</verEvento>"
            + $"<detEvento versao=\"1.00\"><descEvento>Cancelamento</descEvento><nProt>{protocol}</nProt><xJust>Venda desfeita a pedido do consumidor</xJust></detEvento>";
        var canonical = $"<infEvento xmlns=\"{Namespaces.Nfe}\" Id=\"{id}\">{inner}</infEvento>";
        var signature = EnvelopedSigner.Of(signer).Signature(id, EnvelopedSigner.Digest(canonical));
        return Encoding.UTF8.GetBytes(
            $"<procEventoNFe xmlns=\"{Namespaces.Nfe}\" versao=\"1.00\"><evento xmlns=\"{Namespaces.Nfe}\" versao=\"1.00\"><infEvento Id=\"{id}\">{inner}</infEvento>{signature}</evento>"
            + $"<retEvento xmlns=\"{Namespaces.Nfe}\" versao=\"1.00\"><infEvento><tpAmb>{tpAmb}</tpAmb><verAplic>{ReplyWriter.VerAplic}</verAplic><cOrgao>{chNFe[..2]}</cOrgao><cStat>135</cStat>"
            + $"<xMotivo>Evento registrado e vinculado a NF-e</xMotivo><chNFe>{chNFe}</chNFe><tpEvento>110111</tpEvento><xEvento>Cancelamento</xEvento><nSeqEvento>1</nSeqEvento><dhRegEvento>{time}</dhRegEvento><nProt>{protocol}</nProt></infEvento></retEvento></procEventoNFe>");
    }

    private static string MadeUpProtocol(SignedNote note) =>
        ReplyWriter.ProtNFe(new Protocol(
            note.TpAmb, note.ChNFe, note.DhEmi.AddMinutes(30), $"1{note.ChNFe[..4]}{note.ChNFe[25..34]}0", note.DigestValue, 100, Reasons.Text(100)));
}

using System;
using System.IO;
using System.Text;
using System.Xml;

namespace NfceSync.SefazSimulator;

/// <summary>Finds the payload inside a SOAP 1.2 envelope, by local names; what lies inside keeps its bytes.</summary>
internal static class SoapRequest
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit };

    /// <summary>The payload's bytes, or null with the reason for a SOAP fault.</summary>
    public static ReadOnlyMemory<byte>? Payload(ReadOnlyMemory<byte> request, ServiceContract contract, out string? reason)
    {
        reason = Check(request, contract);
        if (reason is not null)
        {
            return null;
        }

        var span = request.Span;
        var start = span.IndexOf("nfeDadosMsg"u8);
        var open = start + span[start..].IndexOf((byte)'>') + 1;
        var close = span.LastIndexOf("nfeDadosMsg"u8);
        close = span[..close].LastIndexOf("</"u8);
        return close < open ? ReadOnlyMemory<byte>.Empty : request[open..close];
    }

    // Reads only down to nfeDadosMsg: whether the payload is well formed is rule B02 and has a code of its own.
    private static string? Check(ReadOnlyMemory<byte> request, ServiceContract contract)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(Head(request.Span)), Settings);
            if (reader.MoveToContent() != XmlNodeType.Element || reader.LocalName != "Envelope" || reader.NamespaceURI != Namespaces.Soap)
            {
                return "A mensagem não é um envelope SOAP 1.2.";
            }

            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "nfeDadosMsg")
                {
                    return reader.NamespaceURI == contract.Namespace
                        ? null
                        : $"Namespace de nfeDadosMsg inesperado: '{reader.NamespaceURI}'; esperado '{contract.Namespace}'.";
                }
            }

            return "O envelope não contém nfeDadosMsg.";
        }
        catch (XmlException e)
        {
            return "Envelope mal formado: " + e.Message;
        }
    }

    private static string Head(ReadOnlySpan<byte> request)
    {
        var at = request.IndexOf("nfeDadosMsg"u8);
        var end = at < 0 ? request.Length : at + request[at..].IndexOf((byte)'>') + 1;
        var head = Encoding.UTF8.GetString(request[..end]);
        return head.Length > 0 && head[0] == '\uFEFF' ? head[1..] : head;
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

using NfceSync.Core.Notes;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sefaz;

/// <summary>SEFAZ's protocol of one note: <c>protNFe/infProt</c>.</summary>
public sealed record SefazProtocol
{
    /// <summary><c>chNFe</c>: the key it is about.</summary>
    public string? ChNFe { get; init; }

    /// <summary><c>digVal</c>: the digest of the bytes that SEFAZ holds, base64; SEFAZ may leave it out.</summary>
    public string? DigVal { get; init; }

    /// <summary><c>cStat</c>: the word that decides.</summary>
    public required int CStat { get; init; }

    /// <summary><c>xMotivo</c>.</summary>
    public string? XMotivo { get; init; }

    /// <summary><c>nProt</c>: 15 or 17 digits; null for a rejection.</summary>
    public string? NProt { get; init; }

    /// <summary><c>dhRecbto</c> as SEFAZ wrote it.</summary>
    public string? DhRecbto { get; init; }

    /// <summary><c>verAplic</c>.</summary>
    public string? VerAplic { get; init; }

    /// <summary><c>cMsg</c> and <c>xMsg</c>: SEFAZ's alert to the issuer (120).</summary>
    public string? XMsg { get; init; }

    /// <summary>The <c>protNFe</c> element as it was received, able to stand in an <c>nfeProc</c>.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Reads a <c>protNFe</c> that was kept, from the queue or an <c>nfeProc</c>.</summary>
    /// <param name="protNFe">The element.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceSefazInvalidAnswer"/>: it is none.</exception>
    public static SefazProtocol Read(ReadOnlyMemory<byte> protNFe) => SefazReply.ReadProtocol(protNFe)
        ?? throw new NfceSyncException(ErrorIds.NfceSefazInvalidAnswer, NfceErrorCategory.InvalidData, null);
}

/// <summary>A valid answer of SEFAZ. What is not one gives no object: no answer is not "no".</summary>
public sealed record SefazReply
{
    private const string ProtNFe = "protNFe";
    private const string ProcEventoNFe = "procEventoNFe";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The answer's own <c>cStat</c>: the batch's, the consultation's or the service's.</summary>
    public required int CStat { get; init; }

    /// <summary><c>xMotivo</c>.</summary>
    public string? XMotivo { get; init; }

    /// <summary><c>dhRecbto</c> as SEFAZ wrote it.</summary>
    public string? DhRecbto { get; init; }

    /// <summary><c>verAplic</c>.</summary>
    public string? VerAplic { get; init; }

    /// <summary><c>tMed</c>: the mean answer time in seconds.</summary>
    public int? TMed { get; init; }

    /// <summary><c>nRec</c>: the receipt of a batch that was taken in without being decided; null where it is not 15 digits.</summary>
    public string? NRec { get; init; }

    /// <summary><c>chNFe</c>: the key that a consultation is answered about.</summary>
    public string? ChNFe { get; init; }

    /// <summary><c>tpAmb</c>.</summary>
    public int TpAmb { get; init; }

    /// <summary>The note's protocol; null where the answer has none.</summary>
    public SefazProtocol? Protocol { get; init; }

    /// <summary>The last <c>procEventoNFe</c> (a cancellation) as it was received; null where the answer has none.</summary>
    public ReadOnlyMemory<byte>? Event { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <param name="service">The service that was asked: it fixes the element that must come.</param>
    /// <param name="environment">The environment that was asked.</param>
    /// <param name="body">The HTTP body.</param>
    /// <returns>
    /// The answer, or null where the bytes are no valid answer of that service (HTML, SOAP fault, half a reply, another
    /// encoding than UTF-8 …).
    /// </returns>
    public static SefazReply? Read(SefazService service, SefazEnvironment environment, ReadOnlyMemory<byte> body)
    {
        SefazReply? reply = Parse(body, RootOf(service));
        return reply is not null && IsOf(environment, reply) && IsAboutANote(reply) ? reply : null;
    }

    internal static SefazProtocol? ReadProtocol(ReadOnlyMemory<byte> protNFe)
    {
        // An answer of which only the protocol was kept.
        byte[] around = Encoding.UTF8.GetBytes($"<kept xmlns=\"http://www.portalfiscal.inf.br/nfe\"><cStat>0</cStat>{Encoding.UTF8.GetString(protNFe.ToArray())}</kept>");
        return Parse(around, "kept")?.Protocol is { } protocol ? protocol with { Bytes = protNFe } : null;
    }

    private static SefazReply? Parse(ReadOnlyMemory<byte> body, string root)
    {
        try
        {
            byte[] bytes = body.ToArray();

            // A protocol is kept byte for byte and put into an nfeProc that is UTF-8 (VG §4.2 knows no other encoding).
            StrictUtf8.GetCharCount(bytes);
            return new Parser(bytes, root).Read();
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException or DecoderFallbackException)
        {
            return null;
        }
    }

    // 252 says that the address is the other environment's, and such a SEFAZ names its own tpAmb in it.
    private static bool IsOf(SefazEnvironment environment, SefazReply reply) =>
        reply.TpAmb == (int)environment || reply is { CStat: 252, Protocol: null };

    // chNFe is required in infProt (leiauteNFe_v4.00.xsd): without it nothing tells which note the protocol is about.
    private static bool IsAboutANote(SefazReply reply) => reply.Protocol is not { ChNFe: null or "" };

    private static string RootOf(SefazService service) => service switch
    {
        SefazService.Autorizacao => "retEnviNFe",
        SefazService.RetAutorizacao => "retConsReciNFe",
        SefazService.ConsultaProtocolo => "retConsSitNFe",
        SefazService.StatusServico => "retConsStatServ",
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };

    /// <summary>Walks the reader and the tag scanner side by side: the one gives values, the other places in the bytes.</summary>
    private sealed class Parser
    {
        private static readonly XmlReaderSettings Settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            CloseInput = true,
        };

        private static readonly Regex ReceiptNumber = new(@"^[0-9]{15}\z", RegexOptions.CultureInvariant);

        private readonly byte[] _bytes;
        private readonly string _root;
        private readonly List<string> _path = new();
        private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
        private TagScanner _tags;
        private int _start;
        private IDictionary<string, string>? _prefixes;
        private ReadOnlyMemory<byte>? _protocol;
        private ReadOnlyMemory<byte>? _event;

        public Parser(byte[] bytes, string root)
        {
            _bytes = bytes;
            _root = root;
            _tags = new TagScanner(bytes, 0, bytes.Length);
        }

        public SefazReply? Read()
        {
            bool complete = false;
            using (var reader = XmlReader.Create(new MemoryStream(_bytes, writable: false), Settings))
            {
                while (reader.Read())
                {
                    switch (reader.NodeType)
                    {
                        case XmlNodeType.XmlDeclaration:
                            RequireUtf8(reader.GetAttribute("encoding"));
                            break;
                        case XmlNodeType.Element:
                            Advance();
                            Enter(reader);
                            if (reader.IsEmptyElement)
                            {
                                Leave();
                            }

                            break;
                        case XmlNodeType.EndElement:
                            Advance();
                            complete |= reader.LocalName == _root;
                            Leave();
                            break;
                        case XmlNodeType.Text or XmlNodeType.CDATA when Place() is { } place:
                            _values[place] = reader.Value;
                            break;
                        default:
                            break;
                    }
                }
            }

            return complete && Number("cStat") is { } cStat ? Build(cStat) : null;
        }

        private static void RequireUtf8(string? encoding)
        {
            if (encoding is not null && !encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                throw new XmlException("The answer declares another encoding than UTF-8.");
            }
        }

        private void Advance()
        {
            if (!_tags.Next())
            {
                throw new XmlException("The answer is not UTF-8 text with tags.");
            }
        }

        private void Enter(XmlReader reader)
        {
            _path.Add(reader.LocalName);
            if (Captured(reader.LocalName))
            {
                _start = _tags.Start;
                _prefixes = ((IXmlNamespaceResolver)reader).GetNamespacesInScope(XmlNamespaceScope.ExcludeXml);
            }
        }

        private void Leave()
        {
            string name = _path[_path.Count - 1];
            if (Captured(name))
            {
                ReadOnlyMemory<byte> slice = Standalone(_bytes.AsMemory(_start, _tags.End - _start));
                if (name == ProtNFe)
                {
                    _protocol = slice;
                }
                else
                {
                    _event = slice;
                }
            }

            _path.RemoveAt(_path.Count - 1);
        }

        private bool Captured(string name) => name is ProtNFe or ProcEventoNFe && _path.Count > 1 && _path[_path.Count - 2] == _root;

        // "cStat" for the answer's own fields, "infProt/cStat" for the protocol's, "infRec/nRec" for the receipt's.
        private string? Place()
        {
            int root = _path.IndexOf(_root);
            return (_path.Count - root) switch
            {
                2 when root >= 0 => _path[root + 1],
                3 when root >= 0 && _path[root + 1] == "infRec" => "infRec/" + _path[root + 2],
                4 when root >= 0 && _path[root + 1] == ProtNFe && _path[root + 2] == "infProt" => "infProt/" + _path[root + 3],
                _ => null,
            };
        }

        // The slice may use prefixes that an element around it declares: it must be able to stand alone.
        private ReadOnlyMemory<byte> Standalone(ReadOnlyMemory<byte> slice)
        {
            string text = Encoding.UTF8.GetString(slice.ToArray());
            var missing = new StringBuilder();
            foreach (KeyValuePair<string, string> prefix in _prefixes!)
            {
                if (prefix.Key.Length > 0 && Uses(text, prefix.Key) && !text.Contains("xmlns:" + prefix.Key + "="))
                {
                    missing.Append(" xmlns:").Append(prefix.Key).Append("=\"").Append(prefix.Value).Append('"');
                }
            }

            return missing.Length == 0 ? slice : Encoding.UTF8.GetBytes(text.Insert(NameEnd(text), missing.ToString()));
        }

        private static bool Uses(string text, string prefix) => text.Contains("<" + prefix + ":") || text.Contains(" " + prefix + ":");

        private static int NameEnd(string text)
        {
            int end = 1;
            while (text[end] is not (' ' or '>' or '/' or '\t' or '\r' or '\n'))
            {
                end++;
            }

            return end;
        }

        private SefazReply Build(int cStat) => new()
        {
            CStat = cStat,
            XMotivo = Text("xMotivo"),
            DhRecbto = Text("dhRecbto"),
            VerAplic = Text("verAplic"),
            TMed = Number("infRec/tMed") ?? Number("tMed"),
            NRec = Receipt(Text("infRec/nRec") ?? Text("nRec")),
            ChNFe = Text("chNFe"),
            TpAmb = Number("tpAmb") ?? 0,
            Protocol = _protocol is { } bytes && Number("infProt/cStat") is { } protocolCStat
                ? new SefazProtocol
                {
                    ChNFe = Text("infProt/chNFe"),
                    DigVal = Text("infProt/digVal"),
                    CStat = protocolCStat,
                    XMotivo = Text("infProt/xMotivo"),
                    NProt = Text("infProt/nProt"),
                    DhRecbto = Text("infProt/dhRecbto"),
                    VerAplic = Text("infProt/verAplic"),
                    XMsg = Text("infProt/xMsg"),
                    Bytes = bytes,
                }
                : null,
            Event = _event,
        };

        // TRec (tiposBasico_v4.00.xsd). It is put into a request as it is: what is no receipt must not be asked by.
        private static string? Receipt(string? nRec) => nRec is not null && ReceiptNumber.IsMatch(nRec) ? nRec : null;

        private string? Text(string place) => _values.TryGetValue(place, out string? value) ? value.Trim() : null;

        private int? Number(string place) =>
            Text(place) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
    }
}

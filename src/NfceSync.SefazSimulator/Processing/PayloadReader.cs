using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Xml;

namespace NfceSync.SefazSimulator;

/// <summary>A payload that was read once, front to back, without a DOM.</summary>
internal sealed class Payload
{
    public string Root { get; set; } = string.Empty;

    public string? Versao { get; set; }

    /// <summary>The first form error: 243, 402, 404, 587 or 588; 0 if none.</summary>
    public int FormError { get; set; }

    /// <summary>Text of the elements directly below the root.</summary>
    public Dictionary<string, string> Fields { get; } = new(StringComparer.Ordinal);

    public List<NoteFields> Notes { get; } = [];

    public string Field(string name) => Fields.GetValueOrDefault(name, string.Empty);
}

/// <summary>Reads a payload and checks its form: well formed (B02), UTF-8 (D03), one namespace (D01d), no layout (D01e), no prefix (D02).</summary>
internal static class PayloadReader
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit };

    public static Payload Read(ReadOnlyMemory<byte> bytes)
    {
        var payload = new Payload();
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.Span);
            if (text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])))
            {
                payload.FormError = 588;
                text = text.Trim();
            }

            using var reader = XmlReader.Create(new StringReader(text), Settings);
            Read(reader, payload);
        }
        catch (XmlException)
        {
            payload.FormError = 243;
        }
        catch (DecoderFallbackException)
        {
            payload.FormError = 402;
        }

        return payload;
    }

    private static void Read(XmlReader reader, Payload payload)
    {
        var path = new Stack<string>();
        NoteFields? note = null;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.XmlDeclaration:
                    if (reader.GetAttribute("encoding") is { } encoding && !encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
                    {
                        Fail(payload, 402);
                    }

                    break;
                case XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    Fail(payload, 588);
                    break;
                case XmlNodeType.Element:
                    CheckName(reader, payload);
                    if (path.Count == 0)
                    {
                        payload.Root = reader.LocalName;
                        payload.Versao = reader.GetAttribute("versao");
                    }

                    if (reader.LocalName == "NFe" && path.Count <= 1)
                    {
                        note = new NoteFields();
                        payload.Notes.Add(note);
                    }

                    if (note is not null)
                    {
                        TakeAttributes(reader, note);
                    }

                    if (!reader.IsEmptyElement)
                    {
                        path.Push(reader.LocalName);
                    }

                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    Take(path, reader.Value, payload, note);
                    break;
                case XmlNodeType.EndElement:
                    path.Pop();
                    break;
            }
        }
    }

    private static void CheckName(XmlReader reader, Payload payload)
    {
        if (reader.Prefix.Length > 0)
        {
            Fail(payload, 404);
        }

        if (reader.NamespaceURI is not (Namespaces.Nfe or Namespaces.Dsig))
        {
            Fail(payload, 587);
        }
    }

    private static void Fail(Payload payload, int cStat)
    {
        if (payload.FormError == 0)
        {
            payload.FormError = cStat;
        }
    }

    private static void TakeAttributes(XmlReader reader, NoteFields note)
    {
        switch (reader.LocalName)
        {
            case "infNFe":
                note.Id = reader.GetAttribute("Id");
                note.Versao = reader.GetAttribute("versao");
                break;
            case "Reference":
                note.ReferenceUri = reader.GetAttribute("URI");
                break;
            case "CanonicalizationMethod" or "SignatureMethod" or "Transform" or "DigestMethod":
                note.Algorithms += reader.GetAttribute("Algorithm") + " ";
                break;
        }
    }

    private static void Take(Stack<string> path, string value, Payload payload, NoteFields? note)
    {
        var name = path.Peek();
        if (path.Count == 2 && note is null)
        {
            payload.Fields[name] = value;
            return;
        }

        if (note is null)
        {
            return;
        }

        switch (name)
        {
            case "DigestValue":
                note.DigestValue = value;
                return;
            case "SignatureValue":
                note.SignatureValue = value;
                return;
            case "X509Certificate":
                note.Certificate = value;
                return;
        }

        path.Pop();
        var parent = path.Peek();
        path.Push(name);
        switch (parent)
        {
            case "ide":
                TakeIdentification(name, value, note);
                break;
            case "emit" when name == "CNPJ":
                note.Cnpj = value;
                break;
            case "emit" when name == "CPF":
                note.Cpf = value;
                break;
            case "ICMSTot" when name == "vNF":
                note.VNF = value;
                break;
        }
    }

    private static void TakeIdentification(string name, string value, NoteFields note)
    {
        switch (name)
        {
            case "cUF":
                note.CUf = value;
                break;
            case "cNF":
                note.CNF = value;
                break;
            case "mod":
                note.Mod = value;
                break;
            case "serie":
                note.Serie = value;
                break;
            case "nNF":
                note.NNF = value;
                break;
            case "dhEmi":
                note.DhEmi = value;
                break;
            case "tpEmis":
                note.TpEmis = value;
                break;
            case "cDV":
                note.CDV = value;
                break;
            case "tpAmb":
                note.TpAmb = value;
                break;
            case "dhCont":
                note.DhCont = value;
                break;
            case "xJust":
                note.XJust = value;
                break;
        }
    }
}

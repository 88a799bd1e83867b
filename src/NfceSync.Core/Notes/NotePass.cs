using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;

namespace NfceSync.Core.Notes;

/// <summary>
/// One streaming pass over a file: an <see cref="XmlReader"/> for names and well-formedness, a <see cref="TagScanner"/> in
/// step with it for the positions. Every <c>NFe</c> in the NF-e namespace is found, whatever is wrapped around it.
/// </summary>
internal sealed class NotePass
{
    // The deepest element of an NFe lies some ten levels below it; much more is an attempt to exhaust the memory.
    public const int MaxDepth = 128;

    // The longest field that is read is xJust with 256 characters; more pieces than this holds are not put together.
    private const int MaxFieldLength = 4096;

    // How many files share a table of names: what strange documents put into it is forgotten then.
    private const int FilesANameTable = 256;

    [ThreadStatic]
    private static NameTable? names;

    [ThreadStatic]
    private static int namesUsed;

    private readonly byte[] file;
    private readonly int start;
    private readonly int end;
    private readonly List<SourceDocument> documents = [];
    private TagScanner scanner;

    private string? rootName;
    private bool rootIsClosed;
    private bool prefixesAreDeclared;
    private ProcDraft? proc;
    private bool inProtocol;
    private NoteDraft? note;

    // The names of the open elements below the note, by their depth below it.
    private string level1 = "";
    private string level2 = "";
    private string level3 = "";

    // Where the text of the open leaf element goes, if it is one that is read.
    private string?[]? leafValues;
    private int leafIndex;
    private int leafDepth;

    public NotePass(byte[] file, int start, int end)
    {
        this.file = file;
        this.start = start;
        this.end = end;
        scanner = new TagScanner(file, start, end);
    }

    /// <summary>The settings under which any file is read: no DTD, nothing fetched, nothing unbounded.</summary>
    public static XmlReaderSettings CreateSettings() => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = NoteReader.MaxFileBytes,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    /// <summary>Reads the file.</summary>
    /// <returns>What was found; at least one document.</returns>
    public IReadOnlyList<SourceDocument> Run()
    {
        try
        {
            using var stream = new MemoryStream(file, start, end - start, writable: false);
            XmlReaderSettings settings = CreateSettings();
            settings.NameTable = Names();
            using var reader = XmlReader.Create(stream, settings);
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element:
                        bool empty = reader.IsEmptyElement;
                        Advance(empty ? TagKind.Empty : TagKind.Start);
                        if (reader.Depth > MaxDepth)
                        {
                            AddBroken(ErrorIds.NfceFileTooDeep);
                            return documents;
                        }

                        OnStart(reader);
                        if (empty)
                        {
                            OnEnd(reader.Depth);
                        }

                        break;
                    case XmlNodeType.EndElement:
                        Advance(TagKind.End);
                        OnEnd(reader.Depth);
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace
                        when leafValues is not null && leafValues[leafIndex]!.Length < MaxFieldLength:
                        leafValues[leafIndex] += reader.Value;
                        break;
                }
            }
        }
        catch (XmlException)
        {
            // What was complete and proven before the damage stands; the rest of the file is for a person to look at.
            AddBroken(DamageId());
            return documents;
        }

        if (documents.Count == 0)
        {
            documents.Add(rootName is "nfeProc" or "enviNFe"
                ? NoteJudge.Quarantined(0, null, ErrorIds.NfceFileNoNote, rootName)
                : NoteJudge.Ignored(0, null, ErrorIds.NfceFileOtherDocument, rootName!));
        }

        return documents;
    }

    // Every note has the same names: made once, they need not be made for each.
    private static NameTable Names()
    {
        if (names is null || ++namesUsed == FilesANameTable)
        {
            names = new NameTable();
            namesUsed = 0;
        }

        return names;
    }

    private void Advance(TagKind kind)
    {
        if (!scanner.Next() || scanner.Kind != kind)
        {
            throw new XmlException("The tag in the bytes is not the one that the reader sees.");
        }
    }

    // Where no whole tag is left behind the last good one, the file ends too early; otherwise something in it is wrong.
    private string DamageId()
    {
        bool anotherTag = scanner.Next();
        return anotherTag && scanner.Kind == TagKind.DocumentType ? ErrorIds.NfceFileHasDtd
            : anotherTag || rootIsClosed ? ErrorIds.NfceFileNotXml
            : ErrorIds.NfceFileTruncated;
    }

    private void AddBroken(string reasonId) =>
        documents.Add(NoteJudge.Quarantined(
            documents.Count, note?.KeyText() ?? proc?.Notes.FirstOrDefault()?.KeyText(), reasonId));

    private void OnStart(XmlReader reader)
    {
        if (note is not null)
        {
            OnNoteStart(note, reader);
            return;
        }

        string name = reader.LocalName;
        bool isNfe = reader.NamespaceURI == NoteXml.NfeNamespace;
        rootName ??= name;
        if (name == "NFe" && isNfe)
        {
            note = new NoteDraft(reader.Depth)
            {
                InheritsNamespace = reader.GetAttribute("xmlns") is null,
                UsesPrefix = reader.Prefix.Length > 0,
            };
            note.HasOtherNamespaces = prefixesAreDeclared || reader.AttributeCount > (note.InheritsNamespace ? 0 : 1);
            Open(ref note.Range);
            return;
        }

        if (name == "NFe")
        {
            documents.Add(NoteJudge.Quarantined(documents.Count, null, ErrorIds.NfceNoteNamespace));
        }
        else if (name == "nfeProc" && proc is null)
        {
            proc = new ProcDraft(reader.Depth);
        }
        else if (proc is not null && name == "protNFe" && reader.Depth == proc.Depth + 1)
        {
            proc.ProtocolCount++;
            inProtocol = true;
            Open(ref proc.Protocol);
        }
        else if (proc is not null && inProtocol && reader.Depth == proc.Depth + 3)
        {
            OpenProtocolField(proc, name, reader.Depth);
        }

        for (bool more = reader.MoveToFirstAttribute(); more; more = reader.MoveToNextAttribute())
        {
            prefixesAreDeclared |= reader.Prefix == "xmlns";
        }

        reader.MoveToElement();
    }

    private void OpenProtocolField(ProcDraft open, string name, int depth)
    {
        int index = name switch { "chNFe" => 0, "digVal" => 1, "cStat" => 2, _ => -1 };
        if (index >= 0)
        {
            open.Values[index] = "";
            OpenLeaf(open.Values, index, depth);
        }
    }

    private void OnNoteStart(NoteDraft draft, XmlReader reader)
    {
        string name = reader.LocalName;
        int level = reader.Depth - draft.Depth;
        draft.UsesPrefix |= reader.Prefix.Length > 0;
        if (leafValues is not null)
        {
            draft.Misplaced ??= name;
        }

        switch (level)
        {
            case 1:
                level1 = name;
                OnNoteChild(draft, reader);
                break;
            case 2:
                level2 = name;
                break;
            case 3:
                level3 = name;
                break;
        }

        if (level1 == "infNFe")
        {
            OnField(draft, reader, name, level);
        }
        else if (level1 == "Signature" && level > 1)
        {
            OnSignaturePart(draft, name, level);
        }
    }

    private void OnNoteChild(NoteDraft draft, XmlReader reader)
    {
        string expected = level1 == "Signature" ? NoteXml.DsigNamespace : NoteXml.NfeNamespace;
        bool first = level1 switch
        {
            "infNFe" => draft.InfNFe.End == 0,
            "infNFeSupl" => true,
            "Signature" => draft.Signature.End == 0,
            _ => false,
        };
        if (!first || reader.NamespaceURI != expected)
        {
            draft.Misplaced ??= level1;
            level1 = "";
        }
        else if (level1 == "infNFe")
        {
            Open(ref draft.InfNFe);
            draft.Id = reader.GetAttribute("Id");
            draft.Versao = reader.GetAttribute("versao");
            draft.InfNFeIsPlain = reader.AttributeCount == 2 && draft.Id is not null && draft.Versao is not null;
            scanner.Canonical = true;
        }
        else if (level1 == "Signature")
        {
            Open(ref draft.Signature);
        }
    }

    private void OnField(NoteDraft draft, XmlReader reader, string name, int level)
    {
        NoteField? field = level switch
        {
            3 when level2 == "ide" => name switch
            {
                "cUF" => NoteField.CUf,
                "cNF" => NoteField.CNf,
                "mod" => NoteField.Mod,
                "serie" => NoteField.Serie,
                "nNF" => NoteField.NNf,
                "dhEmi" => NoteField.DhEmi,
                "tpEmis" => NoteField.TpEmis,
                "cDV" => NoteField.CDv,
                "tpAmb" => NoteField.TpAmb,
                "dhCont" => NoteField.DhCont,
                "xJust" => NoteField.XJust,
                _ => null,
            },
            3 when level2 == "emit" => name switch { "CNPJ" => NoteField.Cnpj, "CPF" => NoteField.Cpf, _ => null },
            4 when level2 == "total" && level3 == "ICMSTot" && name == "vNF" => NoteField.VNf,
            _ => null,
        };
        if (field is { } known)
        {
            if (draft[known] is not null || reader.NamespaceURI != NoteXml.NfeNamespace)
            {
                draft.Misplaced ??= name;
            }

            draft.Values[(int)known] = "";
            OpenLeaf(draft.Values, (int)known, reader.Depth);
        }
    }

    private void OnSignaturePart(NoteDraft draft, string name, int level)
    {
        if (level > 2 && level2 == "SignedInfo")
        {
            return;
        }

        draft.SignatureElements++;
        switch (level)
        {
            case 2 when name == "SignedInfo":
                Open(ref draft.SignedInfo);
                break;
            case 2 when name == "SignatureValue":
                Open(ref draft.SignatureValue);
                break;
            case 4 when level2 == "KeyInfo" && level3 == "X509Data" && name == "X509Certificate":
                Open(ref draft.Certificate);
                break;
        }
    }

    private void OnEnd(int depth)
    {
        if (leafValues is not null && depth == leafDepth)
        {
            leafValues = null;
        }

        if (note is not null)
        {
            OnNoteEnd(note, depth - note.Depth);
        }
        else if (proc is not null && depth == proc.Depth + 1 && inProtocol)
        {
            inProtocol = false;
            Close(ref proc.Protocol);
        }
        else if (proc is not null && depth == proc.Depth)
        {
            foreach (NoteDraft found in proc.Notes)
            {
                documents.Add(NoteJudge.Judge(file, found, proc, documents.Count));
            }

            proc = null;
        }

        rootIsClosed = depth == 0;
    }

    private void OnNoteEnd(NoteDraft draft, int level)
    {
        switch (level)
        {
            case 0:
                Close(ref draft.Range);
                note = null;
                if (proc is null)
                {
                    documents.Add(NoteJudge.Judge(file, draft, null, documents.Count));
                }
                else
                {
                    proc.Notes.Add(draft);
                }

                break;
            case 1 when level1 == "infNFe":
                Close(ref draft.InfNFe);
                draft.InfNFeIsCanonical = scanner.Canonical;
                break;
            case 1 when level1 == "Signature":
                Close(ref draft.Signature);
                break;
            case 2 when level1 == "Signature" && level2 == "SignedInfo":
                Close(ref draft.SignedInfo);
                break;
            case 2 when level1 == "Signature" && level2 == "SignatureValue":
                Close(ref draft.SignatureValue);
                break;
            case 4 when level1 == "Signature" && level3 == "X509Data":
                Close(ref draft.Certificate);
                break;
        }
    }

    private void OpenLeaf(string?[] values, int index, int depth)
    {
        leafValues = values;
        leafIndex = index;
        leafDepth = depth;
    }

    private void Open(ref ElementRange range)
    {
        range.Start = scanner.Start;
        range.ContentStart = scanner.End;
    }

    private void Close(ref ElementRange range)
    {
        range.ContentEnd = scanner.Kind == TagKind.Empty ? scanner.End : scanner.Start;
        range.End = scanner.End;
    }
}

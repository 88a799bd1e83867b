using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

using NfceSync.SefazSimulator;

namespace NfceSync.Core.Tests.Mono.Helper;

/// <summary>A store's certificate and a source folder of every kind of document, with the list of what each has to be read as.</summary>
internal static class SourceFiles
{
    private const string Password = "test-only";

    public static void Write(string folder, TestAuthority authority)
    {
        var issuer = new NoteRequest().IssuerId;
        TestAuthority.WritePfx(Path.Combine(folder, "store.pfx"), authority.Issue(issuer), Password);
        authority.WriteRoot(Path.Combine(folder, "root.pem"));
        string documents = Directory.CreateDirectory(Path.Combine(folder, "documents")).FullName;
        string notes = Directory.CreateDirectory(Path.Combine(folder, "notes")).FullName;

        // The name of the file, the kind, the reason, the access key.
        var list = new List<string>();
        void Put(string name, byte[] document, string kind, string reason = "", SignedNote? note = null)
        {
            File.WriteAllBytes(Path.Combine(documents, name), document);
            list.Add(string.Join('\t', name, kind, reason, note?.ChNFe));
            if (note is not null)
            {
                File.WriteAllBytes(Path.Combine(notes, name), note.Bytes.ToArray());
            }
        }

        var factory = new NoteFactory(authority);
        int number = 0;
        NoteRequest Next() => new() { Number = ++number };

        foreach (var request in new[] { Next(), Next() with { WithConsumer = true }, Next() with { QrVersion = 3 }, Next() with { NonCanonical = true } })
        {
            SignedNote note = factory.Create(request);
            Put($"note-{request.Number}.xml", note.Bytes.ToArray(), "Contingency", note: note);
        }

        SignedNote branch = factory.Create(Next() with { Signer = authority.Issue(TaxIds.Cnpj("123456780009")) });
        Put("signed-by-another-branch.xml", branch.Bytes.ToArray(), "Contingency", note: branch);
        SignedNote declared = factory.Create(Next());
        Put("declared.xml", NoteDocuments.WithDeclarationAndBom(declared.Bytes.Span), "Contingency", note: declared);
        SignedNote inheriting = factory.Create(Next());
        Put("inheriting.xml", NoteDocuments.AsEnviNFe(inheriting), "Contingency", note: inheriting);
        SignedNote evidence = factory.Create(Next());
        Put("evidence.xml", NoteDocuments.AsNfeProc(evidence), "Evidence", note: evidence);
        SignedNote contradicted = factory.Create(Next());
        Put("contradicted.xml", Contradicted(contradicted), "ContradictedEvidence", note: contradicted);
        SignedNote limbo = factory.CreateLimbo(Next());
        Put("limbo.xml", limbo.Bytes.ToArray(), "LimboCandidate", note: limbo);
        Put("normal.xml", NoteDocuments.AsNfeProc(factory.CreateLimbo(Next())), "Ignored", "NfceNoteHasProtocol");
        Put("55.xml", factory.CreateModel55(Next()).Bytes.ToArray(), "Ignored", "NfceNoteModel55");
        Put(
            "event.xml",
            NoteDocuments.CancellationEvent(factory.Create(Next()).ChNFe, "143260000000001", authority.Issue(issuer), DateTimeOffset.Now),
            "Ignored",
            "NfceFileOtherDocument");
        Put("text.xml", "not a document"u8.ToArray(), "Quarantined", "NfceFileNotXml");
        Put("truncated.xml", factory.Create(Next()).Bytes[..1500].ToArray(), "Quarantined", "NfceFileTruncated");
        foreach (NoteFlaw flaw in Enum.GetValues<NoteFlaw>())
        {
            Put($"{flaw}.xml", factory.CreateFlawed(flaw, Next()).Bytes.ToArray(), "Quarantined", ReasonOf(flaw));
        }

        File.WriteAllLines(Path.Combine(folder, "expected.tsv"), list);
    }

    private static string ReasonOf(NoteFlaw flaw) => flaw switch
    {
        NoteFlaw.ContentEdited => "NfceNoteDigestMismatch",
        NoteFlaw.SignatureBroken => "NfceSignatureInvalid",
        NoteFlaw.WrongCheckDigit => "NfceNoteKeyCheckDigit",
        NoteFlaw.IdDiffersFromFields => "NfceNoteKeyMismatch",
        NoteFlaw.ContingencyReasonMissing => "NfceNoteContingencyData",
        NoteFlaw.OtherAlgorithm => "NfceSignatureForm",
        _ => throw new ArgumentOutOfRangeException(nameof(flaw)),
    };

    private static byte[] Contradicted(SignedNote note) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(NoteDocuments.AsNfeProc(note)).Replace(
            $"<digVal>{note.DigestValue}</digVal>", "<digVal>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</digVal>", StringComparison.Ordinal));
}

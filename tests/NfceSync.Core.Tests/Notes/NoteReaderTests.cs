using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

using NfceSync.Core.Notes;

using Xunit;

namespace NfceSync.Core.Tests.Notes;

public class NoteReaderTests
{
    private const string Xmlns = " xmlns=\"http://www.portalfiscal.inf.br/nfe\"";

    [Fact]
    public void An_offline_note_is_to_be_sent_with_its_fields_and_its_bytes()
    {
        var source = new TestNote();
        string nfe = source.Sign();
        SourceDocument document = Single(nfe);

        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Null(document.ReasonId);
        Assert.Null(document.Protocol);
        Assert.Equal(source.Key, document.ChNFe);
        ContingencyNote note = document.Note!;
        Assert.Equal(source.Key, note.Key.Value);
        Assert.Equal("11222333000181", note.IssuerId);
        Assert.Equal(2, note.TpAmb);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 21, 15, 0, TimeSpan.FromHours(-3)), note.DhEmi);
        Assert.Equal(TimeSpan.FromHours(-3), note.DhEmi.Offset);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 20, 0, 0, TimeSpan.FromHours(-3)), note.DhCont);
        Assert.Equal("Sem conexão com a internet & sem 4G", note.XJust);
        Assert.Equal(12.34m, note.VNF);
        Assert.Equal(TestNote.DigestOf(nfe), note.DigestValue);
        Assert.Equal(nfe, Utf8(note.Bytes));
        Assert.Null(note.SourceBytes);
    }

    public static TheoryData<string, string> Surroundings() => new()
    {
        { "", "" },
        { "\uFEFF", "" },
        { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "" },
        { "\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n", "\r\n" },
        { "\r\n\t <?xml version=\"1.0\"?>\n", "\n\n" },
        { "<?xml version=\"1.0\"?><!-- é <NFe> --><?erp <NFe?>", "<!-- ü -->" },
        { $"<enviNFe{Xmlns} versao=\"4.00\"><idLote>1</idLote><indSinc>1</indSinc>", "</enviNFe>" },
        { $"<nfeProc{Xmlns} versao=\"4.00\">", "</nfeProc>" },
        { "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Body a='>' b=\">\"><x>ção</x>", "</s:Body></s:Envelope>" },
        { "<lote><![CDATA[<NFe> € ]]>", "</lote>" },
    };

    [Theory]
    [MemberData(nameof(Surroundings))]
    public void The_bytes_are_those_between_the_tags_of_the_note_whatever_is_around_it(string before, string after)
    {
        string nfe = new TestNote().Sign();
        SourceDocument document = Single(before + nfe + after);
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
    }

    [Theory]
    [InlineData("ascii only")]
    [InlineData("Pão de açúcar – 100 € – 日本 – 😀🏪")]
    [InlineData("line\nbreak\ttab  blanks ")]
    [InlineData("1 &lt; 2 &gt; 1 &amp; \"quoted\" 'single'")]
    [InlineData("carriage&#xD;return")]
    [InlineData("<![CDATA[<b>CDATA & more</b>]]>")]
    [InlineData("<!-- comment -->after a comment")]
    [InlineData("<?erp instruction?>after an instruction")]
    [InlineData("&#233; &#x1F600; &apos;&quot;")]
    public void Any_content_that_is_signed_is_verified(string text)
    {
        string nfe = new TestNote { Text = text }.Sign();
        Assert.True(TestNote.IsVerifiedBySignedXml(Encoding.UTF8.GetBytes(nfe)));
        SourceDocument document = Single(nfe);
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
    }

    public static TheoryData<string, string> Spellings() => new()
    {
        { "<xProd>Caf", "<xProd >Caf" },
        { "</xProd>", "</xProd\n>" },
        { "<det nItem=\"1\">", "<det  nItem = '1' >" },
        { "<xNome>Loja</xNome>", "<xNome>L&#111;ja</xNome>" },
        { "<xNome>Loja</xNome>", "<xNome><![CDATA[Loja]]></xNome>" },
        { "<xNome>Loja</xNome>", "<xNome>Lo<!-- -->ja</xNome>" },
        { "<nNF>4711</nNF>", "<nNF>47<!-- -->11</nNF>" },
        { " versao=\"4.00\">", "\r\n versao='4.00' >" },
        { "<infNFe ", "<infNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\" " },
        { "<Reference URI", "<Reference\nURI" },
        { " /></Transforms>", "></Transform></Transforms>" },
        { " /><DigestValue>", "/><DigestValue>" },
        { "<SignedInfo>", "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\">" },
        { "<SignatureValue>", "<SignatureValue>&#13;\n" },
        { "</X509Certificate>", "&#xD;\n</X509Certificate>" },
        { "<Signature xmlns", "<Signature Id=\"s\" xmlns" },
        { "<KeyInfo>", "<KeyInfo>\n  " },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Another_spelling_of_the_same_document_is_verified_and_stays_as_it_is(string original, string spelling)
    {
        string nfe = Replace(new TestNote().Sign(), original, spelling);
        Assert.True(TestNote.IsVerifiedBySignedXml(Encoding.UTF8.GetBytes(nfe)));
        SourceDocument document = Single(nfe);
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
        Assert.Equal(4711, document.Note.Key.Number);
    }

    [Theory]
    [InlineData("><", ">\r\n<")]
    [InlineData("<xProd>Café", "<xProd>Cafe\u0301")]
    [InlineData("<det nItem=\"1\">", "<det nItem=\"1 \">")]
    [InlineData("<xNome>Loja</xNome>", "<xNome xmlns=\"\">Loja</xNome>")]
    public void A_spelling_that_changes_the_document_is_not_verified(string original, string changed)
    {
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(new TestNote().Sign().Replace(original, changed)));
    }

    [Fact]
    public void The_two_transforms_may_stand_in_either_order()
    {
        string nfe = new TestNote { SwapTransforms = true }.Sign();
        Assert.True(nfe.IndexOf("REC-xml-c14n", nfe.IndexOf("<Transforms>", StringComparison.Ordinal), StringComparison.Ordinal)
            < nfe.IndexOf("#enveloped-signature", StringComparison.Ordinal));

        Assert.Equal(DocumentKind.Contingency, Single(nfe).Kind);
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(Replace(nfe, "<vNF>12.34", "<vNF>12.35")));
    }

    [Fact]
    public void Whitespace_inside_the_signed_info_breaks_the_signature()
    {
        Assert.Equal(ErrorIds.NfceSignatureInvalid, Quarantine(Replace(new TestNote().Sign(), "<Transforms>", "<Transforms>\n")));
    }

    /// <summary>A program that signs the raw bytes of content which is not canonical: SEFAZ would answer 297.</summary>
    [Fact]
    public void A_digest_over_raw_bytes_that_are_not_canonical_is_refused()
    {
        string nfe = new TestNote { Text = "<![CDATA[x]]>" }.Sign();
        int start = nfe.IndexOf("<infNFe", StringComparison.Ordinal);
        int end = nfe.IndexOf("</infNFe>", StringComparison.Ordinal) + 9;
        string raw = nfe[start..end].Replace("<infNFe", "<infNFe" + Xmlns);
        string digest = Convert.ToBase64String(System.Security.Cryptography.SHA1.HashData(Encoding.UTF8.GetBytes(raw)));
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(Replace(nfe, TestNote.DigestOf(nfe), digest)));
    }

    [Fact]
    public void Several_notes_of_a_lote_are_several_documents()
    {
        TestNote[] sources = [.. Enumerable.Range(1, 3).Select(number => new TestNote { Number = $"{number}" })];
        IReadOnlyList<SourceDocument> documents = Read($"<enviNFe{Xmlns} versao=\"4.00\">" + string.Join("\r\n", sources.Select(source => source.Sign())) + "</enviNFe>");
        Assert.Equal(sources.Select(source => source.Key), documents.Select(document => document.ChNFe));
        Assert.Equal([0, 1, 2], documents.Select(document => document.Ordinal));
        Assert.All(documents, document => Assert.Equal(DocumentKind.Contingency, document.Kind));
    }

    [Fact]
    public void A_bad_note_of_a_lote_does_not_hide_the_others()
    {
        string good = new TestNote { Number = "1" }.Sign();
        string bad = Replace(new TestNote { Number = "2" }.Sign(), "<vNF>12.34", "<vNF>12.35");
        string last = new TestNote { Number = "3" }.Sign();
        IReadOnlyList<SourceDocument> documents = Read($"<enviNFe{Xmlns}>{good}{bad}{last}</enviNFe>");
        Assert.Equal([DocumentKind.Contingency, DocumentKind.Quarantined, DocumentKind.Contingency], documents.Select(d => d.Kind));
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, documents[1].ReasonId);
        Assert.Equal(new TestNote { Number = "2" }.Key, documents[1].ChNFe);
    }

    [Fact]
    public void The_notes_before_a_file_breaks_off_are_read_and_the_rest_is_quarantined()
    {
        string good = new TestNote { Number = "1" }.Sign();
        var cut = new TestNote { Number = "2" };
        IReadOnlyList<SourceDocument> documents = Read($"<enviNFe{Xmlns}>{good}{cut.Sign()[..900]}");
        Assert.Equal([DocumentKind.Contingency, DocumentKind.Quarantined], documents.Select(d => d.Kind));
        Assert.Equal(ErrorIds.NfceFileTruncated, documents[1].ReasonId);
        Assert.Equal(cut.Key, documents[1].ChNFe);
        Assert.Equal(1, documents[1].Ordinal);
    }

    [Fact]
    public void A_note_followed_by_rubbish_is_read_and_the_rubbish_is_quarantined()
    {
        IReadOnlyList<SourceDocument> documents = Read(new TestNote().Sign() + "\0\0\0\0");
        Assert.Equal([DocumentKind.Contingency, DocumentKind.Quarantined], documents.Select(d => d.Kind));
        Assert.Equal(ErrorIds.NfceFileNotXml, documents[1].ReasonId);
    }

    /// <summary>It was in an nfeProc, so it may have been answered: it must not be sent as if it never had been.</summary>
    [Fact]
    public void A_truncated_nfeProc_gives_no_note_to_send()
    {
        var source = new TestNote();
        string nfe = source.Sign();
        string proc = source.Proc(nfe, TestNote.DigestOf(nfe));
        SourceDocument document = Single(proc[..^20]);
        Assert.Equal(DocumentKind.Quarantined, document.Kind);
        Assert.Equal(ErrorIds.NfceFileTruncated, document.ReasonId);
        Assert.Equal(source.Key, document.ChNFe);
    }

    [Fact]
    public void A_note_that_inherits_its_namespace_is_sent_standalone_and_its_source_is_kept()
    {
        string nfe = new TestNote().Sign();
        string inheriting = Replace(nfe, "<NFe" + Xmlns, "<NFe");
        SourceDocument document = Single($"<enviNFe{Xmlns}>{inheriting}</enviNFe>");
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
        Assert.Equal(inheriting, Utf8(document.Note.SourceBytes!.Value));
    }

    [Fact]
    public void A_note_with_a_further_declaration_is_verified_with_it()
    {
        string nfe = new TestNote().Sign();
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(Replace(nfe, "<NFe ", "<NFe xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ")));

        var inside = new TestNote { BeforeSigning = xml => Replace(xml, "<infNFe ", "<infNFe xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ") };
        Assert.Equal(DocumentKind.Contingency, Single(inside.Sign()).Kind);
    }

    [Fact]
    public void A_note_that_needs_a_prefix_from_outside_cannot_be_sent()
    {
        string nfe = Replace(new TestNote { Supplement = "" }.Sign(), "<Signature ", "<infNFeSupl x:a=\"1\"></infNFeSupl><Signature ");
        IReadOnlyList<SourceDocument> documents = Read($"<r xmlns:x=\"urn:x\">{nfe}</r>");
        Assert.Equal(ErrorIds.NfceNoteNotStandalone, Assert.Single(documents).ReasonId);
    }

    [Fact]
    public void A_declaration_around_a_standalone_note_does_not_matter()
    {
        string nfe = new TestNote().Sign();
        SourceDocument document = Single($"<x:r xmlns:x=\"urn:x\">{nfe}</x:r>");
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
    }

    [Theory]
    [InlineData("100")]
    [InlineData("120")]
    [InlineData("150")]
    public void A_protocol_with_the_same_digest_is_evidence(string cStat)
    {
        var source = new TestNote();
        string nfe = source.Sign();
        SourceDocument document = Single(source.Proc(nfe, TestNote.DigestOf(nfe), cStat));
        Assert.Equal(DocumentKind.Evidence, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
        Assert.Equal(source.Protocol(TestNote.DigestOf(nfe), cStat), Utf8(document.Protocol!.Value));
    }

    [Fact]
    public void A_protocol_that_does_not_prove_these_bytes_is_for_a_person()
    {
        var source = new TestNote();
        string nfe = source.Sign();
        string digest = TestNote.DigestOf(nfe);
        string other = new TestNote { Number = "1" }.Key;
        string[] procs =
        [
            source.Proc(nfe, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            source.Proc(nfe, null),
            source.Proc(nfe, digest, cStat: "539"),
            source.Proc(nfe, digest, chNFe: other),
            source.Proc(nfe + source.Protocol(digest), digest),
        ];
        Assert.All(procs, proc => Assert.Equal(DocumentKind.ContradictedEvidence, Single(proc).Kind));
        Assert.All(procs, proc => Assert.Equal(nfe, Utf8(Single(proc).Note!.Bytes)));
    }

    [Fact]
    public void A_changed_note_is_no_evidence()
    {
        var source = new TestNote();
        string nfe = source.Sign();
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(source.Proc(Replace(nfe, "Loja", "Lojb"), TestNote.DigestOf(nfe))));
    }

    [Fact]
    public void An_nfeProc_without_a_protocol_is_a_note_to_send()
    {
        string nfe = new TestNote().Sign();
        Assert.Equal(DocumentKind.Contingency, Single($"<nfeProc{Xmlns} versao=\"4.00\">{nfe}</nfeProc>").Kind);
    }

    [Fact]
    public void A_normal_note_without_a_protocol_is_a_limbo_candidate()
    {
        var source = new TestNote { TpEmis = "1", Contingency = "" };
        SourceDocument document = Single(source.Sign());
        Assert.Equal(DocumentKind.LimboCandidate, document.Kind);
        Assert.Null(document.ReasonId);
        Assert.Equal(source.Key, document.Note!.Key.Value);
        Assert.Null(document.Note.DhCont);
        Assert.Null(document.Note.XJust);
    }

    [Fact]
    public void A_limbo_candidate_with_a_broken_signature_is_still_one()
    {
        string nfe = new TestNote { TpEmis = "1", Contingency = "" }.Sign();
        SourceDocument changed = Single(Replace(nfe, "Loja", "Lojb"));
        Assert.Equal(DocumentKind.LimboCandidate, changed.Kind);
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, changed.ReasonId);
        Assert.Equal(TestNote.DigestOf(nfe), changed.Note!.DigestValue);

        SourceDocument unsigned = Single(WithoutSignature(nfe));
        Assert.Equal(DocumentKind.LimboCandidate, unsigned.Kind);
        Assert.Equal(ErrorIds.NfceSignatureMissing, unsigned.ReasonId);
        Assert.Equal("", unsigned.Note!.DigestValue);
    }

    [Fact]
    public void A_normal_note_with_its_protocol_is_ignored()
    {
        var source = new TestNote { TpEmis = "1", Contingency = "" };
        string nfe = source.Sign();
        SourceDocument document = Single(source.Proc(nfe, TestNote.DigestOf(nfe)));
        Assert.Equal(DocumentKind.Ignored, document.Kind);
        Assert.Equal(ErrorIds.NfceNoteHasProtocol, document.ReasonId);
        Assert.Equal(source.Key, document.ChNFe);
    }

    [Fact]
    public void A_normal_note_with_anothers_protocol_is_a_limbo_candidate()
    {
        var source = new TestNote { TpEmis = "1", Contingency = "" };
        string nfe = source.Sign();
        Assert.Equal(DocumentKind.LimboCandidate, Single(source.Proc(nfe, TestNote.DigestOf(nfe), chNFe: new TestNote().Key)).Kind);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("4")]
    [InlineData("5")]
    [InlineData("7")]
    public void A_note_of_another_contingency_is_for_a_person_unless_it_has_its_protocol(string tpEmis)
    {
        var source = new TestNote { TpEmis = tpEmis };
        string nfe = source.Sign();
        SourceDocument document = Single(nfe);
        Assert.Equal(ErrorIds.NfceNoteEmissionType, document.ReasonId);
        Assert.Equal([tpEmis], document.ReasonArgs);
        Assert.Equal(DocumentKind.Ignored, Single(source.Proc(nfe, TestNote.DigestOf(nfe))).Kind);
    }

    [Fact]
    public void Model_55_is_ignored()
    {
        var source = new TestNote { Model = "55" };
        SourceDocument document = Single(source.Sign());
        Assert.Equal(DocumentKind.Ignored, document.Kind);
        Assert.Equal(ErrorIds.NfceNoteModel55, document.ReasonId);
        Assert.Equal(source.Key, document.ChNFe);
    }

    [Theory]
    [InlineData("envEvento")]
    [InlineData("procEventoNFe")]
    [InlineData("evento")]
    [InlineData("retEnvEvento")]
    [InlineData("inutNFe")]
    [InlineData("procInutNFe")]
    [InlineData("retConsSitNFe")]
    [InlineData("retEnviNFe")]
    [InlineData("configuração")]
    public void Another_document_is_ignored(string root)
    {
        SourceDocument document = Single($"<{root}{Xmlns}><a>1</a></{root}>");
        Assert.Equal(DocumentKind.Ignored, document.Kind);
        Assert.Equal(ErrorIds.NfceFileOtherDocument, document.ReasonId);
        Assert.Equal([root], document.ReasonArgs);
    }

    [Fact]
    public void Another_document_may_be_in_another_encoding()
    {
        byte[] latin1 = Encoding.Latin1.GetBytes("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><relatório>é</relatório>");
        Assert.Equal(DocumentKind.Ignored, Assert.Single(NoteReader.Read(latin1)).Kind);
        byte[] windows = Encoding.Latin1.GetBytes("<?xml version='1.0' encoding='windows-1252'?><config>ação</config>");
        Assert.Equal(DocumentKind.Ignored, Assert.Single(NoteReader.Read(windows)).Kind);
        byte[] utf16 = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>")];
        Assert.Equal(DocumentKind.Ignored, Assert.Single(NoteReader.Read(utf16)).Kind);
    }

    [Fact]
    public void The_head_office_signs_for_a_branch_and_letters_are_allowed_in_a_CNPJ()
    {
        TestIssuer branch = TestIssuer.WithCnpj("11222333000262").SigningAs(TestIssuer.Cnpj);
        Assert.Equal(DocumentKind.Contingency, Single(new TestNote { Issuer = branch }.Sign()).Kind);
        Assert.Equal(DocumentKind.Contingency, Single(new TestNote { Issuer = TestIssuer.AlphanumericCnpj }.Sign()).Kind);
    }

    [Fact]
    public void An_emitter_with_a_CPF_signs_with_its_CPF()
    {
        SourceDocument document = Single(new TestNote { Issuer = TestIssuer.Cpf, Serie = "920" }.Sign());
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal("52998224725", document.Note!.IssuerId);
    }

    [Fact]
    public void A_file_is_read_while_another_program_holds_it_open()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var writer = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            string nfe = new TestNote().Sign();
            writer.Write(Encoding.UTF8.GetBytes(nfe));
            writer.Flush();
            SourceDocument document = Assert.Single(NoteReader.ReadFile(path));
            Assert.Equal(nfe, Utf8(document.Note!.Bytes));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_does_not_exist_is_an_error_and_not_a_document()
    {
        Assert.Throws<FileNotFoundException>(() => NoteReader.ReadFile(Path.Combine(Path.GetTempPath(), Guid.NewGuid() + ".xml")));
    }

    [Fact]
    public void A_slice_of_a_larger_array_is_read_by_its_own_bounds()
    {
        string nfe = new TestNote().Sign();
        byte[] larger = Encoding.UTF8.GetBytes("<<<" + nfe + "<<<");
        SourceDocument document = Assert.Single(NoteReader.Read(larger.AsMemory(3, larger.Length - 6)));
        Assert.Equal(DocumentKind.Contingency, document.Kind);
        Assert.Equal(nfe, Utf8(document.Note!.Bytes));
    }

    internal static string Utf8(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    internal static IReadOnlyList<SourceDocument> Read(string text) => NoteReader.Read(Encoding.UTF8.GetBytes(text));

    internal static SourceDocument Single(string text) => Assert.Single(Read(text));

    internal static string? Quarantine(string text)
    {
        SourceDocument document = Single(text);
        Assert.Equal(DocumentKind.Quarantined, document.Kind);
        Assert.Null(document.Note);
        return document.ReasonId;
    }

    internal static string Replace(string text, string old, string with)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        int at = text.IndexOf(old, StringComparison.Ordinal);
        return text.Remove(at, old.Length).Insert(at, with);
    }

    internal static string WithoutSignature(string nfe)
    {
        int start = nfe.IndexOf("<Signature ", StringComparison.Ordinal);
        return nfe[..start] + nfe[(nfe.IndexOf("</Signature>", StringComparison.Ordinal) + 12)..];
    }
}

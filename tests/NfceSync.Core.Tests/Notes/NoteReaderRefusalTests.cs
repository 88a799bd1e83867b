using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using NfceSync.Core.Notes;

using Xunit;

using static NfceSync.Core.Tests.Notes.NoteReaderTests;

namespace NfceSync.Core.Tests.Notes;

public class NoteReaderRefusalTests
{
    private const string Xmlns = " xmlns=\"http://www.portalfiscal.inf.br/nfe\"";

    [Theory]
    [InlineData("", ErrorIds.NfceFileEmpty)]
    [InlineData(" \r\n\t", ErrorIds.NfceFileBlank)]
    [InlineData("\0\0\0\0", ErrorIds.NfceFileBlank)]
    [InlineData("\uFEFF", ErrorIds.NfceFileBlank)]
    [InlineData("%PDF-1.7", ErrorIds.NfceFileNotXml)]
    [InlineData("PK\u0003\u0004", ErrorIds.NfceFileNotXml)]
    [InlineData("<lote><a></b></lote>", ErrorIds.NfceFileNotXml)]
    [InlineData("<lote>&nbsp;<a/></lote>", ErrorIds.NfceFileNotXml)]
    [InlineData("<a/><b/>", ErrorIds.NfceFileNotXml)]
    [InlineData("<", ErrorIds.NfceFileTruncated)]
    [InlineData("<NFe xmlns=\"a", ErrorIds.NfceFileTruncated)]
    [InlineData("<lote><!-- ", ErrorIds.NfceFileTruncated)]
    [InlineData("<lote><a>1</a>", ErrorIds.NfceFileTruncated)]
    [InlineData("<!DOCTYPE NFe [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><NFe>&e;</NFe>", ErrorIds.NfceFileHasDtd)]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE NFe><NFe/>", ErrorIds.NfceFileHasDtd)]
    [InlineData("<nfeProc xmlns=\"http://www.portalfiscal.inf.br/nfe\"/>", ErrorIds.NfceFileNoNote)]
    [InlineData("<enviNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\"><idLote>1</idLote></enviNFe>", ErrorIds.NfceFileNoNote)]
    [InlineData("<NFe/>", ErrorIds.NfceNoteNamespace)]
    [InlineData("<lote><NFe xmlns=\"urn:other\"/></lote>", ErrorIds.NfceNoteNamespace)]
    [InlineData("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><NFe/>", ErrorIds.NfceFileNotUtf8)]
    public void A_file_that_is_no_document_says_why(string text, string reason)
    {
        Assert.Equal(reason, Quarantine(text));
    }

    [Fact]
    public void A_note_in_UTF_16_or_with_bytes_that_are_no_UTF_8_is_refused()
    {
        string nfe = new TestNote().Sign();
        byte[][] files =
        [
            Encoding.Unicode.GetBytes(nfe),
            [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(nfe)],
            [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(nfe)],
            Encoding.Latin1.GetBytes(nfe),
            Encoding.Latin1.GetBytes("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + nfe),
            Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"windows-1252\"?>" + nfe),
        ];
        Assert.All(files, file => Assert.Equal(ErrorIds.NfceFileNotUtf8, Assert.Single(NoteReader.Read(file)).ReasonId));
    }

    [Fact]
    public void Every_cut_of_a_note_is_refused()
    {
        byte[] nfe = new TestNote().SignToBytes();
        for (int length = 1; length < nfe.Length; length += 7)
        {
            SourceDocument document = Assert.Single(NoteReader.Read(nfe.AsMemory(0, length)));
            Assert.Equal(DocumentKind.Quarantined, document.Kind);
            // A cut inside a character leaves bytes that are no UTF-8.
            Assert.Contains(document.ReasonId, new[] { ErrorIds.NfceFileTruncated, ErrorIds.NfceFileNotUtf8 });
        }
    }

    [Fact]
    public void Elements_nested_without_end_are_refused()
    {
        string deep = string.Concat(Enumerable.Repeat("<a>", 100_000));
        Assert.Equal(ErrorIds.NfceFileTooDeep, Quarantine(deep));
    }

    [Fact]
    public void A_file_above_the_bound_is_not_read()
    {
        byte[] large = new byte[NoteReader.MaxFileBytes + 1];
        Assert.Equal(ErrorIds.NfceFileTooLarge, Assert.Single(NoteReader.Read(large)).ReasonId);
        Assert.Equal(DocumentKind.Ignored, Assert.Single(NoteReader.Read(large, "video.mp4")).Kind);
    }

    [Fact]
    public void A_note_above_500_KB_is_refused_and_one_of_500_KB_is_not()
    {
        int room = NoteReader.MaxNoteBytes - new TestNote { Text = "" }.SignToBytes().Length;
        byte[] largest = new TestNote { Text = new string('x', room) }.SignToBytes();
        Assert.Equal(NoteReader.MaxNoteBytes, largest.Length);
        Assert.Equal(DocumentKind.Contingency, Assert.Single(NoteReader.Read(largest)).Kind);
        Assert.Equal(ErrorIds.NfceNoteTooLarge, Quarantine(new TestNote { Text = new string('x', room + 1) }.Sign()));
    }

    [Fact]
    public void The_bound_is_that_of_a_note_and_not_that_of_a_lote()
    {
        string[] notes = [.. Enumerable.Range(1, 3).Select(n => new TestNote { Number = $"{n}", Text = new string('x', 300_000) }.Sign())];
        IReadOnlyList<SourceDocument> documents = Read($"<enviNFe{Xmlns}>{string.Concat(notes)}</enviNFe>");
        Assert.Equal(3, documents.Count(document => document.Kind == DocumentKind.Contingency));
    }

    [Theory]
    [InlineData("danfe.pdf", "%PDF-1.7")]
    [InlineData("backup.zip", "PK\u0003\u0004")]
    [InlineData("lock.tmp", "")]
    [InlineData("page.html", "<!DOCTYPE html><html><br></html>")]
    public void A_file_of_another_type_is_ignored_unless_it_is_called_xml(string name, string text)
    {
        byte[] file = Encoding.UTF8.GetBytes(text);
        SourceDocument document = Assert.Single(NoteReader.Read(file, name));
        Assert.Equal(DocumentKind.Ignored, document.Kind);
        Assert.Equal(ErrorIds.NfceFileOtherType, document.ReasonId);
        Assert.Equal(DocumentKind.Quarantined, Assert.Single(NoteReader.Read(file, name + ".XML")).Kind);
        Assert.Equal(DocumentKind.Quarantined, Assert.Single(NoteReader.Read(file)).Kind);
    }

    [Fact]
    public void A_note_is_a_note_whatever_its_file_is_called()
    {
        byte[] nfe = new TestNote().SignToBytes();
        Assert.Equal(DocumentKind.Contingency, Assert.Single(NoteReader.Read(nfe, "nota.txt")).Kind);
        Assert.Equal(ErrorIds.NfceFileTruncated, Assert.Single(NoteReader.Read(nfe.AsMemory(0, 900), "nota.tmp")).ReasonId);
    }

    [Theory]
    [InlineData("cUF", "36")]
    [InlineData("cNF", "12345671")]
    [InlineData("serie", "2")]
    [InlineData("nNF", "4712")]
    [InlineData("dhEmi", "2026-10-23T21:15:00-03:00")]
    [InlineData("cDV", "x")]
    [InlineData("CNPJ", "11222333000182")]
    public void A_key_that_does_not_match_the_fields_is_refused(string field, string value)
    {
        var source = new TestNote { BeforeSigning = xml => SetField(xml, field, value) };
        SourceDocument document = Single(source.Sign());
        Assert.Equal(ErrorIds.NfceNoteKeyMismatch, document.ReasonId);
        Assert.Equal([field], document.ReasonArgs);
        Assert.Equal(source.Key, document.ChNFe);
    }

    [Fact]
    public void A_key_that_does_not_match_the_kind_of_emission_is_refused()
    {
        var source = new TestNote { TpEmis = "1", BeforeSigning = xml => SetField(xml, "tpEmis", "9") };
        SourceDocument document = Single(source.Sign());
        Assert.Equal(ErrorIds.NfceNoteKeyMismatch, document.ReasonId);
        Assert.Equal(["tpEmis"], document.ReasonArgs);
    }

    [Fact]
    public void A_malformed_key_and_a_wrong_check_digit_are_told_apart()
    {
        string key = new TestNote().Key;
        string wrong = key[..43] + (char)('0' + ((key[43] - '0' + 1) % 10));
        Assert.Equal(ErrorIds.NfceNoteKeyCheckDigit, Quarantine(new TestNote { BeforeSigning = xml => xml.Replace("NFe" + key, "NFe" + wrong) }.Sign()));
        foreach (string id in new[] { "NFe" + key[1..], "NFe" + key + "0", "nfe" + key, key, "NFe" + key[..43] + "X", "NFe" + key.Replace("11222333", "1122233a") })
        {
            SourceDocument document = Single(new TestNote { BeforeSigning = xml => xml.Replace("Id=\"NFe" + key, "Id=\"" + "x" + id) }.Sign());
            Assert.Equal(ErrorIds.NfceNoteKeyMalformed, document.ReasonId);
            Assert.Null(document.ChNFe);
        }
    }

    [Theory]
    [InlineData("cUF")]
    [InlineData("cNF")]
    [InlineData("mod")]
    [InlineData("serie")]
    [InlineData("nNF")]
    [InlineData("dhEmi")]
    [InlineData("tpEmis")]
    [InlineData("cDV")]
    [InlineData("tpAmb")]
    [InlineData("vNF")]
    public void A_missing_or_doubled_field_is_refused(string field)
    {
        SourceDocument missing = Single(new TestNote { BeforeSigning = xml => RemoveField(xml, field) }.Sign());
        Assert.Equal(ErrorIds.NfceNoteFieldMissing, missing.ReasonId);
        Assert.Equal([field], missing.ReasonArgs);
        Assert.Equal(ErrorIds.NfceNoteFieldMissing, Quarantine(new TestNote { BeforeSigning = xml => SetField(xml, field, "") }.Sign()));

        SourceDocument doubled = Single(new TestNote { BeforeSigning = xml => Replace(xml, $"<{field}>", $"<{field}>9</{field}><{field}>") }.Sign());
        Assert.Equal(ErrorIds.NfceNoteStructure, doubled.ReasonId);
        Assert.Equal([field], doubled.ReasonArgs);
    }

    [Fact]
    public void An_emitter_without_an_id_or_with_two_is_refused()
    {
        Assert.Equal(ErrorIds.NfceNoteFieldMissing, Quarantine(new TestNote { BeforeSigning = xml => RemoveField(xml, "CNPJ") }.Sign()));
        Assert.Equal(ErrorIds.NfceNoteFieldInvalid, Quarantine(new TestNote { BeforeSigning = xml => Replace(xml, "</CNPJ>", "</CNPJ><CPF>52998224725</CPF>") }.Sign()));
        Assert.Equal(ErrorIds.NfceNoteFieldInvalid, Quarantine(new TestNote { BeforeSigning = xml => SetField(xml, "CNPJ", "112223330001810") }.Sign()));
    }

    [Theory]
    [InlineData("mod", "66")]
    [InlineData("tpEmis", "x")]
    [InlineData("tpEmis", "99")]
    [InlineData("dhEmi", "2026-11-23T21:15:00")]
    [InlineData("dhEmi", "23/11/2026 21:15")]
    [InlineData("dhEmi", "2026-11-31T21:15:00-03:00")]
    [InlineData("dhCont", "2026-11-23")]
    [InlineData("tpAmb", "3")]
    [InlineData("vNF", "12,34")]
    [InlineData("vNF", "-12.34")]
    [InlineData("vNF", "1e3")]
    public void A_field_that_cannot_be_read_is_refused(string field, string value)
    {
        SourceDocument document = Single(new TestNote { BeforeSigning = xml => SetField(xml, field, value) }.Sign());
        Assert.Equal(ErrorIds.NfceNoteFieldInvalid, document.ReasonId);
        Assert.Equal([field], document.ReasonArgs);
    }

    [Theory]
    [InlineData("dhCont")]
    [InlineData("xJust")]
    public void An_offline_note_without_the_data_of_the_contingency_is_refused(string field)
    {
        Assert.Equal(ErrorIds.NfceNoteContingencyData, Quarantine(new TestNote { BeforeSigning = xml => RemoveField(xml, field) }.Sign()));
        Assert.Equal(ErrorIds.NfceNoteContingencyData, Quarantine(new TestNote { BeforeSigning = xml => SetField(xml, field, " ") }.Sign()));
    }

    [Fact]
    public void A_field_of_another_group_is_not_taken_for_the_notes_own()
    {
        var source = new TestNote
        {
            BeforeSigning = xml => Replace(xml, "</ide>", "<NFref><refNF><cUF>11</cUF><mod>01</mod><nNF>5</nNF></refNF></NFref></ide>"),
        };
        Assert.Equal(DocumentKind.Contingency, Single(source.Sign()).Kind);
    }

    [Fact]
    public void A_field_that_holds_an_element_is_refused()
    {
        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(new TestNote { BeforeSigning = xml => Replace(xml, "<nNF>4711", "<nNF>4711<a/>") }.Sign()));
    }

    [Fact]
    public void A_field_in_another_namespace_is_not_the_field()
    {
        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(new TestNote { BeforeSigning = xml => Replace(xml, "<nNF>", "<nNF xmlns=\"urn:x\">") }.Sign()));
    }

    [Fact]
    public void Signature_wrapping_is_refused()
    {
        string nfe = new TestNote().Sign();
        string inf = nfe[nfe.IndexOf("<infNFe", StringComparison.Ordinal)..(nfe.IndexOf("</infNFe>", StringComparison.Ordinal) + 9)];
        string other = Replace(inf, "<vNF>12.34", "<vNF>99.99");
        string signature = nfe[nfe.IndexOf("<Signature ", StringComparison.Ordinal)..nfe.IndexOf("</NFe>", StringComparison.Ordinal)];

        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(Replace(nfe, inf, other + inf)));
        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(Replace(nfe, inf, inf + other)));
        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(Replace(nfe, inf, other + $"<x>{inf}</x>")));
        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(Replace(nfe, signature, signature + signature)));
        Assert.Equal(ErrorIds.NfceNoteStructure, Quarantine(Replace(nfe, "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">", "<Signature>")));
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(Replace(Replace(nfe, inf, other), "<KeyInfo>", $"<KeyInfo>").Replace("</infNFeSupl>", inf + "</infNFeSupl>")));
    }

    [Theory]
    [InlineData("rsa-sha1", "rsa-sha256")]
    [InlineData("xmldsig#sha1", "xmldsig#sha256")]
    [InlineData("enveloped-signature", "base64")]
    [InlineData("URI=\"#NFe", "URI=\"#nfe")]
    [InlineData("<CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#")]
    [InlineData("<DigestMethod", "<x/><DigestMethod")]
    [InlineData("</Transforms>", "<Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\" /></Transforms>")]
    [InlineData("<X509Data>", "<KeyValue/><X509Data>")]
    [InlineData("<X509Certificate>", "<X509SubjectName>CN=x</X509SubjectName><X509Certificate>")]
    [InlineData("<SignatureValue>", "<SignatureValue /><SignatureValue>")]
    [InlineData("</KeyInfo>", "</KeyInfo><Object />")]
    public void A_signature_of_another_form_is_refused(string old, string with)
    {
        Assert.Equal(ErrorIds.NfceSignatureForm, Quarantine(Replace(new TestNote().Sign(), old, with)));
    }

    [Fact]
    public void A_second_reference_is_refused()
    {
        string nfe = new TestNote().Sign();
        string reference = nfe[nfe.IndexOf("<Reference ", StringComparison.Ordinal)..(nfe.IndexOf("</Reference>", StringComparison.Ordinal) + 12)];
        Assert.Equal(ErrorIds.NfceSignatureForm, Quarantine(Replace(nfe, reference, reference + reference)));
    }

    [Fact]
    public void A_note_without_a_signature_is_refused()
    {
        Assert.Equal(ErrorIds.NfceSignatureMissing, Quarantine(WithoutSignature(new TestNote().Sign())));
    }

    [Fact]
    public void A_changed_note_and_a_foreign_signature_value_are_refused()
    {
        string nfe = new TestNote().Sign();
        string other = new TestNote { Number = "1" }.Sign();
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(Replace(nfe, "<vNF>12.34", "<vNF>12.35")));
        Assert.Equal(ErrorIds.NfceSignatureInvalid, Quarantine(Replace(nfe, Between(nfe, "SignatureValue"), Between(other, "SignatureValue"))));
        Assert.Equal(ErrorIds.NfceSignatureInvalid, Quarantine(Replace(nfe, Between(nfe, "SignatureValue"), "AAAA")));
        Assert.Equal(ErrorIds.NfceSignatureInvalid, Quarantine(Replace(nfe, Between(nfe, "SignatureValue"), "?")));
        Assert.Equal(ErrorIds.NfceSignatureInvalid, Quarantine(Replace(nfe, Between(nfe, "SignatureValue"), "")));
        Assert.Equal(ErrorIds.NfceNoteDigestMismatch, Quarantine(Replace(nfe, Between(nfe, "DigestValue"), "?")));
    }

    [Fact]
    public void A_certificate_that_cannot_be_read_is_refused()
    {
        string nfe = new TestNote().Sign();
        byte[] pfx = TestIssuer.Cnpj.Certificate.Export(System.Security.Cryptography.X509Certificates.X509ContentType.Pfx, "");
        foreach (string text in new[] { "", "AAAA", "?", Convert.ToBase64String(pfx) })
        {
            Assert.Equal(ErrorIds.NfceSigningCertificateUnreadable, Quarantine(Replace(nfe, Between(nfe, "X509Certificate"), text)));
        }
    }

    [Fact]
    public void The_certificate_of_another_company_or_without_an_id_is_refused()
    {
        TestIssuer[] signers =
        [
            TestIssuer.WithCnpj("99888777000166"),
            TestIssuer.Create("none"),
            TestIssuer.Cpf,
            TestIssuer.Create("responsible person only", ("2.16.76.1.3.4", "0101198011222333000181" + new string('0', 27))),
        ];
        Assert.All(signers, signer => Assert.Equal(
            ErrorIds.NfceSignerNotEmitter, Quarantine(new TestNote { Issuer = TestIssuer.Cnpj.SigningAs(signer) }.Sign())));

        var person = new TestNote { Issuer = TestIssuer.Cpf.SigningAs(TestIssuer.Cnpj), Serie = "920" };
        Assert.Equal(ErrorIds.NfceSignerNotEmitter, Quarantine(person.Sign()));
    }

    [Fact]
    public void A_note_with_prefixes_is_refused()
    {
        string nfe = new TestNote().Sign();
        string prefixed = nfe.Replace("<NFe xmlns=", "<n:NFe xmlns:n=\"http://www.portalfiscal.inf.br/nfe\" xmlns=").Replace("</NFe>", "</n:NFe>");
        Assert.Equal(ErrorIds.NfceNotePrefix, Quarantine(prefixed));
        string signature = nfe.Replace("<Signature xmlns=", "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns=").Replace("</Signature>", "</ds:Signature>");
        Assert.Equal(ErrorIds.NfceNotePrefix, Quarantine(signature));
    }

    [Fact]
    public void An_attribute_of_the_note_that_would_be_signed_with_it_is_refused()
    {
        Assert.Equal(ErrorIds.NfceNoteNotStandalone, Quarantine(Replace(new TestNote().Sign(), "<NFe ", "<NFe xml:lang=\"pt\" ")));
    }

    private static string Between(string xml, string element)
    {
        int start = xml.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        return xml[start..xml.IndexOf($"</{element}>", StringComparison.Ordinal)];
    }

    private static string SetField(string xml, string field, string value)
    {
        string old = Between(xml, field);
        return Replace(xml, $"<{field}>{old}</{field}>", $"<{field}>{value}</{field}>");
    }

    private static string RemoveField(string xml, string field) => Replace(xml, $"<{field}>{Between(xml, field)}</{field}>", "");
}

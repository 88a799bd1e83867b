using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Xml;

using CsCheck;

using NfceSync.Core.Notes;

using Xunit;

namespace NfceSync.Core.Tests.Notes;

public class NoteReaderPropertyTests
{
    private static readonly string Nfe = new TestNote { Text = "Pão <![CDATA[<&>]]> € 😀" }.Sign();

    private static readonly byte[][] Documents =
    [
        new TestNote().SignToBytes(),
        Encoding.UTF8.GetBytes(Nfe),
        Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<enviNFe xmlns=\"{TestNote.Namespace}\">{Nfe}{new TestNote { Number = "2" }.Sign().Replace($"<NFe xmlns=\"{TestNote.Namespace}\"", "<NFe")}</enviNFe>"),
        Encoding.UTF8.GetBytes(new TestNote().Proc(new TestNote().Sign(), "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
    ];

    private static readonly Gen<Func<byte[], byte[]>> Edit = Gen.OneOf(
        from at in Gen.Double[0, 1]
        from bit in Gen.Int[0, 7]
        select (Func<byte[], byte[]>)(file => Change(file, at, (copy, i) => copy[i] ^= (byte)(1 << bit))),
        from at in Gen.Double[0, 1]
        from b in Gen.OneOf(Gen.Byte, Gen.OneOf("<>/&'\" \r\n=:!?-"u8.ToArray()))
        select (Func<byte[], byte[]>)(file => Change(file, at, (copy, i) => copy[i] = b)),
        from at in Gen.Double[0, 1]
        from text in Gen.OneOf(Gen.Byte.Array[1, 4], Gen.OneOf(" ", "\r\n", "<!-- -->", "<?a?>", "<![CDATA[]]>", "<a/>", "&#65;", " xmlns:a=\"b\"").Select(Encoding.UTF8.GetBytes))
        select (Func<byte[], byte[]>)(file => [.. file[..Position(file, at)], .. text, .. file[Position(file, at)..]]),
        from at in Gen.Double[0, 1]
        from count in Gen.Int[1, 40]
        select (Func<byte[], byte[]>)(file => [.. file[..Position(file, at)], .. file.Skip(Position(file, at) + count)]),
        from at in Gen.Double[0, 1]
        select (Func<byte[], byte[]>)(file => file[..Position(file, at)]));

    [Fact]
    public void No_edit_of_a_file_crashes_the_reader_or_makes_it_accept_what_is_not_signed()
    {
        (from document in Gen.OneOf(Documents)
         from edits in Edit.Array[1, 3]
         select edits.Aggregate(document, (file, edit) => edit(file)))
            .Sample(
                file =>
                {
                    IReadOnlyList<SourceDocument> documents = NoteReader.Read(file);
                    Assert.NotEmpty(documents);
                    Assert.Equal(Enumerable.Range(0, documents.Count), documents.Select(document => document.Ordinal));
                    Assert.All(documents, AssertIsSigned);
                },
                iter: 5_000);
    }

    /// <summary>Where the edit leaves the canonical form alone, the note must still be accepted: the slice is its own proof.</summary>
    [Fact]
    public void An_edit_outside_the_notes_leaves_them_as_they_are()
    {
        byte[] nfe = Encoding.UTF8.GetBytes(Nfe);
        (from comment in Gen.Char["abcé€ <>&\r\n\t'\""].Array[0, 30].Select(chars => new string(chars))
         from breaks in Gen.OneOf("", "\r", "\n", "\r\n", " \t")
         select $"{breaks}<!--{comment}-->{breaks}<r a='{comment.Replace("<", "").Replace("&", "").Replace("'", "")}'>{breaks}<!--{comment}-->|</r>{breaks}<?p {comment.Replace("?", "")}?>")
            .Sample(around =>
            {
                byte[] file = Encoding.UTF8.GetBytes(around.Replace("|", Nfe));
                SourceDocument document = Assert.Single(NoteReader.Read(file));
                Assert.Equal(DocumentKind.Contingency, document.Kind);
                Assert.True(document.Note!.Bytes.Span.SequenceEqual(nfe));
            });
    }

    private static void AssertIsSigned(SourceDocument document)
    {
        bool accepted = document.Kind is DocumentKind.Contingency or DocumentKind.Evidence or DocumentKind.ContradictedEvidence;
        Assert.Equal(accepted || document.Kind == DocumentKind.LimboCandidate, document.Note is not null);
        if (accepted)
        {
            byte[] bytes = document.Note!.Bytes.ToArray();
            Assert.StartsWith("<NFe", Encoding.UTF8.GetString(bytes));
            Assert.True(TestNote.IsVerifiedBySignedXml(bytes));
            var parsed = new XmlDocument { PreserveWhitespace = true };
            parsed.LoadXml(Encoding.UTF8.GetString(bytes));
            Assert.Equal("NFe" + document.ChNFe, ((XmlElement)parsed.GetElementsByTagName("infNFe")[0]!).GetAttribute("Id"));
        }
        else if (document.Kind != DocumentKind.LimboCandidate)
        {
            Assert.NotEmpty(Texts.Get(document.ReasonId!, [.. document.ReasonArgs]));
        }
    }

    private static int Position(byte[] file, double at) => (int)(at * Math.Max(0, file.Length - 1));

    private static byte[] Change(byte[] file, double at, Action<byte[], int> change)
    {
        byte[] copy = (byte[])file.Clone();
        if (copy.Length > 0)
        {
            change(copy, Position(copy, at));
        }

        return copy;
    }
}

using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

using CsCheck;

using NfceSync.Core.Notes;

using Xunit;

namespace NfceSync.Core.Tests.Notes;

public class TagScannerTests
{
    private static readonly Gen<string> Leaf = Gen.OneOf(
        "text", "é€😀", " ", "\n", "\r\n", "\r", "\t", "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#65;", "&#xD;", ">", "\"", "'",
        "<a/>", "<a />", "<a x=\"1\"/>", "<a x=\"/\" />", "<!-- <a> -->", "<?p <a> ?>", "<?Doctype?>", "<![CDATA[<a>]]>", "<![CDATA[]]>");

    private static readonly Gen<string> StartTag = Gen.OneOf(
        "<a>", "<b>", "<a >", "<a\n>", "<a\r\n>", "<a x=\"1\">", "<a  x=\"1\">", "<a\tx=\"1\">", "<a x='1'>", "<a x=\"'\">",
        "<a x=\"&amp;\">", "<a x=\"&#9;\">", "<a x=\"1\t2\">", "<a x=\"1\r2\">", "<a x=\"1\n2\">", "<a x=\">\">", "<a x='\"'>", "<a x=\"é\">",
        "<a x=\"1\" y=\"2\">", "<a y=\"2\" x=\"1\">", "<a x = \"1\">", "<a x=\"1\" >", "<a x=\"1\"\n>", "<a xmlns=\"\">",
        "<a xmlns=\"urn:a\">", "<a xmlns:p=\"urn:p\">", "<p:a xmlns:p=\"urn:p\">", "<a xml:lang=\"pt\">", "<é>");

    private static readonly Gen<string> Element =
        from start in StartTag
        from inner in Leaf.Array[0, 2]
        from blank in Gen.OneOf("", "", "", " ", "\n")
        let name = start.TrimStart('<').Split(' ', '\n', '\t', '\r', '>')[0]
        select $"{start}{string.Concat(inner)}</{name}{blank}>";

    private static readonly Gen<string> Xml =
        Gen.OneOf(Leaf, Element).Array[0, 4].Select(pieces => "<r>" + string.Concat(pieces) + "</r>");

    /// <summary>The whole fast path rests on this: raw bytes are hashed only where they are the canonical bytes.</summary>
    [Fact]
    public void What_it_calls_canonical_is_what_Canonical_XML_writes()
    {
        int canonical = 0;
        Xml.Sample(
            xml =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(xml);
                var scanner = new TagScanner(bytes, 0, bytes.Length);
                while (scanner.Next())
                {
                }

                if (scanner.Canonical)
                {
                    System.Threading.Interlocked.Increment(ref canonical);
                    Assert.Equal(Canonicalise(xml), xml);
                }
            },
            iter: 5_000);
        Assert.NotEqual(0, canonical);
    }

    [Fact]
    public void It_stops_at_the_tags_that_an_XmlReader_sees()
    {
        Xml.Sample(
            xml =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(xml);
                var scanner = new TagScanner(bytes, 0, bytes.Length);
                var found = new List<(TagKind Kind, string Name)>();
                while (scanner.Next())
                {
                    string tag = Encoding.UTF8.GetString(bytes, scanner.Start, scanner.End - scanner.Start);
                    Assert.True(tag.StartsWith('<') && tag.EndsWith('>'));
                    found.Add((scanner.Kind, tag.TrimStart('<', '/').Split(' ', '\n', '\t', '\r', '>', '/')[0]));
                }

                Assert.Equal(Tags(xml), found);
            },
            iter: 5_000);
    }

    [Theory]
    [InlineData("<a")]
    [InlineData("<a b=\"")]
    [InlineData("<a b=\">")]
    [InlineData("</a")]
    [InlineData("<!--")]
    [InlineData("<!-")]
    [InlineData("<!---->")]
    [InlineData("<![CDATA[")]
    [InlineData("<?")]
    [InlineData("<")]
    [InlineData("text & more")]
    public void Half_a_tag_is_no_tag(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.False(new TagScanner(bytes, 0, bytes.Length).Next());
    }

    private static List<(TagKind Kind, string Name)> Tags(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml));
        var tags = new List<(TagKind, string)>();
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                tags.Add((reader.IsEmptyElement ? TagKind.Empty : TagKind.Start, reader.Name));
            }
            else if (reader.NodeType == XmlNodeType.EndElement)
            {
                tags.Add((TagKind.End, reader.Name));
            }
        }

        return tags;
    }

    private static string Canonicalise(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        using var reader = XmlReader.Create(new StringReader(xml));
        document.Load(reader);
        var transform = new XmlDsigC14NTransform();
        transform.LoadInput(document);
        using var output = (Stream)transform.GetOutput(typeof(Stream));
        return new StreamReader(output, Encoding.UTF8).ReadToEnd();
    }
}

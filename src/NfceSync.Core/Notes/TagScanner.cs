using System;

namespace NfceSync.Core.Notes;

/// <summary>What <see cref="TagScanner"/> stopped at.</summary>
internal enum TagKind
{
    Start,
    Empty,
    End,
    DocumentType,
}

/// <summary>
/// Finds the tags of an XML document in its bytes, one after the other. It runs beside an <c>XmlReader</c>, which judges
/// well-formedness and names; this one knows where in the file each tag lies, which the reader does not.
/// </summary>
/// <remarks>UTF-8 only: no byte of a multi-byte character looks like markup.</remarks>
internal struct TagScanner
{
    private readonly byte[] file;
    private readonly int end;
    private int position;

    public TagScanner(byte[] file, int start, int end)
    {
        this.file = file;
        this.end = end;
        position = start;
        Start = start;
        End = start;
        Kind = TagKind.Start;
        Canonical = true;
    }

    /// <summary>Where the tag's <c>&lt;</c> lies.</summary>
    public int Start { get; private set; }

    /// <summary>The position after the tag's <c>&gt;</c>.</summary>
    public int End { get; private set; }

    public TagKind Kind { get; private set; }

    /// <summary>
    /// Whether everything since it was last set to true is written as Canonical XML writes it, so that the raw bytes are the
    /// canonical bytes. It may say false of canonical bytes, never true of others.
    /// </summary>
    public bool Canonical { get; set; }

    /// <summary>Goes to the next tag; comments, CDATA sections and processing instructions are passed over.</summary>
    /// <returns>False where no complete tag is left.</returns>
    public bool Next()
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = file.AsSpan(position, end - position);
            int text = rest.IndexOf((byte)'<');
            if (text < 0 || text + 1 >= rest.Length)
            {
                return false;
            }

            Canonical = Canonical && IsCanonicalText(rest.Slice(0, text));
            rest = rest.Slice(text);
            Start = position + text;
            int length;
            switch (rest[1])
            {
                case (byte)'/':
                    Kind = TagKind.End;
                    length = rest.IndexOf((byte)'>') + 1;
                    Canonical = Canonical && length > 1 && !IsSpace(rest[length - 2]);
                    break;
                case (byte)'?':
                    Canonical = false;
                    length = LengthThrough(rest, 2, "?>"u8);
                    break;
                case (byte)'!':
                    Canonical = false;
                    length = rest.StartsWith("<!--"u8) ? LengthThrough(rest, 4, "-->"u8)
                        : rest.StartsWith("<![CDATA["u8) ? LengthThrough(rest, 9, "]]>"u8)
                        : 0;
                    if (length == 0 && rest.StartsWith("<!D"u8))
                    {
                        Kind = TagKind.DocumentType;
                        End = Start;
                        return true;
                    }

                    break;
                default:
                    length = StartTagLength(rest);
                    if (length > 0)
                    {
                        Kind = rest[length - 2] == (byte)'/' ? TagKind.Empty : TagKind.Start;
                        Canonical = Canonical && IsCanonicalStartTag(rest.Slice(1, length - 2));
                    }

                    break;
            }

            if (length == 0)
            {
                return false;
            }

            End = Start + length;
            position = End;
            if (rest[1] is not ((byte)'?' or (byte)'!'))
            {
                return true;
            }
        }
    }

    private static int StartTagLength(ReadOnlySpan<byte> rest)
    {
        int at = 1;
        while (true)
        {
            int found = rest.Slice(at).IndexOfAny((byte)'>', (byte)'"', (byte)'\'');
            if (found < 0)
            {
                return 0;
            }

            at += found;
            if (rest[at] == (byte)'>')
            {
                return at + 1;
            }

            int quote = rest.Slice(at + 1).IndexOf(rest[at]);
            if (quote < 0)
            {
                return 0;
            }

            at += quote + 2;
        }
    }

    private static int LengthThrough(ReadOnlySpan<byte> rest, int from, ReadOnlySpan<byte> terminator)
    {
        int found = rest.Length < from ? -1 : rest.Slice(from).IndexOf(terminator);
        return found < 0 ? 0 : from + found + terminator.Length;
    }

    // Canonical XML 1.0, 2.3: in text, '&', '<', '>' and CR are written as &amp; &lt; &gt; &#xD; and nothing else is escaped.
    private static bool IsCanonicalText(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            int found = text.IndexOfAny((byte)'&', (byte)'>', (byte)'\r');
            if (found < 0)
            {
                return true;
            }

            text = text.Slice(found);
            int length = text.StartsWith("&amp;"u8) ? 5 : text.StartsWith("&lt;"u8) || text.StartsWith("&gt;"u8) ? 4 : 0;
            if (length == 0)
            {
                return false;
            }

            text = text.Slice(length);
        }
    }

    // `name` or `name attribute="value"`: with one attribute there is no order to keep, without a colon or xmlns no namespace.
    private static bool IsCanonicalStartTag(ReadOnlySpan<byte> tag)
    {
        int blank = tag.IndexOfAny((byte)' ', (byte)'\t', (byte)'\n');
        ReadOnlySpan<byte> name = blank < 0 ? tag : tag.Slice(0, blank);
        if (name.IndexOfAny((byte)':', (byte)'/', (byte)'\r') >= 0)
        {
            return false;
        }

        if (blank < 0)
        {
            return true;
        }

        ReadOnlySpan<byte> attribute = tag.Slice(blank + 1);
        int equals = attribute.IndexOf((byte)'=');
        if (tag[blank] != (byte)' ' || equals < 1 || attribute.Length < equals + 3 || attribute[equals + 1] != (byte)'"')
        {
            return false;
        }

        ReadOnlySpan<byte> attributeName = attribute.Slice(0, equals);
        ReadOnlySpan<byte> value = attribute.Slice(equals + 2);
        return attributeName.IndexOfAny((byte)':', (byte)' ', (byte)'\t') < 0
            && attributeName.IndexOfAny((byte)'\r', (byte)'\n') < 0
            && !attributeName.SequenceEqual("xmlns"u8)
            && value.IndexOf((byte)'"') == value.Length - 1
            && value.IndexOfAny((byte)'&', (byte)'\t', (byte)'\r') < 0
            && value.IndexOf((byte)'\n') < 0;
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}

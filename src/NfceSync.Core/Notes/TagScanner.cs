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

    private static ReadOnlySpan<byte> DocumentTypeStart => "<!D"u8;

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
            int text = TextLength(rest);
            if (text + 1 >= rest.Length)
            {
                return false;
            }

            rest = rest.Slice(text);
            Start = position + text;
            int length = rest[1] is (byte)'?' or (byte)'!' ? OtherMarkupLength(rest) : TagLength(rest);
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

            Canonical = false;
            if (rest.StartsWith(DocumentTypeStart))
            {
                Kind = TagKind.DocumentType;
                return true;
            }
        }
    }

    /// <summary>How far it is to the next markup.</summary>
    /// <remarks>
    /// Canonical XML 1.0, 2.3: in text, <c>&amp;</c>, <c>&lt;</c>, <c>&gt;</c> and CR are escaped, and nothing else is.
    /// </remarks>
    private int TextLength(ReadOnlySpan<byte> rest)
    {
        int at = 0;
        while (true)
        {
            int found = rest.Slice(at).IndexOfAny("<&>\r"u8);
            if (found < 0)
            {
                return rest.Length;
            }

            at += found;
            if (rest[at] == (byte)'<')
            {
                return at;
            }

            ReadOnlySpan<byte> escape = rest.Slice(at);
            Canonical = Canonical
                && (escape.StartsWith("&amp;"u8) || escape.StartsWith("&lt;"u8) || escape.StartsWith("&gt;"u8));
            at++;
        }
    }

    private static int OtherMarkupLength(ReadOnlySpan<byte> rest) =>
        rest[1] == (byte)'?' ? LengthThrough(rest, 2, "?>"u8)
        : rest.StartsWith("<!--"u8) ? LengthThrough(rest, 4, "-->"u8)
        : rest.StartsWith("<![CDATA["u8) ? LengthThrough(rest, 9, "]]>"u8)
        : rest.StartsWith(DocumentTypeStart) ? DocumentTypeStart.Length
        : 0;

    private int TagLength(ReadOnlySpan<byte> rest)
    {
        bool isEnd = rest[1] == (byte)'/';
        int at = isEnd ? 2 : 1;
        while (at < rest.Length && IsNameByte(rest[at]))
        {
            at++;
        }

        // Nearly every tag is only a name.
        if (at < rest.Length && rest[at] == (byte)'>')
        {
            Kind = isEnd ? TagKind.End : TagKind.Start;
            return at + 1;
        }

        int length = StartTagLength(rest);
        if (length > 0)
        {
            Kind = isEnd ? TagKind.End : rest[length - 2] == (byte)'/' ? TagKind.Empty : TagKind.Start;
            Canonical = Canonical && !isEnd && IsCanonicalStartTag(rest.Slice(1, length - 2));
        }

        return length;
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

    private static bool IsNameByte(byte b) =>
        (uint)((b | 0x20) - 'a') <= 'z' - 'a' || (uint)(b - '0') <= 9 || b is (byte)'_' or (byte)'-' or (byte)'.';
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace NfceSync.Core.Notes;

/// <summary>Reads the files of a source folder and says what each document in them is. Never changes anything.</summary>
/// <remarks>
/// A note is what lies between <c>&lt;NFe</c> and <c>&lt;/NFe&gt;</c>, whatever is around it (<c>nfeProc</c>, <c>enviNFe</c>, a
/// SOAP envelope). It is of use only where digest, signature, key and certificate prove it as the standalone document that is
/// sent. A note that is refused does not hide another one in the same file, and where a file breaks off, the notes before the
/// break stand and the rest is quarantined.
/// </remarks>
public static class NoteReader
{
    /// <summary>
    /// The largest note in bytes: SEFAZ refuses messages above 500 KB with cStat 214, or cuts the connection (MOC 7.0, Anexo I,
    /// rule B01).
    /// </summary>
    public const int MaxNoteBytes = 500 * 1024;

    /// <summary>The largest file in bytes; a lote of the 50 largest notes (enviNFe_v4.00.xsd) is smaller.</summary>
    public const int MaxFileBytes = 32 * 1024 * 1024;

    private static ReadOnlySpan<byte> Utf8Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file. It may be open in another program, which may even delete it.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>At least one document.</returns>
    /// <exception cref="IOException">The file cannot be read, e.g. it is locked or has vanished.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static IReadOnlyList<SourceDocument> ReadFile(string path)
    {
        using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan);
        if (stream.Length > MaxFileBytes)
        {
            return [TooLarge(path)];
        }

        byte[] file = new byte[stream.Length];
        int length = 0;
        int read;
        while (length < file.Length && (read = stream.Read(file, length, file.Length - length)) > 0)
        {
            length += read;
        }

        return Read(file.AsMemory(0, length), path);
    }

    /// <summary>Reads a file's content.</summary>
    /// <param name="file">
    /// The content; the notes keep slices of it and it must not change afterwards.
    /// </param>
    /// <param name="fileName">
    /// The file's name or path: without <c>.xml</c> at its end, a file that is no XML is ignored and not quarantined. Null
    /// counts as XML.
    /// </param>
    /// <returns>At least one document.</returns>
    public static IReadOnlyList<SourceDocument> Read(ReadOnlyMemory<byte> file, string? fileName = null)
    {
        if (file.Length > MaxFileBytes)
        {
            return [TooLarge(fileName)];
        }

        if (file.IsEmpty)
        {
            return [Unreadable(file.Span, fileName, ErrorIds.NfceFileEmpty)];
        }

        if (StartsAsUtf16(file.Span))
        {
            return [OtherEncoding(file, fileName)];
        }

        int start = ContentStart(file.Span);
        if (start == file.Length)
        {
            return [Unreadable(file.Span, fileName, ErrorIds.NfceFileBlank)];
        }

        if (file.Span[start] != (byte)'<')
        {
            return [Unreadable(file.Span, fileName, ErrorIds.NfceFileNotXml)];
        }

        if (DeclaresOtherEncoding(file.Span.Slice(start)) || !IsUtf8(file))
        {
            return [OtherEncoding(file, fileName)];
        }

        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(file, out ArraySegment<byte> segment) ? segment : new(file.ToArray());
        IReadOnlyList<SourceDocument> documents =
            new NotePass(bytes.Array!, bytes.Offset + start, bytes.Offset + bytes.Count).Run();
        return documents is [{ Kind: DocumentKind.Quarantined }] && IsOfOtherType(file.Span, fileName)
            ? [NoteJudge.Ignored(0, null, ErrorIds.NfceFileOtherType)]
            : documents;
    }

    private static SourceDocument TooLarge(string? fileName) => HasOtherExtension(fileName)
        ? NoteJudge.Ignored(0, null, ErrorIds.NfceFileOtherType)
        : NoteJudge.Quarantined(0, null, ErrorIds.NfceFileTooLarge, (MaxFileBytes / 1024 / 1024).ToString(CultureInfo.InvariantCulture));

    private static SourceDocument Unreadable(ReadOnlySpan<byte> file, string? fileName, string reasonId) =>
        IsOfOtherType(file, fileName)
            ? NoteJudge.Ignored(0, null, ErrorIds.NfceFileOtherType)
            : NoteJudge.Quarantined(0, null, reasonId);

    // A damaged note is a note, whatever its file is called.
    private static bool IsOfOtherType(ReadOnlySpan<byte> file, string? fileName) =>
        HasOtherExtension(fileName) && file.IndexOf("infNFe"u8) < 0;

    private static bool HasOtherExtension(string? fileName) =>
        fileName is not null && !fileName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase);

    private static bool StartsAsUtf16(ReadOnlySpan<byte> file) => file.Length > 1
        && (file[0], file[1]) is (0xFF, 0xFE) or (0xFE, 0xFF) or (0x00, (byte)'<') or ((byte)'<', 0x00);

    // A file of zeros is what a power failure leaves of a file that was being written.
    private static int ContentStart(ReadOnlySpan<byte> file)
    {
        int start = file.StartsWith(Utf8Bom) ? Utf8Bom.Length : 0;
        while (start < file.Length && file[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0)
        {
            start++;
        }

        return start;
    }

    private static bool IsUtf8(ReadOnlyMemory<byte> file)
    {
#if NET
        return System.Text.Unicode.Utf8.IsValid(file.Span);
#else
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(file.ToArray()) >= 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
#endif
    }

    private static bool DeclaresOtherEncoding(ReadOnlySpan<byte> document)
    {
        int end = document.StartsWith("<?xml"u8) ? document.IndexOf("?>"u8) : -1;
        int at = end < 0 ? -1 : document.Slice(0, end).IndexOf("encoding"u8);
        if (at < 0)
        {
            return false;
        }

        string value = Encoding.ASCII.GetString(document.Slice(at, end - at).ToArray()).Substring("encoding".Length);
        return !value.TrimStart(' ', '\t', '\r', '\n', '=', '"', '\'').StartsWith("UTF-8", StringComparison.OrdinalIgnoreCase);
    }

    // Somebody else's XML may be in any encoding; a note may not (cStat 402). All that is read here are the names, so one
    // single-byte encoding stands for all, those too that this machine does not know.
    private static SourceDocument OtherEncoding(ReadOnlyMemory<byte> file, string? fileName)
    {
        string rootName = "";
        try
        {
            using var stream = new MemoryStream(file.ToArray(), writable: false);
            using var singleByte = new StreamReader(stream, Encoding.GetEncoding("ISO-8859-1"));
            using XmlReader reader = StartsAsUtf16(file.Span)
                ? XmlReader.Create(stream, NotePass.CreateSettings())
                : XmlReader.Create(singleByte, NotePass.CreateSettings());
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                rootName = reader.Depth == 0 ? reader.LocalName : rootName;
                if (reader.LocalName is "NFe" or "infNFe" or "nfeProc" or "enviNFe" || reader.Depth > NotePass.MaxDepth)
                {
                    return NoteJudge.Quarantined(0, null, ErrorIds.NfceFileNotUtf8);
                }
            }
        }
        catch (XmlException)
        {
            return Unreadable(file.Span, fileName, ErrorIds.NfceFileNotUtf8);
        }

        return NoteJudge.Ignored(0, null, ErrorIds.NfceFileOtherDocument, rootName);
    }
}

using System;

namespace NfceSync.SefazSimulator;

/// <summary>Finds a note's own bytes in a payload.</summary>
internal static class NoteSlices
{
    /// <summary>The bytes from <c>&lt;NFe</c> to <c>&lt;/NFe&gt;</c>, as they came.</summary>
    public static ReadOnlyMemory<byte> Note(ReadOnlyMemory<byte> payload)
    {
        var span = payload.Span;
        var start = 0;
        while (true)
        {
            var at = span[start..].IndexOf("<NFe"u8);
            if (at < 0)
            {
                return ReadOnlyMemory<byte>.Empty;
            }

            start += at;
            if (span[start + 4] is (byte)' ' or (byte)'>' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                break;
            }

            start += 4;
        }

        var close = span[start..].IndexOf("</NFe"u8);
        var end = start + close + span[(start + close)..].IndexOf((byte)'>') + 1;
        return payload[start..end];
    }

    /// <summary>The bytes between start and end tag of <c>infNFe</c>.</summary>
    public static ReadOnlySpan<byte> InfNFeContent(ReadOnlySpan<byte> note)
    {
        var start = note.IndexOf("<infNFe"u8);
        var end = note.LastIndexOf("</infNFe"u8);
        // infNFeSupl begins with the same letters.
        while (end >= 0 && note[end + 8] is (byte)'S')
        {
            end = note[..end].LastIndexOf("</infNFe"u8);
        }

        if (start < 0 || end < 0)
        {
            return default;
        }

        start += note[start..].IndexOf((byte)'>') + 1;
        return start <= end ? note[start..end] : default;
    }
}

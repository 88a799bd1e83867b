using System;
using System.Collections.Generic;
using System.IO;

namespace NfceSync.Core.Stores;

/// <summary>One row of a table: its columns, and where it stands for the error that may name it.</summary>
internal sealed record OverrideRow(string Source, int Line, string Text, string[] Columns)
{
    public NfceSyncException Invalid() =>
        new(ErrorIds.NfceOverrideFileInvalid, NfceErrorCategory.InvalidData, Source, Source, Line, Text.Trim());
}

/// <summary>
/// The format of the tables that a user may override: one row a line, columns parted by blanks, <c>#</c> begins a comment.
/// Our own tables have the same format, so that a line can be copied and changed.
/// </summary>
internal static class OverrideFile
{
    private static readonly char[] Blanks = { ' ', '\t' };

    /// <summary>The rows of the user's file; none where there is no such file.</summary>
    public static IReadOnlyList<OverrideRow> Read(string? path)
    {
        if (path is null || !File.Exists(path))
        {
            return Array.Empty<OverrideRow>();
        }

        try
        {
            using var reader = new StreamReader(path);
            return Rows(reader, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NfceSyncException(
                e, ErrorIds.NfceOverrideFileUnreadable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message);
        }
    }

    /// <summary>The rows of one of our own tables.</summary>
    public static IReadOnlyList<OverrideRow> Parse(string text, string source)
    {
        using var reader = new StringReader(text);
        return Rows(reader, source);
    }

    private static List<OverrideRow> Rows(TextReader reader, string source)
    {
        var rows = new List<OverrideRow>();
        int line = 0;
        while (reader.ReadLine() is { } text)
        {
            line++;
            string[] columns = text.Split('#')[0].Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 0)
            {
                rows.Add(new OverrideRow(source, line, text, columns));
            }
        }

        return rows;
    }
}

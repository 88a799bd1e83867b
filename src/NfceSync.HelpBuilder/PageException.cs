using System;

namespace NfceSync.HelpBuilder;

/// <summary>A page that cannot be understood.</summary>
internal sealed class PageException(string file, int line, string message) : Exception(message)
{
    /// <summary>The page.</summary>
    public string File { get; } = file;

    /// <summary>The line, counted from 1.</summary>
    public int Line { get; } = line;
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NfceSync.Core.Tests.Mono;

/// <summary>What the helper on .NET 10 has made; see its SourceFiles.</summary>
internal static class MadeFiles
{
    public static string PfxPath => Path.Combine(Folder, "store.pfx");

    public static string RootPath => Path.Combine(Folder, "root.pem");

    public static Uri Sefaz => new(Variable("NFCESYNC_MONO_SEFAZ"));

    public static Uri Control => new(Variable("NFCESYNC_MONO_CONTROL"));

    public static IReadOnlyList<MadeFile> All { get; } = File.ReadAllLines(Path.Combine(Folder, "expected.tsv"))
        .Select(line => line.Split('\t'))
        .Select(fields => new MadeFile(
            Path.Combine(Folder, "documents", fields[0]),
            fields[1],
            fields[2].Length == 0 ? null : fields[2],
            fields[3].Length == 0 ? null : fields[3],
            Path.Combine(Folder, "notes", fields[0])))
        .ToArray();

    private static string Folder => Variable("NFCESYNC_MONO_FOLDER");

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: start the tests with run.sh.");
}

/// <param name="Path">The document.</param>
/// <param name="Kind">What it has to be read as.</param>
/// <param name="Reason">Why, where it is no note to send.</param>
/// <param name="ChNFe">The key of its note.</param>
/// <param name="NotePath">The bytes that its note has to have.</param>
internal sealed record MadeFile(string Path, string Kind, string? Reason, string? ChNFe, string NotePath)
{
    public string Name => System.IO.Path.GetFileName(Path);
}

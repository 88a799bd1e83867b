using System;
using System.Collections.Concurrent;
using System.IO;
using System.Text;
using System.Xml;
using System.Xml.Schema;
using Xunit;

namespace NfceSync.Core.Tests;

/// <summary>
/// The official schemas (PL_010 V1.30), from NFCE_SCHEMAS or <c>../shared/schemas</c> beside the repository.
/// Without them a test is skipped; where CI=true it fails.
/// </summary>
internal static class OfficialSchemas
{
    private static readonly ConcurrentDictionary<string, XmlSchemaSet> Loaded = new(StringComparer.Ordinal);

    /// <summary>The folder; skips the test (or fails it under CI) where there is none. Needs a [SkippableFact].</summary>
    public static string Folder
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable("NFCE_SCHEMAS") is { Length: > 0 } named
                ? named
                : Path.Combine(Repository(), "..", "shared", "schemas");
            var missing = !File.Exists(Path.Combine(folder, "nfe_v4.00.xsd"));
            var reason = $"The official schemas are not in '{folder}'; set NFCE_SCHEMAS to their folder.";
            if (missing && string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            {
                Assert.Fail(reason);
            }

            Skip.If(missing, reason);
            return folder;
        }
    }

    /// <summary>The first error of a document against a schema file, or null.</summary>
    public static string? FirstError(ReadOnlySpan<byte> xml, string schemaFile)
    {
        var folder = Folder;
        var schemas = Loaded.GetOrAdd(schemaFile, file =>
        {
            var set = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
            set.Add(null, Path.Combine(folder, file));
            set.Compile();
            return set;
        });
        string? first = null;
        var settings = new XmlReaderSettings
        {
            Schemas = schemas,
            ValidationType = ValidationType.Schema,
            ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings | XmlSchemaValidationFlags.ProcessIdentityConstraints,
        };
        settings.ValidationEventHandler += (_, e) => first ??= e.Message;
        using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(xml)), settings);
        while (reader.Read() && first is null)
        {
        }

        return first;
    }

    /// <summary>Asserts that a document is valid.</summary>
    public static void AssertValid(ReadOnlySpan<byte> xml, string schemaFile) => Assert.Null(FirstError(xml, schemaFile));

    // The folder that has shared/schemas beside it: the repository, or the folder of a worktree.
    private static string Repository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at.Parent is not null; at = at.Parent)
        {
            if (Directory.Exists(Path.Combine(at.Parent.FullName, "shared", "schemas")))
            {
                return at.FullName;
            }
        }

        return AppContext.BaseDirectory;
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using NfceSync.Core.Sefaz;

using Xunit;

namespace NfceSync.Core.Tests.Catalogue;

/// <summary>
/// Holds the catalogue against the manuals themselves, read at run time from <c>NFCE_MANUALS</c> (by default
/// <c>../shared/manuals</c> beside the repository). Absent manuals skip these tests, but fail them where <c>CI</c> is true.
/// </summary>
public class CStatManualsTests
{
    private const string AnexoI = "Anexo-I-Leiaute-Regras-NFe-NFCe.txt";

    /// <summary>Anexo I §4.4: a code and its text, at the start of a line.</summary>
    private static readonly Regex ListRow = new(@"^\s*(\d{3,4})\s+(\p{Lu}.*\S)\s*$");

    /// <summary>
    /// A list of codes in another document, where other tables look alike: the text must say what it is. BP2018.001 ranks
    /// its codes ("4 291-Rejeicao: …").
    /// </summary>
    private static readonly Regex NoteRow = new(@"^\s*(?:\d{1,2}\s+)?(\d{3,4})(?:\s+|-)((?:Rejei[çc][ãa]o|Uso Denegado):.*\S)\s*$");

    /// <summary>A rule's columns "Aplic." (once misprinted "Obirg.") and "Msg".</summary>
    private static readonly Regex RuleRow = new(@"\b(?:Obrig|Obirg|Facult?)\.?\s+(\d{3,4})\b");

    [SkippableTheory]
    [InlineData(AnexoI, 600, 480)]
    [InlineData("NT-2015.002-v1.41-Consulta-Situacao.txt", 3, 100)]
    [InlineData("NT-2018.001-v1.10-Chave-Natural-NFCe.txt", 17, 40)]
    [InlineData("NT-2018.004-v1.00-Cancelamento-Substituicao.txt", 11, 40)]
    [InlineData("NT-2020.005-v1.21-Regras-Validacao.txt", 6, 16)]
    [InlineData("NT-2025.001-v1.03-Regras-Validacao.txt", 9, 20)]
    [InlineData("Manual-Boas-Praticas-NFCe-BP2018.001.txt", 50, 0)]
    public void Every_code_of_a_manual_is_in_the_catalogue(string manual, int listedAtLeast, int ruledAtLeast)
    {
        var lines = Lines(manual);
        var listed = Listed(manual, lines).Select(row => row.Code).Distinct().ToArray();
        var ruled = Codes(lines, RuleRow).Select(row => row.Code).Distinct().ToArray();
        Assert.InRange(listed.Length, listedAtLeast, listedAtLeast + 50);
        Assert.InRange(ruled.Length, ruledAtLeast, ruledAtLeast + 50);
        Assert.Empty(listed.Union(ruled).Where(code => CStatCatalogue.Find(code) is null).Order());
    }

    [SkippableFact]
    public void The_meaning_of_a_listed_code_is_the_manuals_own()
    {
        var manual = Listed(AnexoI, Lines(AnexoI)).ToLookup(row => row.Code, row => Opening(row.Text));
        var differing = CStatCatalogue.Entries
            .Where(entry => manual.Contains(entry.Code) && !manual[entry.Code].Any(Opening(entry.Meaning).StartsWith))
            .Select(entry => entry.Code);

        // 407 was given a second meaning by NT 2025.001, which is the one that an NFC-e meets.
        Assert.Equal([407], differing);
    }

    private static IEnumerable<(int Code, string Text)> Listed(string manual, string[] lines) => manual == AnexoI
        ? Codes(lines.SkipWhile(line => !Regex.IsMatch(line, @"^4\.4\.1\. Tabela[^.]*$")), ListRow)
        : Codes(lines, NoteRow);

    private static IEnumerable<(int Code, string Text)> Codes(IEnumerable<string> lines, Regex row) =>
        from line in lines
        let match = row.Match(line)
        where match.Success
        select (int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value);

    /// <summary>The first words of a text: enough to tell texts apart, and before a line of the manual breaks.</summary>
    private static string Opening(string text)
    {
        var said = Regex.Replace(text, @"^(Rejeição|Uso Denegado):?\s*|\s*[\[(].*$", string.Empty);
        return said[..Math.Min(said.Length, 30)].TrimEnd(' ', '.', ':');
    }

    private static string[] Lines(string manual)
    {
        var file = Path.Combine(Folder(), manual);
        var inCi = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);
        Skip.If(!File.Exists(file) && !inCi, $"The manual {manual} is not in the folder of manuals (NFCE_MANUALS).");
        return File.ReadAllLines(file);
    }

    private static string Folder()
    {
        if (Environment.GetEnvironmentVariable("NFCE_MANUALS") is { Length: > 0 } folder)
        {
            return folder;
        }

        var repository = new DirectoryInfo(AppContext.BaseDirectory);
        while (repository is not null && !File.Exists(Path.Combine(repository.FullName, "NfceSync.PowerShell.sln")))
        {
            repository = repository.Parent;
        }

        return Path.Combine(repository?.FullName ?? AppContext.BaseDirectory, "..", "shared", "manuals");
    }
}

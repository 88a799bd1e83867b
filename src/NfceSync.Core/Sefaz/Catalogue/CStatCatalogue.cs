using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace NfceSync.Core.Sefaz;

/// <summary>
/// What every <c>cStat</c> means, as data: <c>cstat.tsv</c> (code, disposition in each answer, official text, advice) and
/// <c>advice.tsv</c> (advice in two languages). The codes are those of MOC 7.0 Anexo I §4.1–4.4 and of the notas técnicas
/// 2015.002, 2018.001, 2018.004, 2020.005 and 2025.001, with 767 (BP2018.001's annex), 120 (NT 2026.002), 126 and 961
/// (NT 2023.002), 155 (late cancellation event), 238 and 782 (older manuals; some authorisers still answer with them).
/// Read once, at the first question; safe for any number of threads.
/// </summary>
public static class CStatCatalogue
{
    /// <summary>From here on a code is a rejection, named or not (the design's "any other code of 201 and above").</summary>
    private const int FirstRejection = 201;

    /// <summary>A cell of <c>cstat.tsv</c> for an answer in which the code is not expected.</summary>
    private const string NotExpected = "-";

    private static readonly Lazy<Tables> Loaded = new(Tables.Read);

    /// <summary>Every code that the catalogue names, in ascending order.</summary>
    public static IReadOnlyList<CStatEntry> Entries => Loaded.Value.Entries;

    /// <summary>What the code means in that answer. Never fails for a code that no manual names.</summary>
    /// <param name="cStat">The code.</param>
    /// <param name="answer">Which answer it was read from.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="answer"/> is no <see cref="SefazAnswer"/>.</exception>
    public static Disposition Of(int cStat, SefazAnswer answer) =>
        Find(cStat)?.On(answer) ?? NotNamed(cStat, answer);

    /// <summary>The code's row, or null where no manual names the code.</summary>
    /// <param name="cStat">The code.</param>
    public static CStatEntry? Find(int cStat) => Loaded.Value.ByCode.TryGetValue(cStat, out var entry) ? entry : null;

    /// <summary>
    /// What to do about the code. Where it is not expected in that answer, its own advice would mislead (a consult that is
    /// refused with 225 does not say that nothing was registered): then the advice is that of the rule which decides.
    /// </summary>
    /// <param name="cStat">The code.</param>
    /// <param name="answer">Which answer it was read from.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="answer"/> is no <see cref="SefazAnswer"/>.</exception>
    public static CStatAdvice Advice(int cStat, SefazAnswer answer) =>
        Find(cStat) is { } entry && entry.On(answer) is not null
            ? entry.Advice
            : Loaded.Value.Advice[NotNamed(cStat, answer) == Disposition.Content ? "content" : "uncertain"];

    /// <summary>
    /// The rule for a code that no manual names for an answer. Only a transmission can reject a note; a question that is
    /// answered with something else has said nothing about it (the design's rule 3: no answer is not "no").
    /// </summary>
    private static Disposition NotNamed(int cStat, SefazAnswer answer) => answer switch
    {
        SefazAnswer.Transmission => cStat >= FirstRejection ? Disposition.Content : Disposition.Uncertain,
        SefazAnswer.Receipt or SefazAnswer.Consult or SefazAnswer.Status => Disposition.Uncertain,
        _ => throw new ArgumentOutOfRangeException(nameof(answer)),
    };

    private sealed class Tables
    {
        private Tables(CStatEntry[] entries, Dictionary<string, CStatAdvice> advice)
        {
            Entries = entries;
            ByCode = entries.ToDictionary(entry => entry.Code);
            Advice = advice;
        }

        public IReadOnlyList<CStatEntry> Entries { get; }

        public Dictionary<int, CStatEntry> ByCode { get; }

        public Dictionary<string, CStatAdvice> Advice { get; }

        public static Tables Read()
        {
            var advice = Rows("advice.tsv").ToDictionary(
                row => row[0],
                row => new CStatAdvice(row[0], row[1], row[2]),
                StringComparer.Ordinal);
            var entries = Rows("cstat.tsv").Select(row => Entry(row, advice)).OrderBy(entry => entry.Code).ToArray();
            return new Tables(entries, advice);
        }

        private static CStatEntry Entry(string[] row, Dictionary<string, CStatAdvice> advice)
        {
            var code = int.Parse(row[0], NumberStyles.None, CultureInfo.InvariantCulture);
            var byAnswer = new[] { SefazAnswer.Transmission, SefazAnswer.Receipt, SefazAnswer.Consult, SefazAnswer.Status }
                .Select(answer => Cell(row[1 + (int)answer], code))
                .ToArray();
            return new CStatEntry(code, byAnswer, row[5], advice[row[6]]);
        }

        private static Disposition? Cell(string cell, int code) =>
            cell == NotExpected ? null
            : Enum.TryParse<Disposition>(cell, out var disposition) ? disposition
            : throw new InvalidDataException($"cstat.tsv: {code} names no disposition '{cell}'.");

        private static IEnumerable<string[]> Rows(string file)
        {
            using var stream = typeof(CStatCatalogue).Assembly
                .GetManifestResourceStream("NfceSync.Core.Sefaz.Catalogue." + file)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            reader.ReadLine();
            while (reader.ReadLine() is { } line)
            {
                yield return line.Split('\t');
            }
        }
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;

namespace NfceSync.Core.Stores;

/// <summary>
/// Until when a contingency note has to be transmitted: the end of the first business day after its emission (MOC Anexo IV,
/// 2 to 4), or a number of hours where the UF says so. Late notes are still sent.
/// </summary>
/// <remarks>
/// The user's file has lines of these forms:
/// <code>
/// rule    GO  next-business-day     # or a number of hours: 24h
/// holiday 01-25                     # every year, for all stores of this machine
/// holiday 2026-07-09  SP            # that year, in that UF
/// </code>
/// </remarks>
public sealed class DeadlineRules
{
    /// <summary>The name of the user's file in the queue's home folder.</summary>
    public const string FileName = "deadlines.txt";

    // SE: late up to 168 h (secondary source). PA: IN 11/2014. GO: unconfirmed, and 24 h is never later than the national rule.
    private const string BuiltInRules = """
        rule  SE  24h
        rule  PA  24h
        rule  GO  24h
        """;

    private const string NextBusinessDay = "next-business-day";

    /// <summary>Hours a UF allows; a UF that is not in it has the national rule.</summary>
    private readonly Dictionary<string, int> _hours = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The user's holidays: year (0: every), month, day, UF (null: all).</summary>
    private readonly HashSet<(int Year, int Month, int Day, string? Uf)> _holidays = new();

    private DeadlineRules()
    {
    }

    /// <summary>The built-in rules.</summary>
    public static DeadlineRules BuiltIn { get; } = Load(overrideFilePath: null);

    /// <summary>The built-in rules with the lines of the user's file put over them.</summary>
    /// <param name="overrideFilePath">The user's file; null or a file that does not exist: the built-in rules alone.</param>
    /// <returns>The rules.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceOverrideFileUnreadable"/>; <see cref="ErrorIds.NfceOverrideFileInvalid"/> with the line.
    /// </exception>
    public static DeadlineRules Load(string? overrideFilePath)
    {
        var rules = new DeadlineRules();
        rules.Put(OverrideFile.Parse(BuiltInRules, nameof(BuiltInRules)));
        rules.Put(OverrideFile.Read(overrideFilePath));
        return rules;
    }

    /// <summary>From when on SEFAZ answers 150 (authorised late) in place of 100: 24 hours after emission.</summary>
    /// <param name="dhEmi">The note's <c>dhEmi</c>.</param>
    /// <returns>The instant, in the offset of <paramref name="dhEmi"/>.</returns>
    public static DateTimeOffset LateAfter(DateTimeOffset dhEmi) => dhEmi.AddHours(24);

    /// <summary>The last instant at which a note is in time.</summary>
    /// <param name="dhEmi">The note's <c>dhEmi</c>; business days are counted in its offset.</param>
    /// <param name="uf">The UF's two letters.</param>
    /// <returns>23:59:59 of the first business day after emission, or so many hours after it; in the offset of <paramref name="dhEmi"/>.</returns>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceUfUnknown"/>.</exception>
    public DateTimeOffset For(DateTimeOffset dhEmi, string uf)
    {
        string code = Uf.Get(uf).Code;
        if (_hours.TryGetValue(code, out int hours))
        {
            return dhEmi.AddHours(hours);
        }

        DateTime day = dhEmi.Date.AddDays(1);
        while (!IsBusinessDay(day, code))
        {
            day = day.AddDays(1);
        }

        return new DateTimeOffset(day.AddDays(1).AddSeconds(-1), dhEmi.Offset);
    }

    private bool IsBusinessDay(DateTime day, string uf) =>
        day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)
        && !BusinessDays.IsNationalHoliday(day)
        && !_holidays.Contains((0, day.Month, day.Day, null))
        && !_holidays.Contains((0, day.Month, day.Day, uf))
        && !_holidays.Contains((day.Year, day.Month, day.Day, null))
        && !_holidays.Contains((day.Year, day.Month, day.Day, uf));

    private void Put(IReadOnlyList<OverrideRow> rows)
    {
        foreach (OverrideRow row in rows)
        {
            switch (row.Columns)
            {
                case ["rule", var uf, NextBusinessDay] when Uf.Find(uf) is { } known:
                    _hours.Remove(known.Code);
                    break;
                case ["rule", var uf, var hours] when Uf.Find(uf) is { } known && IsHours(hours, out int count):
                    _hours[known.Code] = count;
                    break;
                case ["holiday", var date] when IsDate(date, out var day):
                    _holidays.Add((day.Year, day.Month, day.Day, null));
                    break;
                case ["holiday", var date, var uf] when IsDate(date, out var day) && Uf.Find(uf) is { } known:
                    _holidays.Add((day.Year, day.Month, day.Day, known.Code));
                    break;
                default:
                    throw row.Invalid();
            }
        }
    }

    private static bool IsHours(string text, out int hours)
    {
        hours = 0;
        string[] parts = text.Split('h');
        return parts.Length == 2 && parts[1].Length == 0
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out hours)
            && hours > 0;
    }

    private static bool IsDate(string text, out (int Year, int Month, int Day) date)
    {
        // A leap year stands in for "every year", so that 02-29 is a date.
        const string EveryYear = "2000-";
        bool everyYear = text.Length == 5;
        bool parsed = DateTime.TryParseExact(
            everyYear ? EveryYear + text : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime day);
        date = (everyYear ? 0 : day.Year, day.Month, day.Day);
        return parsed;
    }
}

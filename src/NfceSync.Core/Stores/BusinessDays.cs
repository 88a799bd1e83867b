using System;
using System.Linq;

namespace NfceSync.Core.Stores;

/// <summary>The national holidays and what follows from them.</summary>
public static class BusinessDays
{
    private static readonly (int Month, int Day, int SinceYear)[] FixedHolidays =
    {
        (1, 1, 0), (4, 21, 0), (5, 1, 0), (9, 7, 0), (10, 12, 0), (11, 2, 0), (11, 15, 0),
        (11, 20, 2024), // Lei 14.759/2023
        (12, 25, 0),
    };

    /// <summary>
    /// Whether a date is a national holiday (Lei 662/1949, 6.802/1980, 14.759/2023, and Good Friday). Carnival and Corpus
    /// Christi are <em>ponto facultativo</em> and count as business days: the deadline that follows is the earlier one, and
    /// thus safe wherever they are worked.
    /// </summary>
    /// <param name="date">The date; its time of day does not matter.</param>
    /// <returns>True on a holiday.</returns>
    public static bool IsNationalHoliday(DateTime date) =>
        FixedHolidays.Any(h => h.Month == date.Month && h.Day == date.Day && date.Year >= h.SinceYear)
        || date.Date == Easter(date.Year).AddDays(-2);

    /// <summary>Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).</summary>
    /// <param name="year">The year, from 1583.</param>
    /// <returns>The date.</returns>
    public static DateTime Easter(int year)
    {
        int a = year % 19;
        int b = year / 100;
        int c = year % 100;
        int h = ((19 * a) + b - (b / 4) - ((b - ((b + 8) / 25) + 1) / 3) + 15) % 30;
        int l = (32 + (2 * (b % 4)) + (2 * (c / 4)) - h - (c % 4)) % 7;
        int m = (a + (11 * h) + (22 * l)) / 451;
        int n = h + l - (7 * m) + 114;
        return new DateTime(year, n / 31, (n % 31) + 1, 0, 0, 0, DateTimeKind.Unspecified);
    }
}

using System;
using System.Globalization;

using CsCheck;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public class DeadlineTests
{
    [Theory]
    [InlineData(2000, "04-23")]
    [InlineData(2019, "04-21")]
    [InlineData(2024, "03-31")]
    [InlineData(2025, "04-20")]
    [InlineData(2026, "04-05")]
    [InlineData(2027, "03-28")]
    [InlineData(2028, "04-16")]
    [InlineData(2029, "04-01")]
    [InlineData(2030, "04-21")]
    [InlineData(2038, "04-25")]
    [InlineData(2285, "03-22")]
    public void Easter_is_where_the_calendar_has_it(int year, string date) =>
        Assert.Equal(date, BusinessDays.Easter(year).ToString("MM-dd", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("2026-01-01")]
    [InlineData("2026-04-03")] // Good Friday
    [InlineData("2026-04-21")]
    [InlineData("2026-05-01")]
    [InlineData("2026-09-07")]
    [InlineData("2026-10-12")]
    [InlineData("2026-11-02")]
    [InlineData("2026-11-15")]
    [InlineData("2024-11-20")]
    [InlineData("2026-12-25")]
    public void A_national_holiday_is_one(string date) => Assert.True(BusinessDays.IsNationalHoliday(Date(date)));

    [Theory]
    [InlineData("2023-11-20")] // before Lei 14.759/2023
    [InlineData("2026-02-16")] // Carnival Monday
    [InlineData("2026-02-17")] // Carnival Tuesday
    [InlineData("2026-06-04")] // Corpus Christi
    [InlineData("2026-07-09")] // São Paulo only
    [InlineData("2026-12-24")]
    public void Another_day_is_none(string date) => Assert.False(BusinessDays.IsNationalHoliday(Date(date)));

    [Theory]
    [InlineData("2026-11-24T22:10:00-03:00", "2026-11-25T23:59:59-03:00")] // Tuesday
    [InlineData("2026-11-24T00:00:00-03:00", "2026-11-25T23:59:59-03:00")]
    [InlineData("2026-11-27T23:59:59-03:00", "2026-11-30T23:59:59-03:00")] // Friday
    [InlineData("2026-11-28T10:00:00-03:00", "2026-11-30T23:59:59-03:00")] // Saturday
    [InlineData("2026-11-29T10:00:00-03:00", "2026-11-30T23:59:59-03:00")] // Sunday
    [InlineData("2026-09-04T20:00:00-03:00", "2026-09-08T23:59:59-03:00")] // Friday, Monday is 7 September
    [InlineData("2026-04-02T20:00:00-03:00", "2026-04-06T23:59:59-03:00")] // Thursday before Good Friday
    [InlineData("2026-11-19T20:00:00-03:00", "2026-11-23T23:59:59-03:00")] // Thursday, Friday is 20 November
    [InlineData("2026-12-24T20:00:00-03:00", "2026-12-28T23:59:59-03:00")] // Thursday, Christmas, weekend
    [InlineData("2026-12-31T20:00:00-03:00", "2027-01-04T23:59:59-03:00")] // Thursday, year's end, weekend
    [InlineData("2028-02-28T20:00:00-03:00", "2028-02-29T23:59:59-03:00")] // leap day
    public void The_deadline_is_the_end_of_the_first_business_day_after_emission(string dhEmi, string deadline) =>
        Assert.Equal(Instant(deadline), DeadlineRules.BuiltIn.For(Instant(dhEmi), "SP"));

    [Fact]
    public void The_day_is_that_of_the_notes_own_offset()
    {
        // Saturday 02:30 in UTC, still Friday in Acre.
        DateTimeOffset deadline = DeadlineRules.BuiltIn.For(Instant("2026-11-27T21:30:00-05:00"), "AC");
        Assert.Equal(Instant("2026-11-30T23:59:59-05:00"), deadline);
        Assert.Equal(TimeSpan.FromHours(-5), deadline.Offset);
    }

    [Theory]
    [InlineData("SE")]
    [InlineData("PA")]
    [InlineData("GO")]
    public void A_UF_may_allow_hours_only(string uf) =>
        Assert.Equal(Instant("2026-11-28T20:00:00-03:00"), DeadlineRules.BuiltIn.For(Instant("2026-11-27T20:00:00-03:00"), uf));

    [Fact]
    public void Late_begins_24_hours_after_emission() =>
        Assert.Equal(Instant("2026-11-25T22:10:00-03:00"), DeadlineRules.LateAfter(Instant("2026-11-24T22:10:00-03:00")));

    [Fact]
    public void Every_deadline_is_a_business_day_and_no_business_day_before_it_was_missed()
    {
        Gen.Int[0, 365 * 24 * 10].Sample(hour =>
        {
            DateTimeOffset dhEmi = Instant("2024-01-01T00:00:00-03:00").AddHours(hour);
            DateTimeOffset deadline = DeadlineRules.BuiltIn.For(dhEmi, "SP");
            Assert.True(IsBusinessDay(deadline.Date));
            Assert.True(deadline > dhEmi);
            for (DateTime day = dhEmi.Date.AddDays(1); day < deadline.Date; day = day.AddDays(1))
            {
                Assert.False(IsBusinessDay(day));
            }
        }, iter: 2000);

        static bool IsBusinessDay(DateTime day) =>
            (int)day.DayOfWeek is >= 1 and <= 5 && !BusinessDays.IsNationalHoliday(day);
    }

    [Fact]
    public void The_users_file_adds_holidays_and_changes_rules()
    {
        using var file = new TemporaryFile("""
            rule    GO  next-business-day
            rule    sp  48h
            holiday 11-25                  # every year, everywhere
            holiday 2026-11-26  MG
            """);
        DeadlineRules rules = DeadlineRules.Load(file.Path);
        DateTimeOffset dhEmi = Instant("2026-11-24T20:00:00-03:00");

        Assert.Equal(Instant("2026-11-26T20:00:00-03:00"), rules.For(dhEmi, "SP"));
        Assert.Equal(Instant("2026-11-26T23:59:59-03:00"), rules.For(dhEmi, "GO"));
        Assert.Equal(Instant("2026-11-27T23:59:59-03:00"), rules.For(dhEmi, "MG"));
        Assert.Equal(Instant("2027-11-26T23:59:59-03:00"), rules.For(Instant("2027-11-24T20:00:00-03:00"), "MG"));
    }

    [Theory]
    [InlineData("rule XX 24h")]
    [InlineData("rule SP 24")]
    [InlineData("rule SP -1h")]
    [InlineData("rule SP 0h")]
    [InlineData("rule SP tomorrow")]
    [InlineData("holiday 31-12")]
    [InlineData("holiday 2026-02-29")]
    [InlineData("holiday 2026-07-09 XX")]
    [InlineData("holidays 07-09")]
    public void A_line_without_meaning_is_refused(string line)
    {
        using var file = new TemporaryFile(line);
        var error = Assert.Throws<NfceSyncException>(() => DeadlineRules.Load(file.Path));
        Assert.Equal(ErrorIds.NfceOverrideFileInvalid, error.ErrorId);
    }

    private static DateTime Date(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}

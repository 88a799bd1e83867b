using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

using NfceSync.Core.Sefaz;

using Xunit;

namespace NfceSync.Core.Tests;

public class TextsTests
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;
    private static readonly CultureInfo Portuguese = CultureInfo.GetCultureInfo("pt");

    [Fact]
    public void Both_languages_have_the_same_texts()
    {
        Assert.Equal(Texts.Names(English).Order(), Texts.Names(Portuguese).Order());
    }

    [Fact]
    public void Both_languages_use_the_same_placeholders()
    {
        Assert.All(Texts.Names(English), name =>
            Assert.Equal(Placeholders(Texts.In(English, name)), Placeholders(Texts.In(Portuguese, name))));
    }

    [Fact]
    public void Every_error_id_has_its_text()
    {
        var ids = typeof(ErrorIds).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToArray();
        Assert.All(ids, id => Assert.NotEmpty(Texts.In(English, id)));
    }

    [Theory]
    [InlineData(WireOutcome.NotSent)]
    [InlineData(WireOutcome.NoAnswer)]
    [InlineData(WireOutcome.Answered)]
    public void Every_outcome_that_the_wire_reports_has_its_text(WireOutcome outcome)
    {
        Assert.NotEmpty(Texts.In(English, "Outcome" + outcome));
    }

    private static string[] Placeholders(string text) =>
        Regex.Matches(text, @"\{\d").Select(match => match.Value).Distinct().Order().ToArray();
}

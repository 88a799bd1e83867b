using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

using NfceSync.Core.Sefaz;

using Xunit;

namespace NfceSync.Core.Tests.Catalogue;

public class CStatAdviceTests
{
    /// <summary>What no advice may tell anybody: to touch the dates or tpEmis (Anexo IV §3, BP2018.001 §33), or to void (BP §18).</summary>
    private static readonly Regex[] Forbidden =
    [
        new(@"\b(alter|mud[aeo]|tro[cq]|ajust|corrij|corrig|acert|atualiz|edit|modific|substitu|reemit)\w*[^.;:]*\b(datas?|dhEmi|dhCont|emissão)\b", RegexOptions.IgnoreCase),
        new(@"\b(chang|alter|adjust|correct|edit|modif|updat|replac|set|reissu)\w*[^.;:]*\b(dates?|dhEmi|dhCont|emission)\b", RegexOptions.IgnoreCase),
        new(@"\b(nova|outra) data\b|\b(new|another|different) date\b", RegexOptions.IgnoreCase),
        new(@"tpEmis|emissão normal|modo normal|normal (emission|mode)", RegexOptions.IgnoreCase),
        new(@"\binutiliz(e|em|ar|á-lo)\b|\bvoid\b", RegexOptions.IgnoreCase),
        new(@"\b(outro|novo|próximo) número\b|\brenumere\b|\b(another|new|next) number\b|\brenumber\b", RegexOptions.IgnoreCase),
    ];

    private static CStatAdvice[] All =>
        [.. CStatCatalogue.Entries.Select(entry => entry.Advice).Distinct().OrderBy(advice => advice.Id)];

    private static string[] Texts => [.. All.SelectMany(advice => new[] { advice.Portuguese, advice.English })];

    [Theory]
    [InlineData("Corrija a data de emissão no ERP.")]
    [InlineData("Altere dhEmi e dhCont e assine de novo.")]
    [InlineData("Gere a nota com outra data.")]
    [InlineData("Mude tpEmis para 1.")]
    [InlineData("Inutilize o número.")]
    [InlineData("Emita com outro número.")]
    [InlineData("Change the date and send again.")]
    [InlineData("Sign it again with a new date.")]
    [InlineData("Void the number in the ERP.")]
    [InlineData("Issue it in normal mode.")]
    public void What_is_forbidden_is_recognised(string text)
    {
        Assert.Contains(Forbidden, pattern => pattern.IsMatch(text));
    }

    [Fact]
    public void No_advice_tells_to_touch_dates_or_the_kind_of_emission_to_renumber_or_to_void()
    {
        Assert.All(Texts, text => Assert.All(Forbidden, pattern => Assert.DoesNotMatch(pattern, text)));
    }

    [Fact]
    public void Every_advice_is_written_in_both_languages()
    {
        Assert.InRange(All.Length, 40, 100);
        Assert.Equal(All.Length, All.Select(advice => advice.Id).Distinct().Count());
        Assert.All(All, advice => Assert.Matches(@"\b(que|não|[Nn]ada|[Nn]ota|da|do)\b", advice.Portuguese));
        Assert.All(All, advice => Assert.DoesNotMatch(@"\b([Tt]he|and|is)\b", advice.Portuguese));
        Assert.All(All, advice => Assert.Matches(@"\b([Tt]he|and|is)\b", advice.English));
        Assert.All(All, advice => Assert.DoesNotMatch(@"\b(que|nada|nota|da)\b|[ãõç]", advice.English));
        Assert.All(Texts, text => Assert.Matches(@"^\p{Lu}.{30,470}\.$", text));
    }

    [Fact]
    public void No_advice_leaks_a_placeholder()
    {
        Assert.All(Texts, text => Assert.DoesNotMatch(@"[{}<>\[\]|\\]|\bnnn\b|\b9{3,}\b|XXX|TODO|\s\s|\?\?", text));
    }

    [Fact]
    public void A_regenerated_file_keeps_its_number_and_series()
    {
        var regenerated = All.Where(advice => Regex.IsMatch(advice.English, @"regenerate|\bfile regenerated\b")).ToArray();
        Assert.InRange(regenerated.Length, 10, All.Length);
        Assert.All(regenerated, advice => Assert.Matches("same number and series|signature, number and series stay", advice.English));
        Assert.All(regenerated, advice =>
            Assert.Matches("mesmo número e a mesma série|a assinatura, o número e a série ficam", advice.Portuguese));
    }

    [Theory]
    [InlineData(228)]
    [InlineData(212)]
    [InlineData(315)]
    [InlineData(479)]
    [InlineData(569)]
    [InlineData(659)]
    [InlineData(704)]
    [InlineData(703)]
    [InlineData(558)]
    public void A_rejected_date_is_never_a_matter_of_correcting_the_file(int code)
    {
        var advice = CStatCatalogue.Advice(code, SefazAnswer.Transmission);
        Assert.Contains("stays", advice.English);
        Assert.Contains("fica", advice.Portuguese);
        Assert.DoesNotMatch("regenerate", advice.English);
        Assert.DoesNotMatch("ger(e|a) de novo", advice.Portuguese);
    }

    [Theory]
    [InlineData(100, "authorized")]
    [InlineData(108, "paused")]
    [InlineData(204, "duplicate")]
    [InlineData(206, "voided")]
    [InlineData(213, "signing-owner")]
    [InlineData(225, "schema")]
    [InlineData(286, "revocation-list")]
    [InlineData(291, "signing-expired")]
    [InlineData(296, "revocation-list")]
    [InlineData(297, "signature-altered")]
    [InlineData(397, "qr-mismatch")]
    [InlineData(464, "qr-hash")]
    [InlineData(539, "other-document")]
    [InlineData(656, "misuse")]
    [InlineData(703, "clock")]
    [InlineData(704, "late")]
    [InlineData(778, "product")]
    [InlineData(999, "unclassified")]
    [InlineData(1115, "content")]
    [InlineData(199, "uncertain")]
    public void A_frequent_code_has_the_advice_that_fits_it(int code, string id)
    {
        Assert.Equal(id, CStatCatalogue.Advice(code, SefazAnswer.Transmission).Id);
    }

    [Theory]
    [InlineData(225, SefazAnswer.Consult, "uncertain")]
    [InlineData(291, SefazAnswer.Consult, "uncertain")]
    [InlineData(778, SefazAnswer.Receipt, "uncertain")]
    [InlineData(107, SefazAnswer.Transmission, "uncertain")]
    [InlineData(217, SefazAnswer.Transmission, "content")]
    [InlineData(217, SefazAnswer.Consult, "not-found")]
    [InlineData(101, SefazAnswer.Consult, "cancelled")]
    [InlineData(526, SefazAnswer.Consult, "too-old")]
    [InlineData(613, SefazAnswer.Consult, "other-document")]
    [InlineData(106, SefazAnswer.Receipt, "batch-lost")]
    [InlineData(223, SefazAnswer.Receipt, "receipt")]
    [InlineData(107, SefazAnswer.Status, "in-service")]
    [InlineData(281, SefazAnswer.Status, "tls-expired")]
    public void An_advice_is_given_only_for_an_answer_that_it_fits(int code, SefazAnswer answer, string id)
    {
        Assert.Equal(id, CStatCatalogue.Advice(code, answer).Id);
    }

    [Theory]
    [InlineData("pt-BR", true)]
    [InlineData("pt", true)]
    [InlineData("pt-PT", true)]
    [InlineData("en-US", false)]
    [InlineData("es-ES", false)]
    [InlineData("", false)]
    public void The_language_follows_the_culture(string culture, bool portuguese)
    {
        var advice = CStatCatalogue.Advice(204, SefazAnswer.Transmission);
        Assert.Equal(portuguese ? advice.Portuguese : advice.English, advice.In(CultureInfo.GetCultureInfo(culture)));
    }
}

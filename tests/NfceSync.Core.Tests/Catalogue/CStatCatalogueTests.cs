using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

using CsCheck;

using NfceSync.Core.Sefaz;

using Xunit;

namespace NfceSync.Core.Tests.Catalogue;

public class CStatCatalogueTests
{
    private static readonly SefazAnswer[] Answers =
        [SefazAnswer.Transmission, SefazAnswer.Receipt, SefazAnswer.Consult, SefazAnswer.Status];

    [Theory]
    [InlineData(Disposition.Authorized, 100, 120, 150)]
    [InlineData(Disposition.Denied, 110, 301, 302, 303)]
    [InlineData(Disposition.InProcess, 103, 105)]
    [InlineData(Disposition.BatchProcessed, 104)]
    [InlineData(Disposition.Uncertain, 106, 204, 205, 218, 635, 999)]
    [InlineData(Disposition.Uncertain, 101, 102, 107, 128, 135, 136, 151, 155)]
    [InlineData(Disposition.OtherDocument, 539, 562)]
    [InlineData(Disposition.ServicePaused, 108, 109)]
    [InlineData(Disposition.Misuse, 656)]
    [InlineData(Disposition.Clock, 703, 558)]
    [InlineData(Disposition.Configuration, 252, 226, 249, 250, 410, 450, 775)]
    [InlineData(Disposition.Configuration, 280, 281, 282, 283, 284, 285)]
    [InlineData(Disposition.CertificateNotChecked, 286, 296)]
    [InlineData(Disposition.Configuration, 570, 712, 713, 714, 782, 783)]
    [InlineData(Disposition.ConfigurationInNote, 213, 227, 290, 291, 292, 293, 294, 295)]
    [InlineData(Disposition.ConfigurationInNote, 394, 395, 396, 397, 398, 400, 878, 462, 463, 464, 444, 445, 474, 583)]
    [InlineData(Disposition.Content, 704, 206, 225, 215, 297, 298, 569, 556, 557, 778, 781, 203, 725, 610)]
    public void A_transmission_is_decided_as_the_design_says(Disposition expected, params int[] codes)
    {
        Assert.All(codes, code => Assert.Equal(expected, CStatCatalogue.Of(code, SefazAnswer.Transmission)));
    }

    [Theory]
    [InlineData(Disposition.Authorized, 100, 120, 150)]
    [InlineData(Disposition.Cancelled, 101, 151, 155)]
    [InlineData(Disposition.Denied, 110, 301, 302, 303)]
    [InlineData(Disposition.NotFound, 217)]
    [InlineData(Disposition.TooOld, 526)]
    [InlineData(Disposition.OtherDocument, 539, 561, 562, 613)]
    [InlineData(Disposition.KeyRefused, 236, 614, 615, 616, 617, 618, 619)]
    [InlineData(Disposition.ServicePaused, 108, 109)]
    [InlineData(Disposition.Misuse, 656)]
    [InlineData(Disposition.Configuration, 252, 226, 249, 250, 280, 281, 282, 283, 284, 285, 410)]
    [InlineData(Disposition.CertificateNotChecked, 286)]
    [InlineData(Disposition.Uncertain, 106, 107, 204, 205, 215, 218, 225, 635, 704, 999)]
    public void A_consult_is_decided_as_the_design_says(Disposition expected, params int[] codes)
    {
        Assert.All(codes, code => Assert.Equal(expected, CStatCatalogue.Of(code, SefazAnswer.Consult)));
    }

    [Theory]
    [InlineData(104, Disposition.BatchProcessed)]
    [InlineData(105, Disposition.InProcess)]
    [InlineData(106, Disposition.Uncertain)]
    [InlineData(223, Disposition.Uncertain)]
    [InlineData(248, Disposition.Uncertain)]
    [InlineData(553, Disposition.Uncertain)]
    [InlineData(108, Disposition.ServicePaused)]
    [InlineData(656, Disposition.Misuse)]
    [InlineData(281, Disposition.Configuration)]
    [InlineData(286, Disposition.CertificateNotChecked)]
    public void A_question_by_receipt_never_rejects_the_note(int code, Disposition expected)
    {
        Assert.Equal(expected, CStatCatalogue.Of(code, SefazAnswer.Receipt));
    }

    [Theory]
    [InlineData(107, Disposition.InService)]
    [InlineData(108, Disposition.ServicePaused)]
    [InlineData(109, Disposition.ServicePaused)]
    [InlineData(252, Disposition.Configuration)]
    [InlineData(281, Disposition.Configuration)]
    [InlineData(286, Disposition.CertificateNotChecked)]
    [InlineData(656, Disposition.Misuse)]
    [InlineData(999, Disposition.Uncertain)]
    public void A_status_tells_the_state_of_the_service(int code, Disposition expected)
    {
        Assert.Equal(expected, CStatCatalogue.Of(code, SefazAnswer.Status));
    }

    [Fact]
    public void Any_code_that_no_manual_names_follows_the_stated_rule()
    {
        Gen.OneOf(Gen.Int, Gen.Int[-10, 10_000]).Where(code => CStatCatalogue.Find(code) is null).Sample(code =>
        {
            var transmission = code >= 201 ? Disposition.Content : Disposition.Uncertain;
            return CStatCatalogue.Of(code, SefazAnswer.Transmission) == transmission
                && CStatCatalogue.Of(code, SefazAnswer.Receipt) == Disposition.Uncertain
                && CStatCatalogue.Of(code, SefazAnswer.Consult) == Disposition.Uncertain
                && CStatCatalogue.Of(code, SefazAnswer.Status) == Disposition.Uncertain
                && CStatCatalogue.Advice(code, SefazAnswer.Transmission).Id == (code >= 201 ? "content" : "uncertain")
                && CStatCatalogue.Advice(code, SefazAnswer.Consult).Id == "uncertain";
        });
    }

    [Theory]
    [InlineData(200, Disposition.Uncertain)]
    [InlineData(202, Disposition.Content)]
    [InlineData(1115, Disposition.Content)]
    [InlineData(9999, Disposition.Content)]
    [InlineData(0, Disposition.Uncertain)]
    [InlineData(-1, Disposition.Uncertain)]
    public void The_rule_holds_at_its_borders(int code, Disposition expected)
    {
        Assert.Null(CStatCatalogue.Find(code));
        Assert.Equal(expected, CStatCatalogue.Of(code, SefazAnswer.Transmission));
    }

    [Fact]
    public void No_named_code_below_201_rejects_content()
    {
        Assert.All(
            CStatCatalogue.Entries.Where(entry => entry.Code < 201),
            entry => Assert.NotEqual(Disposition.Content, CStatCatalogue.Of(entry.Code, SefazAnswer.Transmission)));
    }

    [Fact]
    public void Only_a_transmission_or_a_consult_gives_a_verdict_on_a_note()
    {
        Disposition[] aboutTheQuestion =
        [
            Disposition.Uncertain, Disposition.InProcess, Disposition.BatchProcessed, Disposition.Configuration,
            Disposition.Misuse, Disposition.ServicePaused, Disposition.InService, Disposition.CertificateNotChecked,
        ];
        Disposition[] onlyOfATransmission =
            [Disposition.Content, Disposition.ConfigurationInNote, Disposition.Clock, Disposition.InService];
        Assert.All(CStatCatalogue.Entries, entry =>
        {
            Assert.Contains(CStatCatalogue.Of(entry.Code, SefazAnswer.Receipt), aboutTheQuestion);
            Assert.Contains(CStatCatalogue.Of(entry.Code, SefazAnswer.Status), aboutTheQuestion);
            Assert.DoesNotContain(CStatCatalogue.Of(entry.Code, SefazAnswer.Consult), onlyOfATransmission);
        });
    }

    [Fact]
    public void What_stops_a_question_stops_a_transmission_too()
    {
        Disposition[] stops =
            [Disposition.Configuration, Disposition.Misuse, Disposition.ServicePaused, Disposition.CertificateNotChecked];
        Assert.All(
            from entry in CStatCatalogue.Entries
            from answer in Answers
            where stops.Contains(CStatCatalogue.Of(entry.Code, answer))
            select entry.Code,
            code => Assert.Contains(CStatCatalogue.Of(code, SefazAnswer.Transmission), stops));
    }

    [Fact]
    public void An_authorisation_is_one_in_a_transmission_and_in_a_consult_alike()
    {
        Assert.Equal([100, 120, 150], CodesOf(Disposition.Authorized, SefazAnswer.Transmission));
        Assert.Equal([100, 120, 150], CodesOf(Disposition.Authorized, SefazAnswer.Consult));
        Assert.Equal([101, 151, 155], CodesOf(Disposition.Cancelled, SefazAnswer.Consult));
        Assert.Equal([217], CodesOf(Disposition.NotFound, SefazAnswer.Consult));
    }

    [Fact]
    public void Every_row_classifies_its_code_in_at_least_one_answer()
    {
        Assert.All(CStatCatalogue.Entries, entry => Assert.Contains(Answers, answer => entry.On(answer) is not null));
    }

    [Fact]
    public void Every_disposition_is_used()
    {
        var used =
            from entry in CStatCatalogue.Entries
            from answer in Answers
            select CStatCatalogue.Of(entry.Code, answer);
        Assert.Equal(Enum.GetValues<Disposition>(), used.Distinct().Order());
    }

    [Fact]
    public void An_unknown_answer_is_refused_for_a_named_and_an_unnamed_code()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CStatCatalogue.Of(100, (SefazAnswer)4));
        Assert.Throws<ArgumentOutOfRangeException>(() => CStatCatalogue.Of(100, (SefazAnswer)(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => CStatCatalogue.Of(9999, (SefazAnswer)4));
    }

    [Fact]
    public void The_meanings_are_whole_and_clean()
    {
        Assert.All(CStatCatalogue.Entries, entry =>
        {
            Assert.Matches(entry.Code < 201 ? @"^\p{Lu}" : @"^(Rejeição|Uso Denegado): \p{Lu}", entry.Meaning);
            Assert.DoesNotMatch(@"\s\s|^\s|[\s.:,]$|[\[\]]|\bNT \d|Página|MOC|Nota Fiscal Eletrônica|MOTIVO", entry.Meaning);
            Assert.InRange(entry.Meaning.Length, 10, 200);
            Assert.Equal(Regex.Count(entry.Meaning, @"\("), Regex.Count(entry.Meaning, @"\)"));
        });
    }

    private static IEnumerable<int> CodesOf(Disposition disposition, SefazAnswer answer) =>
        CStatCatalogue.Entries.Select(entry => entry.Code).Where(code => CStatCatalogue.Of(code, answer) == disposition);
}

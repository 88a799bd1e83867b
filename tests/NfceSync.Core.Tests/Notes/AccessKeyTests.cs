using System;
using System.Linq;

using CsCheck;

using NfceSync.Core.Notes;

using Xunit;

namespace NfceSync.Core.Tests.Notes;

public class AccessKeyTests
{
    private static readonly Gen<string> First43 =
        from start in Gen.Char['0', '9'].Array[6]
        from issuer in Gen.OneOf(Gen.Char['0', '9'], Gen.Char['A', 'Z']).Array[12]
        from rest in Gen.Char['0', '9'].Array[25]
        select new string([.. start, .. issuer, .. rest]);

    private static readonly Gen<string> Keys = First43.Select(first => first + AccessKey.ComputeCheckDigit(first));

    [Theory]
    [InlineData("4315010828769300015765101000000097100000125", 1)] // the key in the QR code example of MOC 7.0, Anexo I
    [InlineData("5206043300991100250655012000000780026730161", 5)] // the example of the MOC up to 6.0
    [InlineData("0000000000000000000000000000000000000000000", 0)] // sum 0: 11 becomes 0
    [InlineData("0000000000000000000000000000000000000000006", 0)] // sum 12, remainder 1: 10 becomes 0
    public void The_check_digit_is_that_of_the_manual(string first43, int digit)
    {
        Assert.Equal(digit, AccessKey.ComputeCheckDigit(first43));
    }

    [Fact]
    public void A_letter_counts_as_its_ASCII_code_less_48()
    {
        // Position 6 from the left has weight 6 (36th from the right): A = 17, 17 * 6 = 102, 102 mod 11 = 3, 11 - 3 = 8.
        string first = "000000A" + new string('0', 36);
        Assert.Equal(8, AccessKey.ComputeCheckDigit(first));
    }

    [Fact]
    public void Every_well_formed_key_comes_back_as_it_was()
    {
        Keys.Sample(text =>
        {
            AccessKey key = AccessKey.Parse(text);
            string rebuilt = $"{key.CUf:00}{key.YearMonth}{key.IssuerField}{key.Model:00}{key.Serie:000}{key.Number:000000000}"
                + $"{key.TpEmis}{key.CNf}{key.CheckDigit}";
            return key.Value == text && key.ToString() == text && rebuilt == text && key.Equals(AccessKey.Parse(text))
                && $"{key.Year - 2000:00}{key.Month:00}" == text[2..6];
        });
    }

    /// <remarks>
    /// Changing one character by d at weight w changes the sum by d * w. Module 11 sees that unless 11 divides d * w, and for
    /// digits (|d| below 10, w from 2 to 9) it never does. Since the remainders 0 and 1 share the check digit 0, a change
    /// between these two alone is not seen.
    /// </remarks>
    [Fact]
    public void A_changed_digit_is_refused_unless_the_remainder_moves_between_0_and_1()
    {
        var gen =
            from first in First43
            from at in Gen.Int[0, 42]
            from digit in Gen.Char['0', '9']
            where char.IsAsciiDigit(first[at]) && first[at] != digit
            select (Text: first, Changed: first.Remove(at, 1).Insert(at, digit.ToString()));

        gen.Sample(pair =>
        {
            bool accepted = AccessKey.TryParse($"{pair.Changed}{AccessKey.ComputeCheckDigit(pair.Text)}", out _);
            int before = Remainder(pair.Text);
            int after = Remainder(pair.Changed);
            return before != after && accepted == (before <= 1 && after <= 1);
        });
    }

    [Fact]
    public void A_changed_check_digit_is_always_refused()
    {
        (from key in Keys
         from other in Gen.Char['0', '9']
         where key[43] != other
         select key[..43] + other).Sample(text => !AccessKey.TryParse(text, out _));
    }

    [Fact]
    public void Anything_else_is_refused_and_never_crashes()
    {
        Gen.String.Sample(text => !AccessKey.TryParse(text, out _));
        (from key in Keys
         from at in Gen.Int[0, 43]
         from c in Gen.Char
         where !char.IsAsciiDigit(c) && !char.IsAsciiLetterUpper(c)
         select key.Remove(at, 1).Insert(at, c.ToString())).Sample(text => !AccessKey.TryParse(text, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(18)]
    [InlineData(19)]
    [InlineData(30)]
    public void A_letter_outside_the_first_twelve_of_the_CNPJ_is_refused(int at)
    {
        string text = new string('0', 44).Remove(at, 1).Insert(at, "K");
        Assert.False(AccessKey.TryParse(text, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3526")]
    [InlineData("52060433009911002506550120000007800267301610")]
    public void Parse_says_what_is_wrong(string? text)
    {
        var error = Assert.Throws<NfceSyncException>(() => AccessKey.Parse(text));
        Assert.Equal(ErrorIds.NfceAccessKeyInvalid, error.ErrorId);
        Assert.Equal(text, error.Target);
    }

    [Fact]
    public void Only_43_digits_and_capitals_have_a_check_digit()
    {
        Assert.Throws<ArgumentException>(() => AccessKey.ComputeCheckDigit("123"));
        Assert.Throws<ArgumentException>(() => AccessKey.ComputeCheckDigit(new string('a', 43)));
    }

    // An independent computation, from the definition.
    private static int Remainder(string first43) =>
        first43.Reverse().Select((c, i) => (c - 48) * ((i % 8) + 2)).Sum() % 11;
}

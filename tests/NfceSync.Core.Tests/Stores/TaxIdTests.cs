using System.Linq;

using CsCheck;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

public class TaxIdTests
{
    [Theory]
    [InlineData("12ABC34501DE35")] // the example of NT Conjunta 2025.001
    [InlineData("11222333000181")]
    [InlineData("00000000000191")]
    [InlineData("52998224725")]
    [InlineData("01234567890")]
    public void A_right_id_is_valid(string id) => Assert.True(TaxId.IsValid(id));

    [Theory]
    [InlineData("")]
    [InlineData("12ABC34501DE34")]
    [InlineData("12ABC34501DE3A")]
    [InlineData("12abc34501de35")]
    [InlineData("12.ABC.345/01DE-35")]
    [InlineData("11222333000182")]
    [InlineData("00000000000000")]
    [InlineData("52998224724")]
    [InlineData("5299822472A")]
    [InlineData("5299822472")]
    [InlineData("11111111111")]
    [InlineData("١١٢٢٢٣٣٣٠٠٠١٨١")]
    public void A_wrong_id_is_not_valid(string id) => Assert.False(TaxId.IsValid(id));

    [Theory]
    [InlineData("12.ABC.345/01DE-35", "12ABC34501DE35")]
    [InlineData(" 12.abc.345/01de-35 ", "12ABC34501DE35")]
    [InlineData("529.982.247-25", "52998224725")]
    public void Punctuation_goes_and_letters_become_upper_case(string written, string bare) =>
        Assert.Equal(bare, TaxId.Normalise(written));

    [Theory]
    [InlineData("12ABC34501DE35", "12.ABC.345/01DE-35")]
    [InlineData("52998224725", "***.982.247-**")]
    [InlineData("529982247", "***")]
    public void A_CPF_is_never_shown_in_full(string id, string shown) => Assert.Equal(shown, TaxId.Display(id));

    [Fact]
    public void The_base_is_eight_characters_of_a_CNPJ_and_the_whole_of_a_CPF()
    {
        Assert.Equal("12ABC345", TaxId.Base("12ABC34501DE35"));
        Assert.Equal("52998224725", TaxId.Base("52998224725"));
    }

    [Fact]
    public void The_check_digits_of_every_CNPJ_are_those_of_the_official_script()
    {
        Gen.Char["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"].Array[12].Select(c => new string(c))
            .Where(body => body.Distinct().Count() > 1)
            .Sample(body =>
            {
                int right = OfficialCheckDigits(body);
                Assert.All(Enumerable.Range(0, 100), digits => Assert.Equal(digits == right, TaxId.IsValid($"{body}{digits:00}")));
            }, iter: 300);
    }

    // NT Conjunta 2025.001, Anexo I, calculaDV.
    private static int OfficialCheckDigits(string body)
    {
        int[] weights = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };
        int first = Digit(body.Select((c, i) => (c - 48) * weights[i + 1]).Sum());
        int second = Digit(body.Select((c, i) => (c - 48) * weights[i]).Sum() + (first * weights[12]));
        return (first * 10) + second;

        static int Digit(int sum) => sum % 11 < 2 ? 0 : 11 - (sum % 11);
    }
}

using System;
using System.Linq;

namespace NfceSync.Core.Stores;

/// <summary>
/// The CNPJ (14 characters, letters allowed in the first 12 since NT Conjunta 2025.001) or CPF (11 digits) of an
/// establishment, as a plain string without punctuation.
/// </summary>
public static class TaxId
{
    private const int CnpjLength = 14;
    private const int CpfLength = 11;

    /// <summary>The id without its punctuation (<c>. / -</c> and spaces), letters in upper case. Nothing is checked.</summary>
    /// <param name="id">A CNPJ or CPF as a person writes it.</param>
    /// <returns>The bare characters.</returns>
    public static string Normalise(string id) =>
        new(id.Where(c => c is not ('.' or '/' or '-' or ' ')).Select(char.ToUpperInvariant).ToArray());

    /// <summary>Whether the bare id is a CNPJ or CPF whose check digits are right.</summary>
    /// <param name="id">The id without punctuation.</param>
    /// <returns>False for anything else, repeated digits (<c>11111111111</c>) included.</returns>
    public static bool IsValid(string id) => id.Length switch
    {
        // The same digit over and over satisfies the sums, but the Receita never gives it out.
        CnpjLength => id.Take(12).All(IsDigitOrLetter) && HasCheckDigits(id, highestWeight: 9) && id.Distinct().Count() > 1,
        CpfLength => id.Take(9).All(IsDigit) && HasCheckDigits(id, highestWeight: 11) && id.Distinct().Count() > 1,
        _ => false,
    };

    /// <summary>Whether the bare id is a CPF, by its length.</summary>
    /// <param name="id">The id without punctuation.</param>
    /// <returns>True for 11 characters.</returns>
    public static bool IsCpf(string id) => id.Length == CpfLength;

    /// <summary>What two establishments of one owner share: the first 8 characters of a CNPJ, or the whole CPF (rules 213, 227).</summary>
    /// <param name="id">The id without punctuation.</param>
    /// <returns>8 characters of a CNPJ, 11 digits of a CPF.</returns>
    public static string Base(string id) => IsCpf(id) ? id : id.Substring(0, 8);

    /// <summary>The id for people: a CNPJ with its punctuation, a CPF never in full (<c>***.456.789-**</c>).</summary>
    /// <param name="id">The id without punctuation; anything that has neither length is hidden whole.</param>
    /// <returns>The text to show.</returns>
    public static string Display(string id) => id.Length switch
    {
        CnpjLength => $"{id.Substring(0, 2)}.{id.Substring(2, 3)}.{id.Substring(5, 3)}/{id.Substring(8, 4)}-{id.Substring(12)}",
        CpfLength => $"***.{id.Substring(3, 3)}.{id.Substring(6, 3)}-**",
        _ => "***",
    };

    private static bool HasCheckDigits(string id, int highestWeight)
    {
        int body = id.Length - 2;
        return IsCheckDigit(id, body, highestWeight) && IsCheckDigit(id, body + 1, highestWeight);
    }

    // Modulo 11, weights 2 up to the highest and round again, from the right; a character's value is its ASCII code
    // less 48, which leaves digits as they are (NT Conjunta 2025.001, 2). A CPF's sum never wraps its weights.
    private static bool IsCheckDigit(string id, int position, int highestWeight)
    {
        int sum = 0;
        for (int i = 0; i < position; i++)
        {
            sum += (id[i] - '0') * (((position - 1 - i) % (highestWeight - 1)) + 2);
        }

        int rest = sum % 11;
        return id[position] - '0' == (rest < 2 ? 0 : 11 - rest);
    }

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsDigitOrLetter(char c) => IsDigit(c) || c is >= 'A' and <= 'Z';
}

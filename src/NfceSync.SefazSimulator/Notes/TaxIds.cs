using System;

namespace NfceSync.SefazSimulator;

/// <summary>Makes and checks the check digits of CNPJ (letters allowed since July 2026), CPF and access key.</summary>
public static class TaxIds
{
    /// <summary>Completes a CNPJ by its two check digits (NT Conjunta 2025.001: value = ASCII − 48).</summary>
    /// <param name="first12">The first twelve characters, digits or capital letters.</param>
    /// <returns>All fourteen characters.</returns>
    public static string Cnpj(string first12)
    {
        ArgumentNullException.ThrowIfNull(first12);
        var withFirst = first12 + Modulo11(first12, 9);
        return withFirst + Modulo11(withFirst, 9);
    }

    /// <summary>Completes a CPF by its two check digits.</summary>
    /// <param name="first9">The first nine digits.</param>
    /// <returns>All eleven digits.</returns>
    public static string Cpf(string first9)
    {
        ArgumentNullException.ThrowIfNull(first9);
        var withFirst = first9 + Modulo11(first9, int.MaxValue);
        return withFirst + Modulo11(withFirst, int.MaxValue);
    }

    internal static bool IsCnpj(string id) =>
        id.Length == 14 && id.AsSpan().ContainsAnyExcept('0') && string.Equals(Cnpj(id[..12]), id, StringComparison.Ordinal);

    internal static bool IsCpf(string id) =>
        id.Length == 11 && id.AsSpan().ContainsAnyExcept('0') && string.Equals(Cpf(id[..9]), id, StringComparison.Ordinal);

    /// <summary>Check digit of an access key over its first 43 characters: weights 2 to 9 from the right, 10 and 11 give 0.</summary>
    internal static char KeyDigit(ReadOnlySpan<char> first43) => Modulo11(first43, 9);

    private static char Modulo11(ReadOnlySpan<char> text, int highestWeight)
    {
        var sum = 0;
        var weight = 2;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            sum += (text[i] - '0') * weight;
            weight = weight == highestWeight ? 2 : weight + 1;
        }

        var rest = sum % 11;
        return rest < 2 ? '0' : (char)('0' + 11 - rest);
    }
}

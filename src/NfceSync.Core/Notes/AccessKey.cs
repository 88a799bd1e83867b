using System;
using System.Diagnostics.CodeAnalysis;

namespace NfceSync.Core.Notes;

/// <summary>
/// The access key (<c>chNFe</c>): 44 characters whose structure and check digit were verified. The CNPJ inside it may hold
/// letters (NT Conjunta 2025.001).
/// </summary>
public sealed class AccessKey : IEquatable<AccessKey>
{
    /// <summary>How many characters a key has.</summary>
    public const int Length = 44;

    private const int IssuerStart = 6;
    private const int IssuerAlphanumericLength = 12;
    private const int IssuerLength = 14;

    private AccessKey(string value) => Value = value;

    /// <summary>The 44 characters.</summary>
    public string Value { get; }

    /// <summary><c>cUF</c>: the IBGE code of the emitter's UF, e.g. 35 for SP.</summary>
    public int CUf => Digits(0, 2);

    /// <summary><c>AAMM</c>: year and month of <c>dhEmi</c>, four digits.</summary>
    public string YearMonth => Value.Substring(2, 4);

    /// <summary>The year of <c>dhEmi</c>, e.g. 2026.</summary>
    public int Year => 2000 + Digits(2, 2);

    /// <summary>The month of <c>dhEmi</c> as the key says it; 1 to 12 in a note that SEFAZ accepts.</summary>
    public int Month => Digits(4, 2);

    /// <summary>The emitter's CNPJ (14 characters), or its CPF behind three zeros.</summary>
    public string IssuerField => Value.Substring(IssuerStart, IssuerLength);

    /// <summary><c>mod</c>: 65 for an NFC-e, 55 for an NF-e.</summary>
    public int Model => Digits(20, 2);

    /// <summary><c>serie</c>.</summary>
    public int Serie => Digits(22, 3);

    /// <summary><c>nNF</c>.</summary>
    public int Number => Digits(25, 9);

    /// <summary><c>tpEmis</c>: 1 normal, 9 offline contingency.</summary>
    public int TpEmis => Digits(34, 1);

    /// <summary><c>cNF</c>: the eight digits that the emitter's system drew.</summary>
    public string CNf => Value.Substring(35, 8);

    /// <summary><c>cDV</c>: the check digit.</summary>
    public int CheckDigit => Digits(43, 1);

    /// <summary>Reads a key; it must have the structure <c>[0-9]{6}[0-9A-Z]{12}[0-9]{26}</c> and the right check digit.</summary>
    /// <param name="value">The 44 characters, nothing around them.</param>
    /// <param name="key">The key, or null.</param>
    /// <returns>Whether it is a key.</returns>
    public static bool TryParse(string? value, [NotNullWhen(true)] out AccessKey? key)
    {
        key = value is not null && HasStructure(value.AsSpan()) && HasCheckDigit(value.AsSpan()) ? new AccessKey(value) : null;
        return key is not null;
    }

    /// <summary>As <see cref="TryParse"/>, but throws.</summary>
    /// <param name="value">The 44 characters.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceAccessKeyInvalid"/>: it is not a key.</exception>
    public static AccessKey Parse(string? value) => TryParse(value, out AccessKey? key)
        ? key
        : throw new NfceSyncException(ErrorIds.NfceAccessKeyInvalid, NfceErrorCategory.InvalidArgument, value, value);

    /// <summary>
    /// The check digit of the first 43 characters: module 11 over ASCII − 48, weights 2 to 9 again and again from the right
    /// (NT Conjunta 2025.001).
    /// </summary>
    /// <param name="first43">The key without its last character.</param>
    /// <exception cref="ArgumentException">Not 43 characters, or one is neither a digit nor a capital letter.</exception>
    public static int ComputeCheckDigit(ReadOnlySpan<char> first43)
    {
        if (first43.Length != Length - 1)
        {
            throw new ArgumentException("The check digit is that of 43 characters.", nameof(first43));
        }

        int sum = 0;
        int weight = 2;
        for (int i = first43.Length - 1; i >= 0; i--)
        {
            char c = first43[i];
            if (!IsDigit(c) && !IsCapital(c))
            {
                throw new ArgumentException("Only digits and capital letters have a value.", nameof(first43));
            }

            sum += (c - '0') * weight;
            weight = weight == 9 ? 2 : weight + 1;
        }

        int digit = 11 - (sum % 11);
        return digit >= 10 ? 0 : digit;
    }

    /// <inheritdoc/>
    public bool Equals(AccessKey? other) => other is not null && other.Value == Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessKey);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Whether the characters are where they must be; says nothing of the check digit.</summary>
    internal static bool HasStructure(ReadOnlySpan<char> value)
    {
        if (value.Length != Length)
        {
            return false;
        }

        for (int i = 0; i < value.Length; i++)
        {
            bool letterAllowed = i is >= IssuerStart and < IssuerStart + IssuerAlphanumericLength;
            if (!IsDigit(value[i]) && !(letterAllowed && IsCapital(value[i])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasCheckDigit(ReadOnlySpan<char> value) =>
        ComputeCheckDigit(value.Slice(0, Length - 1)) == value[Length - 1] - '0';

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsCapital(char c) => c is >= 'A' and <= 'Z';

    private int Digits(int start, int count)
    {
        int number = 0;
        for (int i = start; i < start + count; i++)
        {
            number = (number * 10) + (Value[i] - '0');
        }

        return number;
    }
}

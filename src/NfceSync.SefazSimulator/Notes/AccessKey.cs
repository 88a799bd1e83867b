using System;
using System.Globalization;

namespace NfceSync.SefazSimulator;

/// <summary>Reads the parts of an access key: cUF2 AAMM4 CNPJ14 mod2 serie3 nNF9 tpEmis1 cNF8 DV1.</summary>
internal static class AccessKey
{
    public static bool IsWellFormed(string key)
    {
        if (key.Length != 44)
        {
            return false;
        }

        for (var i = 0; i < key.Length; i++)
        {
            if (!char.IsAsciiDigit(key[i]) && !(i is >= 6 and < 18 && char.IsAsciiLetterUpper(key[i])))
            {
                return false;
            }
        }

        return true;
    }

    public static int Number(string key, int start, int length) =>
        int.Parse(key.AsSpan(start, length), NumberStyles.None, CultureInfo.InvariantCulture);

    public static bool IsCpfSeries(string key) => Number(key, 22, 3) is >= 920 and <= 969;

    public static string IssuerId(string key) => IsCpfSeries(key) ? key[9..20] : key[6..20];

    /// <summary>The natural key (rule 2B08-10): for model 65 it includes tpEmis, since NT 2018.001.</summary>
    public static string Natural(string key) =>
        string.Concat(key.AsSpan(0, 2), key.AsSpan(6, 28), key.AsSpan(20, 2).SequenceEqual("65") ? key.AsSpan(34, 1) : default);

    /// <summary>The code of the first rule of J02 and P12 that a key breaks (NT 2018.001, 7.2; NT 2018.004, P12), or 0.</summary>
    public static int Check(string key, DateTimeOffset now)
    {
        var year = 2000 + Number(key, 2, 2);
        return key switch
        {
            _ when TaxIds.KeyDigit(key.AsSpan(0, 43)) != key[43] => 236,
            _ when !FederativeUnit.IsCode(Number(key, 0, 2)) => 614,
            _ when year < 2006 || year > now.Year => 615,
            _ when Number(key, 4, 2) is < 1 or > 12 => 616,
            _ when !(IsCpfSeries(key) ? TaxIds.IsCpf(IssuerId(key)) : TaxIds.IsCnpj(IssuerId(key))) => 617,
            _ when Number(key, 20, 2) is not (55 or 65) => 618,
            _ when Number(key, 25, 9) == 0 => 619,
            _ => 0,
        };
    }
}

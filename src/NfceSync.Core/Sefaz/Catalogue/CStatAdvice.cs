using System;
using System.Globalization;

namespace NfceSync.Core.Sefaz;

/// <summary>What a technician is told about a <c>cStat</c>: what happened, what to do next, and who does it.</summary>
public sealed class CStatAdvice
{
    internal CStatAdvice(string id, string portuguese, string english)
    {
        Id = id;
        Portuguese = portuguese;
        English = english;
    }

    /// <summary>The advice's stable name; many codes share one.</summary>
    public string Id { get; }

    /// <summary>The text in Brazilian Portuguese.</summary>
    public string Portuguese { get; }

    /// <summary>The text in English.</summary>
    public string English { get; }

    /// <summary>The text in the language of <paramref name="culture"/>: Portuguese for <c>pt*</c>, English otherwise.</summary>
    /// <param name="culture">Usually <see cref="CultureInfo.CurrentUICulture"/>.</param>
    public string In(CultureInfo culture) =>
        culture.TwoLetterISOLanguageName.Equals("pt", StringComparison.OrdinalIgnoreCase) ? Portuguese : English;

    /// <summary>The text in the thread's UI culture.</summary>
    public override string ToString() => In(CultureInfo.CurrentUICulture);
}

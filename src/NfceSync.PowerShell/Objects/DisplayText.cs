using System;
using System.Globalization;

using NfceSync.Core;
using NfceSync.Core.Notes;
using NfceSync.Core.Queue;

namespace NfceSync.PowerShell;

/// <summary>
/// How values are shown. The views show these texts, because instants and spans come back from a remote session as something
/// else than they were.
/// </summary>
internal static class DisplayText
{
    // Reais are written the Brazilian way in every language.
    private static readonly NumberFormatInfo Brazilian = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    /// <summary>E.g. <c>R$ 1.234,56</c>.</summary>
    public static string Money(decimal reais) => "R$ " + Amount(reais);

    /// <summary>E.g. <c>1.234,56</c>.</summary>
    public static string Amount(decimal reais) => reais.ToString("N2", Brazilian);

    /// <summary>E.g. <c>24/11 21:40</c>, in the instant's own offset.</summary>
    public static string? Instant(DateTimeOffset? instant) => instant?.ToString("dd/MM HH:mm", CultureInfo.InvariantCulture);

    /// <summary>
    /// E.g. <c>12d</c>, <c>2d03h</c>, <c>3h05</c>, <c>12m</c>, which take little room in a table; with a minus sign for what is
    /// over.
    /// </summary>
    public static string? Span(TimeSpan? span)
    {
        if (span is not { } value)
        {
            return null;
        }

        TimeSpan size = value.Duration();
        string text = size.TotalDays >= 10 ? string.Format(CultureInfo.InvariantCulture, "{0}d", (int)size.TotalDays)
            : size.TotalDays >= 1 ? string.Format(CultureInfo.InvariantCulture, "{0}d{1:00}h", size.Days, size.Hours)
            : size.TotalHours >= 1 ? string.Format(CultureInfo.InvariantCulture, "{0}h{1:00}", size.Hours, size.Minutes)
            : string.Format(CultureInfo.InvariantCulture, "{0}m", size.Minutes);
        return value < TimeSpan.Zero ? "-" + text : text;
    }

    /// <summary>The state's name in the user's language.</summary>
    public static string State(NoteState state) => Texts.Get("State" + state);

    /// <summary>Number and series of an access key, where it is one.</summary>
    public static (int? Number, int? Serie) NumberOf(string? chNFe) =>
        AccessKey.TryParse(chNFe, out AccessKey? key) ? (key.Number, key.Serie) : (null, null);
}

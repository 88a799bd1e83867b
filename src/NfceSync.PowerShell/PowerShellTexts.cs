using System;
using System.Globalization;
using System.Resources;

namespace NfceSync.PowerShell;

/// <summary>The texts that only the cmdlets use; everything else a user reads is in the core's <c>Texts</c>.</summary>
internal static class PowerShellTexts
{
    private static readonly ResourceManager Resources = new("NfceSync.PowerShell.PowerShellText", typeof(PowerShellTexts).Assembly);

    /// <summary>The text <paramref name="id"/> in the thread's UI culture: Portuguese for <c>pt*</c>, English otherwise.</summary>
    /// <param name="id">The text's name.</param>
    /// <param name="args">What <c>{0}</c>, <c>{1}</c> … stand for.</param>
    /// <exception cref="ArgumentException">No text has that name.</exception>
    public static string Get(string id, params object?[] args)
    {
        CultureInfo culture = CultureInfo.CurrentUICulture;
        string text = Resources.GetString(id, culture) ?? throw new ArgumentException($"No text is named '{id}'.", nameof(id));
        return args.Length == 0 ? text : string.Format(culture, text, args);
    }
}

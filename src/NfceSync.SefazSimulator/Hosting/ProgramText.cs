using System.Globalization;
using System.Resources;

namespace NfceSync.SefazSimulator;

/// <summary>The program's texts, by the UI culture.</summary>
internal static class ProgramText
{
    private static readonly ResourceManager Texts = new("NfceSync.SefazSimulator.ProgramText", typeof(ProgramText).Assembly);

    public static string Get(string id, params object[] arguments) =>
        string.Format(CultureInfo.CurrentCulture, Texts.GetString(id, CultureInfo.CurrentUICulture)!, arguments);
}

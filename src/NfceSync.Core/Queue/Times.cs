using System;
using System.Globalization;

namespace NfceSync.Core.Queue;

/// <summary>Times that keep the offset they were written with (<c>dhEmi</c>), as text that sorts and reads like SEFAZ's.</summary>
internal static class Times
{
    private const string Format = "yyyy-MM-ddTHH:mm:sszzz";

    public static string Write(DateTimeOffset time) => time.ToString(Format, CultureInfo.InvariantCulture);

    public static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}

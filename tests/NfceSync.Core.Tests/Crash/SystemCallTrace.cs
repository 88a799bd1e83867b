using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace NfceSync.Core.Tests.Crash;

/// <summary>One system call; <see cref="Begin"/> and <see cref="End"/> are its places in the order that strace saw.</summary>
internal sealed record SystemCall(string Name, int Begin, int End, long Result, string? Path, IReadOnlyList<byte[]> Data, IReadOnlyList<long> Numbers)
{
    public bool IsSync => Name is "fsync" or "fdatasync" or "syncfs";

    public bool IsToSocket => Path is not null && Path.StartsWith("socket:", StringComparison.Ordinal);

    /// <summary>The first string argument as text.</summary>
    public string Text => Data.Count == 0 ? string.Empty : Encoding.UTF8.GetString(Data[0]);

    /// <summary>The last string argument as text: where a renamed file is then.</summary>
    public string LastText => Data.Count == 0 ? string.Empty : Encoding.UTF8.GetString(Data[Data.Count - 1]);
}

/// <summary>Reads the log of <c>strace -f -y -xx</c>: every string in it is hexadecimal.</summary>
internal static class SystemCallTrace
{
    public const string Calls = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync,syncfs,ftruncate,rename,renameat,renameat2,link,linkat";

    private const string Unfinished = " <unfinished ...>";

    private static readonly Regex Resumed = new(@"^<\.\.\. \w+ resumed>", RegexOptions.CultureInvariant);
    private static readonly Regex Whole = new(@"^(\w+)\((.*)\)\s+= (-?\d+)", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    private static readonly Regex Strings = new("\"((?:\\\\x[0-9a-f]{2})*)\"", RegexOptions.CultureInvariant);
    private static readonly Regex FirstPath = new(@"^\d+<((?:[^>\\]|\\x[0-9a-f]{2})*)>", RegexOptions.CultureInvariant);
    private static readonly Regex Number = new(@"(?<=, )-?\d+(?=,|$)", RegexOptions.CultureInvariant);

    /// <summary>The calls in the order in which they began.</summary>
    public static IReadOnlyList<SystemCall> Read(string path)
    {
        var open = new Dictionary<string, (int Begin, string Text)>(StringComparer.Ordinal);
        var calls = new List<SystemCall>();
        int at = 0;
        foreach (string line in File.ReadLines(path))
        {
            at++;
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            string thread = line[..space];
            string rest = line[space..].TrimStart();
            if (rest.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                open[thread] = (at, rest[..^Unfinished.Length]);
                continue;
            }

            int begin = at;
            if (Resumed.Match(rest) is { Success: true } resumed && open.Remove(thread, out (int Begin, string Text) start))
            {
                begin = start.Begin;
                rest = start.Text + rest[resumed.Length..];
            }

            if (Whole.Match(rest) is { Success: true } whole)
            {
                calls.Add(Parse(whole, begin, at));
            }
        }

        return calls.OrderBy(call => call.Begin).ToList();
    }

    private static SystemCall Parse(Match whole, int begin, int end)
    {
        string arguments = whole.Groups[2].Value;
        Match path = FirstPath.Match(arguments);
        return new SystemCall(
            whole.Groups[1].Value,
            begin,
            end,
            long.Parse(whole.Groups[3].Value, CultureInfo.InvariantCulture),
            path.Success ? Encoding.UTF8.GetString(Unescape(path.Groups[1].Value)) : null,
            Strings.Matches(arguments).Select(text => Unescape(text.Groups[1].Value)).ToList(),
            Number.Matches(arguments).Select(number => long.Parse(number.Value, CultureInfo.InvariantCulture)).ToList());
    }

    private static byte[] Unescape(string text)
    {
        if (!text.StartsWith("\\x", StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetBytes(text);
        }

        return Convert.FromHexString(text.Replace("\\x", string.Empty, StringComparison.Ordinal));
    }
}

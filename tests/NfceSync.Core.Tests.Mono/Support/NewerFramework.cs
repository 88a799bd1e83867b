using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace NfceSync.Core.Tests
{
    /// <summary>What the linked tests use of .NET 10 and .NET Framework lacks, under the same names.</summary>
    internal static class NewerFramework
    {
        extension(char)
        {
            public static bool IsAsciiDigit(char c) => c is >= '0' and <= '9';

            public static bool IsAsciiLetterUpper(char c) => c is >= 'A' and <= 'Z';
        }

        extension(string text)
        {
            public static string Join(char separator, params string[] parts) => string.Join(separator.ToString(), parts);

            public bool StartsWith(char c) => text.Length > 0 && text[0] == c;

            public bool EndsWith(char c) => text.Length > 0 && text[text.Length - 1] == c;

            public bool Contains(char c) => text.IndexOf(c) >= 0;
        }

        extension(Enum)
        {
            // A list: under mono the elements of an array of an enumeration come out as numbers where they are boxed.
            public static List<T> GetValues<T>()
                where T : struct, Enum => Enum.GetValues(typeof(T)).Cast<T>().ToList();
        }

        extension(OperatingSystem)
        {
            public static bool IsWindows() => RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
        }

        extension(Encoding)
        {
            public static Encoding Latin1 => Encoding.GetEncoding("ISO-8859-1");
        }

        extension(Encoding encoding)
        {
            public string GetString(ReadOnlySpan<byte> bytes) => encoding.GetString(bytes.ToArray());
        }

        extension(SHA1)
        {
            public static byte[] HashData(byte[] bytes)
            {
                using var sha1 = SHA1.Create();
                return sha1.ComputeHash(bytes);
            }
        }

        extension(Regex)
        {
            public static int Count(string text, string pattern) => Regex.Matches(text, pattern).Count;
        }

        extension(MatchCollection matches)
        {
            public IEnumerable<T> Select<T>(Func<Match, T> map) => matches.Cast<Match>().Select(map);
        }

        extension(Directory)
        {
            public static DirectoryInfo CreateTempSubdirectory(string prefix) =>
                Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), prefix + Guid.NewGuid().ToString("N")));
        }

        extension(Stream stream)
        {
            public void Write(byte[] bytes) => stream.Write(bytes, 0, bytes.Length);
        }

        extension<T>(IEnumerable<T> values)
        {
            public IOrderedEnumerable<T> Order() => values.OrderBy(value => value);
        }
    }
}

namespace System.Runtime.CompilerServices
{
    /// <summary>What the compiler calls for a range of an array.</summary>
    internal static class RuntimeHelpers
    {
        public static T[] GetSubArray<T>(T[] array, Range range)
        {
            int start = range.Start.GetOffset(array.Length);
            var part = new T[range.End.GetOffset(array.Length) - start];
            Array.Copy(array, start, part, 0, part.Length);
            return part;
        }
    }
}

using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace NfceSync.Benchmarks;

/// <summary>The table on the console. The machine's load stands beside each figure, since a ratio suffers from it too.</summary>
internal static class Table
{
    public static void PrintHead()
    {
        Console.WriteLine(
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, load {Load()}");
        Console.WriteLine();
        Console.WriteLine("| row | what | median | bar | | passes | load | made of |");
        Console.WriteLine("|---|---|---:|---|---|---|---|---|");
    }

    public static void Print(string row, Figure figure)
    {
        string met = figure.Bar.Length == 0 ? "" : figure.IsMet ? "met" : "MISSED";
        Console.WriteLine(
            $"| {row} | {figure.What} | {figure.Value} | {figure.Bar} | {met} | {figure.Spread} | {Load()} | {figure.Note} |");
    }

    public static void PrintFoot() => Console.WriteLine();

    private static string Load() => OperatingSystem.IsLinux()
        ? File.ReadAllText("/proc/loadavg").Split(' ')[0]
        : Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture) + " cores";
}

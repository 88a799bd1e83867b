using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NfceSync.Benchmarks;

/// <summary>One line of the table: the median of what several passes of the same run gave, and the bar it is held against.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Passes">One value a pass.</param>
/// <param name="Unit">The unit; empty for a ratio.</param>
/// <param name="Note">What the ratio is made of.</param>
internal sealed record Figure(string What, IReadOnlyList<double> Passes, string Unit = "", string Note = "")
{
    /// <summary>The value must not be below this.</summary>
    public double? AtLeast { get; init; }

    /// <summary>The value must not be above this.</summary>
    public double? AtMost { get; init; }

    public double Median => MedianOf(Passes);

    public bool IsMet => !(Median < AtLeast) && !(Median > AtMost);

    public string Bar => AtLeast is { } low ? "≥ " + Text(low)
        : AtMost is { } high ? "≤ " + Text(high)
        : "";

    public string Value => Text(Median) + Unit;

    public string Spread => Passes.Count > 1 ? $"{Text(Passes.Min())}–{Text(Passes.Max())}" : "";

    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string Text(double value) =>
        value.ToString(Math.Abs(value) < 0.1 ? "0.000" : Math.Abs(value) < 100 ? "0.00" : "0", CultureInfo.InvariantCulture);
}

using System;
using System.Collections.Generic;

namespace NfceSync.SefazSimulator;

/// <summary>A federative unit: its abbreviation, IBGE code and offset from UTC.</summary>
/// <param name="Name">Two letters, for example <c>RS</c>.</param>
/// <param name="Code">IBGE code, for example 43.</param>
/// <param name="Offset">Legal time of the capital.</param>
public sealed record FederativeUnit(string Name, int Code, TimeSpan Offset)
{
    private static readonly (string Name, int Code, int Hours)[] Table =
    [
        ("RO", 11, -4), ("AC", 12, -5), ("AM", 13, -4), ("RR", 14, -4), ("PA", 15, -3), ("AP", 16, -3), ("TO", 17, -3),
        ("MA", 21, -3), ("PI", 22, -3), ("CE", 23, -3), ("RN", 24, -3), ("PB", 25, -3), ("PE", 26, -3), ("AL", 27, -3),
        ("SE", 28, -3), ("BA", 29, -3), ("MG", 31, -3), ("ES", 32, -3), ("RJ", 33, -3), ("SP", 35, -3), ("PR", 41, -3),
        ("SC", 42, -3), ("RS", 43, -3), ("MS", 50, -4), ("MT", 51, -4), ("GO", 52, -3), ("DF", 53, -3),
    ];

    private static readonly Dictionary<string, FederativeUnit> ByName = Build();

    /// <summary>The unit of that abbreviation.</summary>
    /// <param name="name">Two letters, in any case.</param>
    /// <returns>The unit.</returns>
    /// <exception cref="ArgumentException">No such unit.</exception>
    public static FederativeUnit Of(string name) =>
        ByName.TryGetValue(name, out var unit) ? unit : throw new ArgumentException($"No federative unit '{name}'.", nameof(name));

    internal static bool Exists(string name) => ByName.ContainsKey(name);

    internal static bool IsCode(int code)
    {
        foreach (var unit in ByName.Values)
        {
            if (unit.Code == code)
            {
                return true;
            }
        }

        return false;
    }

    private static Dictionary<string, FederativeUnit> Build()
    {
        var units = new Dictionary<string, FederativeUnit>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, code, hours) in Table)
        {
            units.Add(name, new FederativeUnit(name, code, TimeSpan.FromHours(hours)));
        }

        return units;
    }
}

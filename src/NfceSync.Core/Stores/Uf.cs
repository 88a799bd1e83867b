using System;
using System.Collections.Generic;
using System.Linq;

namespace NfceSync.Core.Stores;

/// <summary>One of the 27 units of the federation. Which authoriser serves it: <see cref="Endpoints.AuthoriserOf"/>.</summary>
/// <param name="Code">The two letters, e.g. <c>SP</c>.</param>
/// <param name="CUf">The IBGE code as it stands in <c>cUF</c> and in the first two digits of an access key.</param>
/// <param name="DefaultOffset">
/// The offset of the capital's legal time; no summer time since Decreto 9.772/2019. Western Amazonas (−05:00) and Fernando
/// de Noronha (−02:00) differ from it: a note's own <c>dhEmi</c> says which holds.
/// </param>
public sealed record Uf(string Code, int CUf, TimeSpan DefaultOffset)
{
    /// <summary>All of them, by their letters.</summary>
    public static IReadOnlyList<Uf> All { get; } = new[]
    {
        Of("AC", 12, -5), Of("AL", 27, -3), Of("AM", 13, -4), Of("AP", 16, -3), Of("BA", 29, -3), Of("CE", 23, -3),
        Of("DF", 53, -3), Of("ES", 32, -3), Of("GO", 52, -3), Of("MA", 21, -3), Of("MG", 31, -3), Of("MS", 50, -4),
        Of("MT", 51, -4), Of("PA", 15, -3), Of("PB", 25, -3), Of("PE", 26, -3), Of("PI", 22, -3), Of("PR", 41, -3),
        Of("RJ", 33, -3), Of("RN", 24, -3), Of("RO", 11, -4), Of("RR", 14, -4), Of("RS", 43, -3), Of("SC", 42, -3),
        Of("SE", 28, -3), Of("SP", 35, -3), Of("TO", 17, -3),
    };

    /// <summary>The UF of that name.</summary>
    /// <param name="code">Two letters, in any case.</param>
    /// <returns>The UF.</returns>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceUfUnknown"/>.</exception>
    public static Uf Get(string code) => Find(code)
        ?? throw new NfceSyncException(
            ErrorIds.NfceUfUnknown, NfceErrorCategory.InvalidArgument, code, code, string.Join(" ", All.Select(uf => uf.Code)));

    internal static Uf? Find(string code) => All.FirstOrDefault(uf => uf.Code.Equals(code, StringComparison.OrdinalIgnoreCase));

    private static Uf Of(string code, int cUf, int hours) => new(code, cUf, TimeSpan.FromHours(hours));
}

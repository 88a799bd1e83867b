using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using NfceSync.Core.Notes;
using NfceSync.SefazSimulator;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>One set of bytes under a key.</summary>
internal sealed record PoolVersion(string Key, DateTimeOffset DhEmi, string DigVal, byte[] Bytes, SourceDocument Document)
{
    /// <summary>The same note inside the ERP's own nfeProc.</summary>
    public SourceDocument WithProtocol(DocumentKind kind, string protocol) =>
        Document with { Kind = kind, Protocol = Encoding.UTF8.GetBytes(protocol) };
}

/// <summary>Signed notes, made once and used by every history: each key with three different sets of bytes.</summary>
internal static class NotePool
{
    public const string Issuer = "12345678000195";

    private const int Keys = 12;

    private static readonly decimal[] Totals = { 10.50m, 11.25m, 99.99m };

    /// <summary>When the first note was issued; histories begin around it.</summary>
    public static DateTimeOffset Base { get; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(-3));

    private static readonly Lazy<PoolVersion[][]> Made = new(Make);

    public static IReadOnlyList<PoolVersion[]> Notes => Made.Value;

    private static PoolVersion[][] Make()
    {
        using var authority = TestAuthority.Create();
        var factory = new NoteFactory(authority);
        return Enumerable.Range(1, Keys)
            .Select(number => Totals.Select(total => Version(factory, number, total)).ToArray())
            .ToArray();
    }

    private static PoolVersion Version(NoteFactory factory, int number, decimal total)
    {
        SignedNote note = factory.Create(new NoteRequest
        {
            IssuerId = Issuer,
            Number = number,
            DhEmi = Base.AddMinutes(number * 5),
            VNF = total,
        });
        byte[] bytes = note.Bytes.ToArray();
        return new PoolVersion(note.ChNFe, note.DhEmi, note.DigestValue, bytes, NoteReader.Read(bytes)[0]);
    }
}

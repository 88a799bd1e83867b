using System;
using System.Collections.Generic;

namespace NfceSync.Core.Sefaz;

/// <summary>One row of the catalogue: a <c>cStat</c> that the manuals name.</summary>
public sealed class CStatEntry
{
    private readonly Disposition?[] _byAnswer;

    internal CStatEntry(int code, IReadOnlyList<Disposition?> byAnswer, string meaning, CStatAdvice advice)
    {
        Code = code;
        _byAnswer = [.. byAnswer];
        Meaning = meaning;
        Advice = advice;
    }

    /// <summary>The code, 3 or 4 digits.</summary>
    public int Code { get; }

    /// <summary>The official text (Anexo I §4.4 or the nota técnica that made the code), in Portuguese as SEFAZ sends it.</summary>
    public string Meaning { get; }

    /// <summary>What to do about it.</summary>
    public CStatAdvice Advice { get; }

    /// <summary>What the code means in that answer; null where the code is not expected in it, and the stated rule decides.</summary>
    /// <param name="answer">Which answer it was read from.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="answer"/> is no <see cref="SefazAnswer"/>.</exception>
    public Disposition? On(SefazAnswer answer) =>
        (uint)answer < (uint)_byAnswer.Length
            ? _byAnswer[(int)answer]
            : throw new ArgumentOutOfRangeException(nameof(answer));
}

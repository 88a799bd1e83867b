using System;
using System.Collections.Generic;

using NfceSync.Core.Notes;
using NfceSync.Core.Sync;

namespace NfceSync.Core.Queue;

/// <summary>A note of the queue as the engine works on it.</summary>
internal sealed record QueuedNote
{
    public required long NoteId { get; init; }

    public required AccessKey Key { get; init; }

    public required NoteState State { get; init; }

    public required long VersionId { get; init; }

    public required string DigestValue { get; init; }

    public required DateTimeOffset DhEmi { get; init; }

    public required DateTimeOffset Deadline { get; init; }

    public required decimal VNF { get; init; }

    /// <summary>The standalone <c>NFe</c>: what is sent and archived.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The protocol that the ERP's own <c>nfeProc</c> carries: such a note is consulted, never sent.</summary>
    public ReadOnlyMemory<byte>? Evidence { get; init; }

    public int Attempts { get; init; }

    public int ConsultTurns { get; init; }

    public int? CStat { get; init; }

    public string? XMotivo { get; init; }

    public string? ReasonId { get; init; }

    public IReadOnlyList<string> ReasonArgs { get; init; } = Array.Empty<string>();

    public string? NRec { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The note as a decision leaves it.</summary>
    public QueuedNote After(Decision decision) => this with
    {
        State = decision.State,
        Attempts = Attempts + 1,
        ConsultTurns = decision.ConsultTurns,
        CStat = decision.CStat,
        XMotivo = decision.XMotivo,
        ReasonId = decision.ReasonId,
        ReasonArgs = decision.ReasonArgs,
        NRec = decision.NRec,
        NotBefore = decision.NotBefore,
    };
}

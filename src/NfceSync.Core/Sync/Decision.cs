using System;
using System.Collections.Generic;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;

namespace NfceSync.Core.Sync;

/// <summary>What a reply means for the run, beside what it means for the note.</summary>
internal enum RunEffect
{
    /// <summary>The run goes on.</summary>
    None,

    /// <summary>SEFAZ paused the service (108, 109): the run ends.</summary>
    ServicePaused,

    /// <summary>A setting or certificate of the store is wrong: the store stops at once.</summary>
    StoreMisconfigured,

    /// <summary>Consumo indevido (656): everything in the block's scope stops at once.</summary>
    Blocked,
}

/// <summary>What a note is after one call to SEFAZ, and why. Pure data: it is written to the queue as it is.</summary>
internal sealed record Decision(NoteState State)
{
    /// <summary>What the queue says of a note that no call was made about.</summary>
    public static Decision AsItWas(QueuedNote note) => new(note.State)
    {
        ReasonId = note.ReasonId,
        ReasonArgs = note.ReasonArgs,
        CStat = note.CStat,
        XMotivo = note.XMotivo,
        NRec = note.NRec,
        ConsultTurns = note.ConsultTurns,
    };

    /// <summary>Our own reason, where the state is not simply SEFAZ's word.</summary>
    public string? ReasonId { get; init; }

    public IReadOnlyList<string> ReasonArgs { get; init; } = Array.Empty<string>();

    public int? CStat { get; init; }

    public string? XMotivo { get; init; }

    /// <summary>The other key that SEFAZ named (539, 562), or whose protocol came.</summary>
    public string? OtherKey { get; init; }

    /// <summary>The receipt to ask by (103, 105).</summary>
    public string? NRec { get; init; }

    /// <summary>The protocol that is to be kept and archived.</summary>
    public ReadOnlyMemory<byte>? Protocol { get; init; }

    public string? NProt { get; init; }

    public string? DhRecbto { get; init; }

    public ReadOnlyMemory<byte>? Event { get; init; }

    /// <summary>How often SEFAZ has said "registered" and "not found" in turn.</summary>
    public int ConsultTurns { get; init; }

    /// <summary>Nothing is asked about the note before this.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    public RunEffect Effect { get; init; }

    /// <summary>The catalogue's word, for the attempt log.</summary>
    public Disposition? Disposition { get; init; }
}

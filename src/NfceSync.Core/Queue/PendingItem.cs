using System;
using System.Collections.Generic;


namespace NfceSync.Core.Queue;

/// <summary>One row of what is pending, or of what a person took out: a note of the queue or a quarantined document.</summary>
public sealed record PendingItem
{
    /// <summary>The store's name.</summary>
    public required string StoreName { get; init; }

    /// <summary>The store's row.</summary>
    public required long StoreId { get; init; }

    /// <summary>The note's row; 0 for a quarantined document.</summary>
    public long NoteId { get; init; }

    /// <summary>The quarantined document's row; 0 for a note.</summary>
    public long DocumentId { get; init; }

    /// <summary>The access key; null for a document in which none could be read.</summary>
    public string? ChNFe { get; init; }

    /// <summary>The state.</summary>
    public required NoteState State { get; init; }

    /// <summary>When it was issued; null where it could not be read.</summary>
    public DateTimeOffset? DhEmi { get; init; }

    /// <summary>The note's total in reais; null where it could not be read.</summary>
    public decimal? VNF { get; init; }

    /// <summary>The end of the legal time limit; null where it could not be read.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How often SEFAZ was called about it.</summary>
    public int Attempts { get; init; }

    /// <summary>The last code that SEFAZ gave for it.</summary>
    public int? CStat { get; init; }

    /// <summary>SEFAZ's own reason for it.</summary>
    public string? XMotivo { get; init; }

    /// <summary>Our own reason, one of <see cref="ErrorIds"/> (or a text of the engine), where the state is not SEFAZ's word.</summary>
    public string? ReasonId { get; init; }

    /// <summary>What the reason's placeholders stand for.</summary>
    public IReadOnlyList<string> ReasonArgs { get; init; } = Array.Empty<string>();

    /// <summary>The other key that SEFAZ named (539, 562).</summary>
    public string? OtherKey { get; init; }

    /// <summary>Before this nothing is asked about it (limits of consumo indevido, a clock that is ahead).</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Whether these bytes correct an earlier, rejected version.</summary>
    public bool Corrected { get; init; }

    /// <summary>Where the document lies or lay.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The verdict of the person who took it out; null while it is pending.</summary>
    public string? Exception { get; init; }

    /// <summary>When the verdict was given.</summary>
    public DateTimeOffset? ExceptionAt { get; init; }

    /// <summary>Who gave it.</summary>
    public string? ExceptionBy { get; init; }

    /// <summary>The reason in the user's language: our own, else SEFAZ's.</summary>
    public string? Reason => ReasonId is null ? XMotivo : Texts.Get(ReasonId, ToObjects(ReasonArgs));

    /// <summary>What to do next, in the user's language.</summary>
    public string Advice => Sync.AdviceFor.Item(this);

    internal static object?[] ToObjects(IReadOnlyList<string> args)
    {
        var objects = new object?[args.Count];
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = args[i];
        }

        return objects;
    }
}

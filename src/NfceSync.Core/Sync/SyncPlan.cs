using System;
using System.Collections.Generic;
using System.Linq;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What a run would send or consult now, for the question before it.</summary>
public sealed record SyncPlan
{
    /// <summary>How many notes.</summary>
    public int Notes { get; init; }

    /// <summary>Their total in reais.</summary>
    public decimal Total { get; init; }

    /// <summary>How many of them are corrections of rejected ones.</summary>
    public int Corrections { get; init; }

    /// <summary>How many of them are uncertain: consulted first, and sent only where SEFAZ does not know them.</summary>
    public int Uncertain { get; init; }

    /// <summary>How many of them were rejected before and are sent again as they are.</summary>
    public int Rejected { get; init; }

    /// <summary>Adds up <see cref="Items"/>.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The store.</param>
    /// <param name="only">The access keys to handle; null for all.</param>
    /// <param name="includeRejected">As <see cref="SyncOptions.IncludeRejected"/>.</param>
    public static SyncPlan Of(NfceQueue queue, Store store, IReadOnlyCollection<string>? only, bool includeRejected = false) =>
        Items(queue, store, only, includeRejected).Aggregate(new SyncPlan(), (sum, item) => sum with
        {
            Notes = sum.Notes + 1,
            Total = sum.Total + (item.VNF ?? 0),
            Corrections = sum.Corrections + (item.Corrected ? 1 : 0),
            Uncertain = sum.Uncertain + (item.State is NoteState.Transmitting or NoteState.Uncertain ? 1 : 0),
            Rejected = sum.Rejected + (item.State == NoteState.Rejected ? 1 : 0),
        });

    /// <summary>The notes that a run would take up now, nearest deadline first; read as they are asked for.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The store.</param>
    /// <param name="only">The access keys to handle; null for all.</param>
    /// <param name="includeRejected">As <see cref="SyncOptions.IncludeRejected"/>.</param>
    public static IEnumerable<PendingItem> Items(
        NfceQueue queue, Store store, IReadOnlyCollection<string>? only, bool includeRejected = false)
    {
        DateTimeOffset now = queue.Clock.GetUtcNow();
        HashSet<string>? keys = only is null ? null : new HashSet<string>(only, StringComparer.Ordinal);

        // One found Transmitting was left by a crash: the run makes it uncertain before anything else.
        return queue.Pending(store).Where(item =>
            (item.State is NoteState.Pending or NoteState.Transmitting or NoteState.Uncertain
                || (item.State == NoteState.Rejected && includeRejected && keys is not null))
            && (item.NotBefore is null || item.NotBefore <= now)
            && (keys is null || keys.Contains(item.ChNFe!)));
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>Whether a store is proven complete, and what stands against it.</summary>
public sealed record VerificationReport
{
    /// <summary>The store.</summary>
    public required Store Store { get; init; }

    /// <summary>True only where queue, source folders and what could not be read all came out empty.</summary>
    public bool Complete => Pending == 0 && Problems.Count == 0;

    /// <summary>How many items are neither final nor excepted.</summary>
    public long Pending { get; init; }

    /// <summary>The pending items by state, quarantined documents included.</summary>
    public required IReadOnlyDictionary<NoteState, int> PendingByState { get; init; }

    /// <summary>How many pending notes are past their deadline.</summary>
    public int Overdue { get; init; }

    /// <summary>How many authorised notes have no file in the archive yet.</summary>
    public long Unarchived { get; init; }

    /// <summary>
    /// Folders that could not be looked into, stores that a repair could not read and that have pending notes, and an archive
    /// that lacks notes.
    /// </summary>
    public required IReadOnlyList<NfceSyncException> Problems { get; init; }

    /// <summary>What a person's verdict took out; always shown.</summary>
    public required IReadOnlyList<PendingItem> Exceptions { get; init; }

    /// <summary>Normal-mode notes without a protocol in the source folders: to be looked at, never sent.</summary>
    public required IReadOnlyList<string> LimboCandidates { get; init; }

    /// <summary>How many documents were ignored, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Ignored { get; init; }

    /// <summary>How many notes are final, by state.</summary>
    public required IReadOnlyDictionary<NoteState, int> Final { get; init; }

    /// <summary>How many files lie in the source folders.</summary>
    public int FilesSeen { get; init; }
}

/// <summary>Proves that nothing is left, or says what is.</summary>
public static class Verification
{
    /// <summary>Looks into the source folders and then into the queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The store.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="NfceSyncException">The queue cannot be used: nothing is proven then.</exception>
    public static async Task<VerificationReport> RunAsync(NfceQueue queue, Store store, CancellationToken cancel)
    {
        IntakeReport intake = await new Intake(queue, store).TakeInAsync(cancel);
        DateTimeOffset now = queue.Clock.GetUtcNow();
        var byState = new Dictionary<NoteState, int>();
        int overdue = 0;
        foreach (PendingItem item in queue.Pending(store))
        {
            byState.TryGetValue(item.State, out int count);
            byState[item.State] = count + 1;
            overdue += item.Deadline < now ? 1 : 0;
        }

        long unarchived = queue.CountUnarchived(store);
        List<NfceSyncException> problems = intake.Problems.Concat(queue.LostStores()).ToList();
        if (unarchived > 0)
        {
            problems.Add(new NfceSyncException(
                ErrorIds.NfceArchiveIncomplete, NfceErrorCategory.ResourceUnavailable, store.Name, store.Name, unarchived, store.ArchivePath));
        }

        return new VerificationReport
        {
            Store = store,
            Pending = byState.Values.Sum(),
            PendingByState = byState,
            Overdue = overdue,
            Unarchived = unarchived,
            Problems = problems,
            Exceptions = queue.Excepted(store).ToList(),
            LimboCandidates = queue.LimboCandidates(store),
            Ignored = queue.Ignored(store),
            Final = queue.CountByState(store).Where(count => count.Key.IsFinal()).ToDictionary(count => count.Key, count => count.Value),
            FilesSeen = intake.FilesSeen,
        };
    }
}

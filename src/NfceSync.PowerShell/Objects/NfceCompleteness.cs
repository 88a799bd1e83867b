using System;
using System.Collections.Generic;
using System.Linq;

using NfceSync.Core.Queue;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Whether a store is proven complete, and what stands against it.</summary>
public sealed class NfceCompleteness
{
    internal NfceCompleteness(VerificationReport report, DateTimeOffset now)
    {
        Store = report.Store.Name;
        Complete = report.Complete;
        Pending = report.Pending;
        ToSend = Count(report.PendingByState, NoteState.Pending) + Count(report.PendingByState, NoteState.Transmitting);
        Uncertain = Count(report.PendingByState, NoteState.Uncertain);
        Rejected = Count(report.PendingByState, NoteState.Rejected);
        Conflict = Count(report.PendingByState, NoteState.Conflict);
        Quarantined = Count(report.PendingByState, NoteState.Quarantined);
        Overdue = report.Overdue;
        Unarchived = report.Unarchived;
        Authorized = Count(report.Final, NoteState.Authorized);
        Cancelled = Count(report.Final, NoteState.Cancelled);
        Denied = Count(report.Final, NoteState.Denied);
        Excepted = report.Exceptions.Count;
        Exceptions = report.Exceptions.Select(item => new NfcePendingItem(item, now).ToString()).ToArray();
        LimboCandidates = report.LimboCandidates.ToArray();
        Ignored = report.Ignored.Values.Sum();
        FilesSeen = report.FilesSeen;
        Problems = report.Problems.Select(problem => problem.Message).ToArray();
        CheckedAt = now.ToLocalTime();
    }

    /// <summary>The store's name.</summary>
    public string Store { get; }

    /// <summary>True only where queue, source folders and what could not be read all came out empty.</summary>
    public bool Complete { get; }

    /// <summary>How many items are neither final nor excepted.</summary>
    public long Pending { get; }

    /// <summary>How many of them are to be sent.</summary>
    public int ToSend { get; }

    /// <summary>How many of them were sent without a valid answer.</summary>
    public int Uncertain { get; }

    /// <summary>How many of them SEFAZ rejected.</summary>
    public int Rejected { get; }

    /// <summary>How many of them do not fit SEFAZ's word.</summary>
    public int Conflict { get; }

    /// <summary>How many of them are documents that never entered the queue.</summary>
    public int Quarantined { get; }

    /// <summary>How many notes are past their deadline.</summary>
    public int Overdue { get; }

    /// <summary>How many authorised notes have no file in the archive yet.</summary>
    public long Unarchived { get; }

    /// <summary>How many notes are authorised.</summary>
    public int Authorized { get; }

    /// <summary>How many notes are cancelled.</summary>
    public int Cancelled { get; }

    /// <summary>How many notes are denied.</summary>
    public int Denied { get; }

    /// <summary>How many items a person's verdict took out.</summary>
    public int Excepted { get; }

    /// <summary>Their access keys, or files.</summary>
    public string[] Exceptions { get; }

    /// <summary>Access keys of normal-mode notes without a protocol in the source folders: to be looked at, never sent.</summary>
    public string[] LimboCandidates { get; }

    /// <summary>How many documents of the source folders are none of this store's pending notes.</summary>
    public int Ignored { get; }

    /// <summary>How many files lie in the source folders.</summary>
    public int FilesSeen { get; }

    /// <summary>Folders that could not be looked into, in words.</summary>
    public string[] Problems { get; }

    /// <summary>When it was looked.</summary>
    public DateTimeOffset CheckedAt { get; }

    private static int Count(IReadOnlyDictionary<NoteState, int> counts, NoteState state) =>
        counts.TryGetValue(state, out int count) ? count : 0;
}

namespace NfceSync.Core.Queue;

/// <summary>Where a note is in its life (design: "The life of a note"). The values are stored: never renumber.</summary>
public enum NoteState
{
    /// <summary>Known and never sent, or known not to be registered: to be sent.</summary>
    Pending = 1,

    /// <summary>Announced: its bytes may be on the wire. Found so without a live lease it becomes <see cref="Uncertain"/>.</summary>
    Transmitting = 2,

    /// <summary>Sent without a valid answer: consulted by its key before it is ever sent again.</summary>
    Uncertain = 3,

    /// <summary>SEFAZ refused the content; the issuer corrects it. Never repeated by itself.</summary>
    Rejected = 4,

    /// <summary>SEFAZ's word and these bytes do not fit together; a person looks.</summary>
    Conflict = 5,

    /// <summary>Final: authorised, with a protocol about these very bytes.</summary>
    Authorized = 6,

    /// <summary>Final: cancelled at SEFAZ.</summary>
    Cancelled = 7,

    /// <summary>Final: use denied (legacy).</summary>
    Denied = 8,

    /// <summary>A document that never entered the queue: unreadable or not what it claims to be; a person decides.</summary>
    Quarantined = 9,
}

/// <summary>What can be asked of a <see cref="NoteState"/>.</summary>
public static class NoteStates
{
    /// <summary>Whether SEFAZ has answered for good.</summary>
    /// <param name="state">The state.</param>
    public static bool IsFinal(this NoteState state) =>
        state is NoteState.Authorized or NoteState.Cancelled or NoteState.Denied;

    /// <summary>Whether a person's verdict may take the item out of the pending ones (Confirm-NfceException).</summary>
    /// <param name="state">The state.</param>
    public static bool AwaitsPerson(this NoteState state) =>
        state is NoteState.Rejected or NoteState.Conflict or NoteState.Quarantined;
}

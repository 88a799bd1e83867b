using System;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;

namespace NfceSync.Core.Sync;

/// <summary>What a technician does next about an item.</summary>
internal static class AdviceFor
{
    public static string Item(PendingItem item) => State(item.State, item.CStat, item.ReasonId, item.NotBefore);

    /// <summary>The advice for a state; our own reason says more than a code, a code more than a state.</summary>
    public static string State(NoteState state, int? cStat, string? reasonId, DateTimeOffset? notBefore) => state switch
    {
        NoteState.Authorized or NoteState.Cancelled or NoteState.Denied => string.Empty,
        _ when notBefore is { } wait => Texts.Get("AdviceWait", wait.ToLocalTime()),
        _ when reasonId is not null && Texts.Has("Advice" + reasonId) => Texts.Get(
            "Advice" + reasonId, cStat is { } said ? CStatCatalogue.Advice(said, SefazAnswer.Transmission) : null),
        NoteState.Rejected when cStat is { } code => CStatCatalogue.Advice(code, SefazAnswer.Transmission).ToString(),

        // Where our own reason makes a conflict of it, the code beside it may well be one of success.
        NoteState.Conflict when reasonId is not null => Texts.Get("AdviceConflict"),
        NoteState.Conflict or NoteState.Pending when cStat is { } code and not 217 =>
            CStatCatalogue.Advice(code, SefazAnswer.Transmission).ToString(),
        _ => Texts.Get("Advice" + state),
    };
}

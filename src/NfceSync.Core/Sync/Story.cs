using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What is told of a note's way.</summary>
internal static class Story
{
    public static SyncResult Result(Store store, QueuedNote note, Decision decision) => new()
    {
        StoreName = store.Name,
        ChNFe = note.Key.Value,
        Serie = note.Key.Serie,
        NNF = note.Key.Number,
        DhEmi = note.DhEmi,
        VNF = note.VNF,
        State = decision.State,
        CStat = decision.CStat,
        Reason = Reason(decision),
        NProt = decision.NProt,
        DhRecbto = decision.DhRecbto,
        OtherKey = decision.OtherKey,
        Advice = AdviceFor.State(decision.State, decision.CStat, decision.ReasonId, decision.NotBefore),
    };

    public static string Step(QueuedNote note, Decision decision) => Texts.Get(
        "StoryStep",
        note.Key.Number,
        note.Key.Serie,
        note.Key.Value,
        Texts.Get("State" + note.State),
        Texts.Get("State" + decision.State),
        decision.CStat,
        Reason(decision));

    private static string? Reason(Decision decision) => decision.ReasonId is null
        ? decision.XMotivo
        : Texts.Get(decision.ReasonId, PendingItem.ToObjects(decision.ReasonArgs));
}

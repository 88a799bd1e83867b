using System.Collections.Generic;
using System.Linq;

using NfceSync.SefazSimulator;

namespace NfceSync.Core.Tests.Crash;

/// <summary>What the simulator's log of calls proves about the order in which a note was sent and asked for.</summary>
internal sealed class CallOrder
{
    private CallOrder(IReadOnlyList<string> sentWhileUncertain, int sentAgain)
    {
        SentWhileUncertain = sentWhileUncertain;
        SentAgain = sentAgain;
    }

    /// <summary>
    /// Keys that were transmitted twice without a consultation between that said "not found", although the first
    /// transmission was neither refused nor cut before SEFAZ had it.
    /// </summary>
    public IReadOnlyList<string> SentWhileUncertain { get; }

    /// <summary>How many transmissions followed an earlier one of the same key: what the proof rests on.</summary>
    public int SentAgain { get; }

    public static CallOrder Of(IEnumerable<CallRecord> calls)
    {
        var doubled = new List<string>();
        int again = 0;
        foreach (IGrouping<string?, CallRecord> note in calls.Where(call => call.ChNFe is not null).GroupBy(call => call.ChNFe))
        {
            bool sent = false;
            bool uncertain = false;
            foreach (CallRecord call in note)
            {
                if (call.Service == SefazService.Autorizacao)
                {
                    again += sent ? 1 : 0;
                    if (uncertain)
                    {
                        doubled.Add(note.Key!);
                    }

                    sent = true;
                    uncertain = !(Told(call) && call.CStat is 108 or 109 or 656);
                }
                else if (call.Service == SefazService.Consulta && Told(call) && call.CStat == 217)
                {
                    uncertain = false;
                }
            }
        }

        return new CallOrder(doubled, again);
    }

    // A page of HTML is delivered as well, but it tells nothing.
    private static bool Told(CallRecord call) => call.Delivered && call.Fault is null or FaultKind.SlowDrip or FaultKind.Latency or FaultKind.PausedForNow;
}

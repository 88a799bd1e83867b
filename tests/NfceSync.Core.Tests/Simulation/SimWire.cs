using System;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>What the network, or a front end of SEFAZ, does to a call.</summary>
internal enum Fault
{
    None,
    Refused,
    TlsFails,
    CutInRequest,
    CutAfterRequest,
    CutInReply,
    AnswerNeverSent,
    NeverProcessed,
    ProcessedLate,
    SlowAnswer,
    Http503Before,
    Http503After,
    Html,
    SoapFault,
    EmptyAnswer,
    FirstQuarter,
    TwoQuarters,
    ThreeQuarters,
    OtherEnvironment,
    OtherNotesProtocol,
    OtherDigVal,
    NoDigVal,
}

/// <summary>One request that left a process, and what is known of it.</summary>
internal sealed class Sent
{
    public required int Number { get; init; }

    public required Asked Service { get; init; }

    public required string Key { get; init; }

    public required DateTimeOffset At { get; init; }

    public required TimeSpan JumpedForward { get; init; }

    public required TimeSpan Skew { get; init; }

    /// <summary>Its row in the attempt log.</summary>
    public required long AttemptId { get; init; }

    /// <summary>Whether any byte may have reached SEFAZ.</summary>
    public bool Left { get; set; }

    /// <summary>The code that was handed to the process in an answer nobody tampered with.</summary>
    public int? Delivered { get; set; }
}

/// <summary>The service, in the simulation's own words.</summary>
internal enum Asked
{
    Transmission,
    Receipt,
    Consult,
    Status,
}

/// <summary>The network as one process sees it.</summary>
internal sealed class SimWire(History history, SimProcess process) : ISefazTransport
{
    private static readonly int[] OtherNotesCodes = { 100, 204, 302, 464, 703, 806 };

    private readonly World _world = history.World;

    public Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        process.MustLive();
        process.MustBeInside();
        string text = Encoding.UTF8.GetString(envelope);
        var request = new Request(history, service, envelope, text);
        Sent sent = history.Checker.OnSend(process, request);
        Fault fault = _world.Chance(history.FaultRate) ? history.Faults[_world.Dice.Next(history.Faults.Count)] : Fault.None;
        _world.Tally.Count("fault: " + fault);
        _world.Note($"{process.Name} sends #{sent.Number} {sent.Service} {History.Short(sent.Key)} ({fault})");
        var answer = new TaskCompletionSource<WireReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        sent.Left = fault is not (Fault.Refused or Fault.TlsFails);
        WireOutcome given = sent.Left ? WireOutcome.NoAnswer : WireOutcome.NotSent;
        cancel.Register(() => answer.TrySetResult(Failed(given)));
        Carry(sent, request, fault, answer);
        if (sent.Left)
        {
            process.Probe(CrashPoint.Sent);
        }

        return answer.Task;
    }

    public void Dispose()
    {
    }

    private void Carry(Sent sent, Request request, Fault fault, TaskCompletionSource<WireReply> answer)
    {
        TimeSpan there = _world.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(800));
        TimeSpan back = _world.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(800));
        switch (fault)
        {
            case Fault.Refused or Fault.TlsFails:
                Fail(WireOutcome.NotSent);
                return;
            case Fault.CutInRequest or Fault.Http503Before:
                Fail(WireOutcome.NoAnswer);
                return;
            case Fault.NeverProcessed:
                return;
            case Fault.ProcessedLate:
                // The connection is gone, and the request is worked off all the same, perhaps long after.
                there = _world.Between(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(_world.Chance(0.2) ? 90 : 2));
                Fail(WireOutcome.NoAnswer);
                break;
            case Fault.SlowAnswer:
                back = _world.Between(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
                break;
        }

        // From here on it is SEFAZ's: whether the process lives or still waits does not matter to it.
        _world.After(there, () =>
        {
            Answer said = history.Sefaz.Process(request.Service, request.Key, request.Version, request.NRec);
            _world.Note($"SEFAZ answers #{sent.Number}: {said.CStat}");
            if (fault is Fault.ProcessedLate or Fault.AnswerNeverSent)
            {
                return;
            }

            _world.After(back, () => Hand(sent, request, fault, said, answer), process);
        });

        void Fail(WireOutcome outcome) => _world.After(back, () => answer.TrySetResult(Failed(outcome)), process);
    }

    private void Hand(Sent sent, Request request, Fault fault, Answer said, TaskCompletionSource<WireReply> answer)
    {
        if (answer.Task.IsCompleted)
        {
            return;
        }

        switch (fault)
        {
            case Fault.CutAfterRequest or Fault.CutInReply or Fault.Http503After:
                answer.SetResult(Failed(WireOutcome.NoAnswer));
                return;
            case Fault.Html:
                Give("<!DOCTYPE html><html><body>Manuten&ccedil;&atilde;o</body></html>");
                return;
            case Fault.SoapFault:
                Give("<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body><soap:Fault><soap:Reason>"
                    + "<soap:Text>Server was unable to process request</soap:Text></soap:Reason></soap:Fault></soap:Body></soap:Envelope>");
                return;
            case Fault.EmptyAnswer:
                Give(string.Empty);
                return;
            case Fault.FirstQuarter or Fault.TwoQuarters or Fault.ThreeQuarters:
                Give(said.Body[..(said.Body.Length * (fault - Fault.FirstQuarter + 1) / 4)]);
                return;
            case Fault.OtherEnvironment:
                Give(said.Body.Replace("<tpAmb>2<", "<tpAmb>1<", StringComparison.Ordinal));
                return;
            case Fault.OtherNotesProtocol or Fault.OtherDigVal or Fault.NoDigVal when Lie(request, fault, said.Body) is { } lie:
                history.Checker.LiedTo(request.Key, fault);
                Give(lie);
                return;
            default:
                sent.Delivered = said.CStat;
                Give(said.Body);
                return;
        }

        void Give(string body) => answer.SetResult(new WireReply(WireOutcome.Answered, 200, Encoding.UTF8.GetBytes(body), null));
    }

    /// <summary>The answer with another protocol; null where it has none.</summary>
    private string? Lie(Request request, Fault fault, string body)
    {
        int start = body.IndexOf("<protNFe", StringComparison.Ordinal);
        int end = body.IndexOf("</protNFe>", StringComparison.Ordinal) + "</protNFe>".Length;
        if (start < 0)
        {
            return null;
        }

        string protocol = body[start..end];
        PoolVersion[] other = NotePool.Notes.First(versions => versions[0].Key != request.Key);
        string? own = Between(protocol, "<digVal>", "</digVal>");
        string? changed = fault switch
        {
            Fault.OtherNotesProtocol => SimSefaz.ProtNFe(
                other[0].Key, other[0].DigVal, OtherNotesCodes[_world.Dice.Next(OtherNotesCodes.Length)], "De outra nota", "143999999999999", _world.Now),
            _ when own is null => null,
            Fault.OtherDigVal => protocol.Replace(own, other[1].DigVal, StringComparison.Ordinal),
            _ => protocol.Replace("<digVal>" + own + "</digVal>", string.Empty, StringComparison.Ordinal),
        };
        return changed is null ? null : body[..start] + changed + body[end..];
    }

    private static WireReply Failed(WireOutcome outcome) => new(
        outcome,
        null,
        default,
        new NfceSyncException(
            outcome == WireOutcome.NotSent ? ErrorIds.NfceSefazUnreachable : ErrorIds.NfceSefazNoAnswer,
            NfceErrorCategory.ConnectionError,
            "SIM",
            "SIM",
            "simulated"));

    public static string? Between(string text, string before, string after)
    {
        int start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start += before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }
}

/// <summary>A request as SEFAZ reads it.</summary>
internal sealed class Request
{
    public Request(History history, SefazService service, byte[] envelope, string text)
    {
        Service = service;
        NRec = SimWire.Between(text, "<nRec>", "</nRec>");
        Key = service switch
        {
            SefazService.Autorizacao => SimWire.Between(text, " Id=\"NFe", "\"")!,
            SefazService.ConsultaProtocolo => SimWire.Between(text, "<chNFe>", "</chNFe>")!,
            SefazService.RetAutorizacao => history.Sefaz.KeyOf(NRec!),
            _ => string.Empty,
        };
        if (service == SefazService.Autorizacao)
        {
            LoteId = long.Parse(SimWire.Between(text, "<idLote>", "</idLote>")!, System.Globalization.CultureInfo.InvariantCulture);
            int start = envelope.AsSpan().IndexOf("<NFe "u8);
            int end = envelope.AsSpan().IndexOf("</NFe>"u8) + "</NFe>"u8.Length;
            byte[] note = envelope[start..end];
            Version = NotePool.Notes.SelectMany(versions => versions)
                .FirstOrDefault(version => version.Key == Key && version.Bytes.AsSpan().SequenceEqual(note));
            if (Version is null)
            {
                history.Broken("the bytes that were sent are not the bytes that were read");
            }
        }
    }

    public SefazService Service { get; }

    public string Key { get; }

    public long LoteId { get; }

    public string? NRec { get; }

    public PoolVersion? Version { get; }
}

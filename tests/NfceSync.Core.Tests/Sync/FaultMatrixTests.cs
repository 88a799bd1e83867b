using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;
using Xunit.Abstractions;

using Kind = NfceSync.SefazSimulator.FaultKind;
using NoteState = NfceSync.Core.Queue.NoteState;

namespace NfceSync.Core.Tests.Sync;

/// <summary>
/// Every fault at every service it can strike, through real TLS and HTTP: what the note is while the fault lasts, what ended
/// the run, and what the note is after a run without faults.
/// </summary>
public class FaultMatrixTests(ITestOutputHelper output)
{
    private const SefazService Status = SefazService.Status;
    private const SefazService Transmit = SefazService.Autorizacao;
    private const SefazService Consult = SefazService.Consulta;
    private const SefazService Receipt = SefazService.RetAutorizacao;

    private const NoteState P = NoteState.Pending;
    private const NoteState U = NoteState.Uncertain;
    private const NoteState A = NoteState.Authorized;
    private const NoteState C = NoteState.Conflict;

    // A fault strikes at every call while it lasts; a run makes two calls about the note then, and asks each question twice.
    private static readonly SyncOptions Brief = new()
    {
        Pacing = new SyncPacing
        {
            Retries = 1,
            CallsANote = 2,
            RetryDelay = TimeSpan.FromMilliseconds(5),
            ConsultDelay = TimeSpan.FromMilliseconds(5),
            ReceiptDelay = TimeSpan.FromMilliseconds(5),
            CallTimeout = TimeSpan.FromSeconds(20),
        },
    };

    private static readonly SyncOptions Impatient = new() { Pacing = Brief.Pacing with { CallTimeout = TimeSpan.FromSeconds(3) } };

    private static readonly string? Unreachable = ErrorIds.NfceSefazUnreachable;

    // The state of the note for each service: where the fault does not strike that service there is no row. Where a
    // transmission is lost before it is processed, the consultation finds nothing and the note is Pending again; where its
    // answer is lost, the consultation of the same run brings the protocol.
    private static readonly Row[] Rows =
    [
        .. Four(Kind.CutBeforeRequest, P, P, U, U, Unreachable),
        .. Four(Kind.CutInRequest, P, P, U, U, Unreachable),
        .. Four(Kind.CutAfterRequest, P, P, U, U, Unreachable),
        .. Four(Kind.CutAfterProcessing, P, A, U, U, Unreachable),
        .. Four(Kind.CutAtQuarterOfReply, P, A, U, U, Unreachable),
        .. Four(Kind.CutAtHalfOfReply, P, A, U, U, Unreachable),
        .. Four(Kind.CutAtThreeQuartersOfReply, P, A, U, U, Unreachable),
        .. Four(Kind.AnswerNeverSent, P, A, U, U, Unreachable, impatient: true),
        .. Four(Kind.HttpUnavailable, P, P, U, U, ErrorIds.NfceSefazHttpError),
        .. Four(Kind.HtmlPage, P, P, U, U, Unreachable),
        .. Four(Kind.SoapFault, P, P, U, U, ErrorIds.NfceSefazHttpError),
        .. Four(Kind.EmptyBody, P, P, U, U, Unreachable),
        new(Kind.HttpUnavailable, Transmit, A) { AfterProcessing = true },
        new(Kind.HtmlPage, Transmit, A) { AfterProcessing = true },
        new(Kind.SoapFault, Transmit, A) { AfterProcessing = true },
        new(Kind.EmptyBody, Transmit, A) { AfterProcessing = true },
        new(Kind.ForeignProtocol, Transmit, C, C),
        new(Kind.ForeignProtocol, Consult, C, C),
        new(Kind.ForeignProtocol, Receipt, C, C),
        new(Kind.WrongDigVal, Transmit, C, C),
        new(Kind.WrongDigVal, Consult, C, C),
        new(Kind.WrongDigVal, Receipt, C, C),
        new(Kind.MissingDigVal, Transmit, A),
        new(Kind.MissingDigVal, Consult, U),
        new(Kind.MissingDigVal, Receipt, U),
        new(Kind.AuthorizedWithAlert, Transmit, A),
        .. Four(Kind.UnknownCode, P, P, U, U, ErrorIds.NfceServiceStateUnknown),
        new(Kind.UnknownCode, Transmit, A) { AfterProcessing = true },
        .. Four(Kind.WrongTpAmb, P, A, U, U, Unreachable),
        new(Kind.InvalidReply, Transmit, A),
        new(Kind.InvalidReply, Consult, U),
        new(Kind.InvalidReply, Receipt, U),
        new(Kind.PausedForNow, Status, P) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedForNow, Transmit, P) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedForNow, Consult, U) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedForNow, Receipt, U) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedIndefinitely, Status, P) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedIndefinitely, Transmit, P) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedIndefinitely, Consult, U) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.PausedIndefinitely, Receipt, U) { Stop = ErrorIds.NfceServicePaused },
        new(Kind.ConsumoIndevido, Status, P) { Stop = ErrorIds.NfceConsumptionBlocked },
        new(Kind.ConsumoIndevido, Transmit, P) { Stop = ErrorIds.NfceConsumptionBlocked },
        new(Kind.ConsumoIndevido, Consult, U) { Stop = ErrorIds.NfceConsumptionBlocked },
        new(Kind.ConsumoIndevido, Receipt, U) { Stop = ErrorIds.NfceConsumptionBlocked },
        .. Four(Kind.Latency, A, A, A, A, null),
        .. Four(Kind.SlowDrip, A, A, A, A, null),
        new(Kind.DelayedProcessing, Transmit, P),
        new(Kind.Receipt, Transmit, U),
        new(Kind.EndlessDuplicate, Transmit, P),
        new(Kind.TlsHandshakeClosed, Status, P) { Stop = Unreachable },
        new(Kind.TlsHandshakeClosed, Transmit, P),
        new(Kind.TlsHandshakeClosed, Consult, U),
        new(Kind.TlsHandshakeReset, Status, P) { Stop = Unreachable },
        new(Kind.TlsHandshakeReset, Transmit, P),
        new(Kind.TlsHandshakeReset, Consult, U),
    ];

    [Fact]
    public void Every_kind_of_fault_is_in_the_table() =>
        Assert.Equal(Enum.GetValues<Kind>().Order(), Rows.Select(row => row.Kind).Distinct().Order());

    [Fact]
    public async Task Every_fault_at_every_service_leads_to_its_stated_state()
    {
        var table = new StringBuilder();
        table.AppendLine(string.Join(" | ", "fault", "service", "while it lasts", "run ended by", "after a run without faults"));
        var wrong = new List<string>();
        foreach (Row[] some in Rows.Chunk(6))
        {
            foreach (Outcome outcome in await Task.WhenAll(some.Select(PlayAsync)))
            {
                Row row = outcome.Row;
                string line = string.Join(" | ", row.Name, row.Service, outcome.During, outcome.Stop ?? "-", outcome.After);
                table.AppendLine(line);
                if ((outcome.During, outcome.Stop, outcome.After) != (row.During, row.Stop, row.After) || outcome.Broken is not null)
                {
                    wrong.Add($"{line} {outcome.Broken} (stated: {row.During}, {row.Stop}, {row.After})");
                }
            }
        }

        output.WriteLine(table.ToString());
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    private static async Task<Outcome> PlayAsync(Row row)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        if (row.IsTls && row.Service == Transmit)
        {
            // So that the service's state is known and the first connection of the run is that of the transmission.
            store.DropNotes(1, first: 2);
            await store.TakeInAsync();
            await store.SyncAsync();
        }

        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        Arm(store, row);

        SyncReport during = await store.SyncAsync(row.Impatient ? Impatient : Brief);
        NoteState state = store.StateOf(note.ChNFe);

        store.Simulator.Faults.Clear();

        // The block is over, and the service may be asked about again.
        clock.Shift = TimeSpan.FromMinutes(row.Kind == Kind.ConsumoIndevido ? 66 : 4);

        store.ReopenQueue();
        await store.SyncAsync();
        return new Outcome(row, state, during.Stop?.ErrorId, store.StateOf(note.ChNFe), Broken(store, note, row));
    }

    private static void Arm(TestStore store, Row row)
    {
        if (row.Service is Consult or Receipt)
        {
            // What makes the run ask.
            store.Simulator.Faults.Add(row.Service == Consult
                ? FaultRule.Once(Kind.CutAfterProcessing, Transmit)
                : new FaultRule(Kind.Receipt) { Service = Transmit, Times = 1, Calls = 0 });
        }

        store.Simulator.Faults.Add(new FaultRule(row.Kind)
        {
            Service = row.IsTls ? null : row.Service,
            FromCall = row.IsTls && row.Service == Consult ? 2 : 1,
            AfterProcessing = row.AfterProcessing,
            Duration = row.Kind is Kind.Latency or Kind.SlowDrip ? TimeSpan.FromMilliseconds(120) : TimeSpan.Zero,
            Jitter = row.Kind == Kind.Latency ? TimeSpan.FromMilliseconds(40) : TimeSpan.Zero,
        });
    }

    /// <summary>What no fault may lead to: authorised twice, or sent again without having been asked for.</summary>
    private static string? Broken(TestStore store, SignedNote note, Row row)
    {
        int registered = store.Simulator.Ledger.Calls.Count(call => call.Registered && call.ChNFe == note.ChNFe);
        if (registered != 1 && row.After == A)
        {
            return $"registered {registered} times";
        }

        bool uncertain = false;
        foreach (CallRecord call in store.Simulator.Ledger.Calls)
        {
            if (call.Service == Transmit && uncertain)
            {
                return "sent while uncertain";
            }

            uncertain = call.Service == Transmit ? !(call.Delivered && call.CStat is 100 or 108 or 109 or 656) : uncertain && call.Service == Status;
        }

        return null;
    }

    private static IEnumerable<Row> Four(
        Kind kind, NoteState status, NoteState transmit, NoteState consult, NoteState receipt, string? statusStop, bool impatient = false)
    {
        yield return new Row(kind, Status, status) { Stop = statusStop, Impatient = impatient };
        yield return new Row(kind, Transmit, transmit) { Impatient = impatient };
        yield return new Row(kind, Consult, consult) { Impatient = impatient };
        yield return new Row(kind, Receipt, receipt) { Impatient = impatient };
    }

    private sealed record Row(Kind Kind, SefazService Service, NoteState During, NoteState After = NoteState.Authorized)
    {
        public string? Stop { get; init; }

        public bool AfterProcessing { get; init; }

        public bool Impatient { get; init; }

        public bool IsTls => Kind is Kind.TlsHandshakeClosed or Kind.TlsHandshakeReset;

        public string Name => AfterProcessing ? Kind + "+" : Kind.ToString();
    }

    private sealed record Outcome(Row Row, NoteState During, string? Stop, NoteState After, string? Broken);
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;
using SefazService = NfceSync.SefazSimulator.SefazService;

namespace NfceSync.Core.Tests.Sync;

/// <summary>What may come between the commit that announces a call and the call.</summary>
public class AnnouncedCallTests
{
    private static readonly SyncOptions OneByOne = TestStore.Quick with { ThrottleLimit = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_clock_that_is_put_forward_in_a_run_does_not_end_it(int throttle)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await AfterAnnouncementAsync(clock, _ => clock.Shift += TimeSpan.FromMinutes(10));
        IReadOnlyList<SignedNote> notes = store.DropNotes(20);
        await store.TakeInAsync();

        SyncReport report = await store.SyncAsync(TestStore.Quick with { ThrottleLimit = throttle });

        Assert.Null(report.Stop);
        Assert.Equal((20, 20), (report.Handled, report.Final));
        Assert.All(notes, note => Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe)));
        Assert.Equal(20, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task Nothing_is_sent_after_the_lease_has_passed_to_another_run()
    {
        var clock = new ShiftedClock();
        await using TestStore store = await AfterAnnouncementAsync(clock, held =>
        {
            clock.Shift += Leases.Duration + TimeSpan.FromSeconds(1);
            using NfceQueue other = held.OpenAnother();
            Done(() => other.Leases.AcquireAsync(held.Store.IssuerId, 2, wait: false, CancellationToken.None));
        });
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();

        SyncReport report = await store.SyncAsync(OneByOne);

        Assert.Equal(ErrorIds.NfceLeaseLost, report.Stop?.ErrorId);
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Autorizacao));

        // What was announced is the other run's to ask for.
        Assert.Equal(
            new[] { NoteState.Pending, NoteState.Pending, NoteState.Transmitting }, notes.Select(note => store.StateOf(note.ChNFe)).Order());
    }

    [Fact]
    public async Task What_came_in_while_the_run_stood_still_is_heeded()
    {
        var clock = new ShiftedClock();
        SignedNote? note = null;
        await using TestStore store = await AfterAnnouncementAsync(clock, held =>
        {
            clock.Shift += TimeSpan.FromMinutes(10);
            held.Drop("proc.xml", NoteDocuments.AsNfeProc(note!));
            using NfceQueue other = held.OpenAnother();
            Done(() => new Intake(other, held.Store).TakeInAsync(CancellationToken.None));
        });
        note = store.DropNotes(1)[0];
        store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes);
        await store.TakeInAsync();

        await store.SyncAsync(OneByOne);

        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal(NoteState.Uncertain, store.StateOf(note.ChNFe));
        Assert.Equal(1, (await store.SyncAsync(OneByOne)).Final);
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task A_stop_that_comes_while_a_note_is_announced_keeps_it_from_being_sent()
    {
        using var stop = new CancellationTokenSource();
        await using TestStore store = await AfterAnnouncementAsync(new ShiftedClock(), _ => stop.Cancel());
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();
        var listener = new TestStore.Listener();

        SyncReport report = await store.SyncAsync(OneByOne, listener, stop: stop.Token);

        Assert.Equal((ErrorIds.NfceStopped, 0), (report.Stop?.ErrorId, report.Handled));
        Assert.Empty(listener.Results);
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Autorizacao));

        // No byte left, and the queue knows it: nothing is in doubt.
        Assert.All(notes, note => Assert.Equal(NoteState.Pending, store.StateOf(note.ChNFe)));
        using (SqlSession session = store.Queue.Database.Open(readOnly: true))
        {
            Assert.Equal((long)WireOutcome.NotSent, session.Scalar<long>("SELECT outcome FROM attempt WHERE service = 0"));
        }

        Assert.Equal(3, (await store.SyncAsync(OneByOne)).Final);
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Consulta));
    }

    [Fact]
    public async Task A_transmission_that_did_not_leave_is_not_tried_again_where_the_erps_nfeProc_came_in()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes);
        await store.TakeInAsync();
        NoTransmissionWire? refusing = null;
        var listener = new TestStore.Listener();

        await store.SyncAsync(OneByOne, listener, wire: wire => refusing = new NoTransmissionWire(wire, async () =>
        {
            store.Drop("proc.xml", NoteDocuments.AsNfeProc(note));
            await store.TakeInAsync();
        }));

        Assert.Equal(1, refusing!.Refused);
        Assert.Equal(NoteState.Uncertain, store.StateOf(note.ChNFe));
        Assert.Equal(NoteState.Uncertain, Assert.Single(listener.Results).State);
        Assert.Equal(1, (await store.SyncAsync(OneByOne)).Final);
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Theory]
    [InlineData(NoteState.Transmitting, false, true)]
    [InlineData(NoteState.Transmitting, true, false)]
    [InlineData(NoteState.Pending, false, false)]
    [InlineData(NoteState.Uncertain, false, false)]
    [InlineData(NoteState.Rejected, false, false)]
    [InlineData(NoteState.Conflict, false, false)]
    [InlineData(NoteState.Authorized, false, false)]
    public async Task Only_an_announced_note_without_evidence_is_still_to_be_sent(NoteState state, bool evidence, bool still)
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        using SqlSession session = store.Queue.Database.Open();
        QueuedNote note = NoteWrites.Page(session, store.Store.Id, NoteState.Pending, null, DateTimeOffset.UtcNow).Single();

        session.Execute("UPDATE note SET state = $1, evidence = $2", (int)state, evidence ? "<protNFe/>"u8.ToArray() : null);

        Assert.Equal(still, NoteWrites.IsStillToBeSent(session, note));
    }

    /// <summary>A store of whose queue something happens once, right after the commit that announced the first transmission.</summary>
    private static async Task<TestStore> AfterAnnouncementAsync(ShiftedClock clock, Action<TestStore> happens)
    {
        TestStore? store = null;
        int happened = 0;
        store = await TestStore.CreateAsync(
            probe: point =>
            {
                if (point == CrashPoint.AfterCommit && store is not null && IsAnnounced(store) && Interlocked.Exchange(ref happened, 1) == 0)
                {
                    happens(store);
                }
            },
            clock: clock);
        return store;
    }

    private static bool IsAnnounced(TestStore store)
    {
        using SqlSession session = store.Queue.Database.Open(readOnly: true);
        return session.Scalar<long>("SELECT count(*) FROM note WHERE state = 2") > 0;
    }

    // The queue's writer stands still meanwhile, on whatever thread it is.
    private static void Done(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();
}

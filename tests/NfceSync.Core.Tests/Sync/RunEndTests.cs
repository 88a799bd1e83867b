using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Time.Testing;

using NfceSync.Core.Queue;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;
using SefazService = NfceSync.SefazSimulator.SefazService;

namespace NfceSync.Core.Tests.Sync;

/// <summary>How a run ends, and that it tells of each note that it touched, once.</summary>
public class RunEndTests
{
    private static readonly SyncOptions OneByOne = TestStore.Quick with { ThrottleLimit = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task A_sefaz_that_takes_requests_and_never_answers_ends_the_run_after_few_notes(int throttle)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        IReadOnlyList<SignedNote> notes = store.DropNotes(24);
        await store.TakeInAsync();
        var wire = new HangingWire();
        var listener = new TestStore.Listener();

        SyncReport report = VirtualTime.Run(
            clock, () => store.SyncAsync(new SyncOptions { ThrottleLimit = throttle }, listener, wire: _ => wire), new Random(throttle));

        Assert.Equal(ErrorIds.NfceSefazUnreachable, report.Stop?.ErrorId);
        Assert.InRange(wire.Transmissions, 1, throttle);
        Assert.InRange(wire.Transmissions + wire.Questions, 6, 6 + throttle);
        PendingItem[] left = store.Queue.Pending(store.Store).ToArray();
        Assert.Equal(wire.Transmissions, left.Count(item => item.State == NoteState.Uncertain));
        Assert.All(left, item => Assert.Equal(item.State == NoteState.Pending, item.Attempts == 0));

        // Each note that was sent is told, the others were not touched.
        Assert.Equal(
            left.Where(item => item.State == NoteState.Uncertain).Select(item => item.ChNFe).Order(), listener.Results.Select(told => told.ChNFe).Order());
        Assert.Equal((wire.Transmissions, 0), (report.Handled, report.Final));
        Assert.Equal(24, notes.Count);
    }

    [Fact]
    public async Task A_note_that_a_limit_holds_in_the_middle_of_a_run_is_told_with_its_wait()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        store.Simulator.Faults.Add(
            FaultRule.Once(FaultKind.CutAfterProcessing, SefazService.Autorizacao), new FaultRule(FaultKind.HtmlPage) { Service = SefazService.Consulta });
        var told = new List<SyncResult>();
        int handled = 0;
        for (int run = 0; run < 3; run++)
        {
            // A new one each time: the breaker of the last is open.
            store.ReopenQueue();
            var listener = new TestStore.Listener();
            handled += (await store.SyncAsync(OneByOne with { Pacing = OneByOne.Pacing with { Retries = 1 } }, listener)).Handled;
            told.AddRange(listener.Results);
        }

        Assert.Equal(handled, told.Count);
        SyncResult last = told[^1];
        PendingItem item = store.Item(note.ChNFe);
        Assert.NotNull(item.NotBefore);
        Assert.Equal((item.State, item.CStat, item.Reason, item.Advice), (last.State, last.CStat, last.Reason, last.Advice));
    }

    [Fact]
    public async Task A_note_that_a_limit_holds_before_its_first_call_is_told_as_the_queue_has_it()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        store.Simulator.Faults.Add(
            FaultRule.Once(FaultKind.CutAfterProcessing, SefazService.Autorizacao), new FaultRule(FaultKind.HttpUnavailable) { Service = SefazService.Consulta });
        for (int run = 0; run < 4; run++)
        {
            await store.SyncAsync(OneByOne);
            store.ReopenQueue();
        }

        store.Queue.Committer.Commit(session => session.Execute("UPDATE note SET not_before = NULL"));
        int calls = store.Simulator.Ledger.Calls.Count;
        var listener = new TestStore.Listener();

        SyncReport report = await store.SyncAsync(OneByOne, listener);

        Assert.Equal(calls, store.Simulator.Ledger.Calls.Count);
        Assert.Equal((1, 0), (report.Handled, report.Final));
        SyncResult told = Assert.Single(listener.Results);
        PendingItem item = store.Item(note.ChNFe);
        Assert.NotNull(item.NotBefore);
        Assert.Equal(ErrorIds.NfceSefazHttpError, item.ReasonId);
        Assert.Equal((item.State, item.CStat, item.Reason, item.Advice), (told.State, told.CStat, told.Reason, told.Advice));
    }

    [Fact]
    public async Task A_note_that_was_asked_for_and_could_not_be_sent_is_told_once()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        store.Queue.Committer.Commit(session => session.Execute("UPDATE note SET state = 3"));
        var listener = new TestStore.Listener();
        NoTransmissionWire? refusing = null;

        SyncReport report = await store.SyncAsync(
            OneByOne with { Pacing = OneByOne.Pacing with { Retries = 1 } }, listener, wire: wire => refusing = new NoTransmissionWire(wire));

        Assert.Equal(NoteState.Pending, Assert.Single(listener.Results).State);
        Assert.Equal((1, 0), (report.Handled, report.Final));
        Assert.Equal(2, refusing!.Refused);
        Assert.Equal(1, (await store.SyncAsync(OneByOne)).Final);
        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));
    }

    [Fact]
    public async Task The_lease_is_given_back_whatever_becomes_of_the_archive()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(2);
        await store.TakeInAsync();

        await Assert.ThrowsAsync<NotSupportedException>(() => store.SyncAsync(files: new FailingArchive()));

        LeaseGrant lease = await store.Queue.Leases.AcquireAsync(store.Store.IssuerId, 2, wait: false, CancellationToken.None);
        await store.Queue.Leases.ReleaseAsync(lease);
        await store.SyncAsync();
        Assert.True((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
    }

    [Fact]
    public async Task Nothing_is_told_of_a_note_after_the_run_has_ended()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        var listener = new TestStore.Listener();
        int toldAtTheEnd = 0;

        async Task<SyncReport> RunAsync()
        {
            SyncReport ended = await store.SyncAsync(OneByOne, listener, wire: _ => new BreakingWire());
            toldAtTheEnd = listener.Results.Count;
            return ended;
        }

        SyncReport report = VirtualTime.Run(clock, RunAsync, new NewestFirst());

        Assert.Equal(BreakingWire.ErrorId, report.Stop?.ErrorId);
        Assert.Equal((1, 1, 1), (report.Handled, toldAtTheEnd, listener.Results.Count));
        Assert.Equal(NoteState.Rejected, Assert.Single(listener.Results).State);
        Assert.Equal(new[] { NoteState.Transmitting, NoteState.Rejected }, notes.Select(note => store.StateOf(note.ChNFe)).Order());
    }

    /// <summary>Of what is ready the newest comes first: what waits for its turn waits as long as anything else can happen.</summary>
    private sealed class NewestFirst : Random
    {
        public override int Next(int maxValue) => maxValue - 1;
    }

    private sealed class FailingArchive : IArchiveFiles
    {
        public bool Put(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts) => throw new NotSupportedException();

        public void Sync(IReadOnlyList<string> paths)
        {
        }
    }
}

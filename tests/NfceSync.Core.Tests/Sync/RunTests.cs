using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Time.Testing;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;
using SefazService = NfceSync.SefazSimulator.SefazService;

namespace NfceSync.Core.Tests.Sync;

/// <summary>Whole runs against the simulator, through real TLS and HTTP.</summary>
public class RunTests
{
    private static readonly SyncOptions OneByOne = TestStore.Quick with { ThrottleLimit = 1 };

    [Fact]
    public async Task Notes_that_the_erp_sent_at_the_same_time_are_authorised_with_its_protocol()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(10);
        await store.TakeInAsync();
        foreach (SignedNote note in notes.Take(5))
        {
            store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes);
        }

        SyncReport report = await store.SyncAsync();

        Assert.Equal(10, report.Final);
        Assert.All(notes, note => Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe)));
        Assert.Equal(5, store.Simulator.Counters.Answered(204));
        Assert.Equal(10, store.Simulator.Ledger.AuthorizedCount);
    }

    [Fact]
    public async Task Other_bytes_that_the_erp_sent_under_the_key_are_a_conflict()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Ledger.AuthorizeElsewhere(store.Factory.Create(new NoteRequest { DhEmi = note.DhEmi, VNF = 1.23m }).Bytes);
        await store.TakeInAsync();

        await store.SyncAsync();
        await store.SyncAsync();

        Assert.Equal(ErrorIds.NfceDigValDiffers, store.Item(note.ChNFe).ReasonId);
        Assert.Equal(1, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task Another_key_under_the_number_is_named()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote other = store.Factory.Create(new NoteRequest { CNF = "24681357" });
        store.Simulator.Ledger.AuthorizeElsewhere(other.Bytes);
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();

        await store.SyncAsync();

        PendingItem item = store.Item(note.ChNFe);
        Assert.Equal((NoteState.Conflict, 539, other.ChNFe), (item.State, item.CStat, item.OtherKey));
    }

    [Theory]
    [InlineData(101)]
    [InlineData(151)]
    [InlineData(155)]
    public async Task A_note_cancelled_elsewhere_is_cancelled_and_its_event_kept(int cStat)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes);
        store.Simulator.Ledger.Cancel(note.ChNFe, cStat);
        await store.TakeInAsync();
        var listener = new TestStore.Listener();

        await store.SyncAsync(listener: listener);

        SyncResult result = Assert.Single(listener.Results);
        Assert.Equal((NoteState.Cancelled, cStat), (result.State, result.CStat));
        Assert.Single(Directory.GetFiles(store.ArchivePath, note.ChNFe + "-procEventoNFe.xml", SearchOption.AllDirectories));
        Assert.True((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
    }

    [Fact]
    public async Task Registered_and_not_found_in_turn_ends_as_a_conflict()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Faults.Add(new FaultRule(FaultKind.EndlessDuplicate));
        await store.TakeInAsync();

        await store.SyncAsync();
        await store.SyncAsync();

        Assert.Equal(ErrorIds.NfceRegisteredAndNotFound, store.Item(note.ChNFe).ReasonId);
        Assert.Equal(3, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal(3, store.Simulator.Counters.Calls(SefazService.Consulta));
    }

    [Fact]
    public async Task A_second_run_is_told_who_is_at_work_and_waits_where_it_is_asked_to()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(3);
        await store.TakeInAsync();
        using NfceQueue second = store.OpenAnother();
        HeldWire held = null!;
        Task<SyncReport> first = store.SyncAsync(OneByOne, wire: wire => held = new HeldWire(wire));
        await held.Arrived;

        NfceSyncException refused = await Assert.ThrowsAsync<NfceSyncException>(() => store.SyncAsync(queue: second));
        Assert.Equal(ErrorIds.NfceSyncAlreadyRunning, refused.ErrorId);
        Assert.Contains(Environment.UserName, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, refused.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);

        Task<SyncReport> waiting = store.SyncAsync(OneByOne with { Wait = true }, queue: second);
        Assert.False(waiting.IsCompleted);
        held.Release();
        Assert.Equal(3, (await first).Final);
        Assert.Equal(0, (await waiting).Handled);
        Assert.Equal(3, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task A_run_that_lost_its_lease_while_it_waited_cannot_write_and_the_note_is_not_sent_twice()
    {
        // The first run's clock stands still, as that of a machine that sleeps with its lid closed.
        var asleep = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using TestStore store = await TestStore.CreateAsync(clock: asleep);
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        HeldWire held = null!;
        Task<SyncReport> loser = store.SyncAsync(OneByOne, wire: wire => held = new HeldWire(wire));
        await held.Arrived;
        Assert.Equal(1, store.Simulator.Ledger.AuthorizedCount);

        using NfceQueue awake = store.OpenAnother(new ShiftedClock(TimeSpan.FromMinutes(3)));
        SyncReport winner = await store.SyncAsync(OneByOne, queue: awake);
        Assert.Equal(2, winner.Final);

        held.Release();
        SyncReport lost = await loser;

        Assert.Equal(ErrorIds.NfceLeaseLost, lost.Stop?.ErrorId);
        Assert.Equal(0, lost.Handled);
        Assert.All(notes, note => Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe)));
        foreach (SignedNote note in notes)
        {
            Assert.Single(store.Simulator.Ledger.CallsAbout(note.ChNFe), call => call.Service == SefazService.Autorizacao);
        }

        // The lost answer was asked for, and nothing but the winner's word is in the log as the end of an attempt.
        Assert.Equal(1, store.Simulator.Counters.Calls(SefazService.Consulta));
    }

    [Fact]
    public async Task A_dead_process_leaves_its_lease_and_its_notes_to_the_next_run()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        store.Simulator.Ledger.AuthorizeElsewhere(notes[0].Bytes);
        using (NfceQueue dead = store.OpenAnother(identity: new DeadProcess()))
        {
            await dead.Leases.AcquireAsync(store.Store.IssuerId, 2, wait: false, CancellationToken.None);
            await dead.Committer.CommitAsync(session => session.Execute("UPDATE note SET state = 2, attempts = 1"));
        }

        SyncReport report = await store.SyncAsync();

        Assert.Null(report.Stop);
        Assert.All(notes, note => Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe)));
        Assert.Equal(SefazService.Consulta, store.Simulator.Ledger.CallsAbout(notes[0].ChNFe).Single().Service);
        Assert.Equal(
            new[] { SefazService.Consulta, SefazService.Autorizacao }, store.Simulator.Ledger.CallsAbout(notes[1].ChNFe).Select(call => call.Service));
    }

    [Fact]
    public async Task After_a_656_nothing_is_sent_before_its_time_by_anyone_it_concerns()
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        string branch = TaxIds.Cnpj("123456780002");
        Store other = store.RegisterOther("Filial", branch, "filial");
        IReadOnlyList<SignedNote> notes = store.DropNotes(5);
        SignedNote branchNote = store.Factory.Create(new NoteRequest { IssuerId = branch });
        File.WriteAllBytes(Path.Combine(other.Sources[0].Path, "note.xml"), branchNote.Bytes.ToArray());
        await store.TakeInAsync();
        await store.TakeInAsync(other);
        store.Simulator.Faults.Add(new FaultRule(FaultKind.ConsumoIndevido) { Service = SefazService.Autorizacao, FromCall = 3, Times = 1 });

        SyncReport blocked = await store.SyncAsync(OneByOne);
        Assert.Equal(ErrorIds.NfceConsumptionBlocked, blocked.Stop?.ErrorId);
        int calls = store.Simulator.Ledger.Calls.Count;
        Assert.Equal(3, store.Simulator.Counters.Calls(SefazService.Autorizacao));

        // A restart; an hour later; with the clock put back since.
        foreach (int minutes in new[] { 0, 60, -600 })
        {
            clock.Shift = TimeSpan.FromMinutes(minutes);
            store.ReopenQueue();
            Assert.Equal(ErrorIds.NfceConsumptionBlocked, (await store.SyncAsync()).Stop?.ErrorId);
            Assert.Equal(ErrorIds.NfceConsumptionBlocked, (await store.SyncAsync(store: other)).Stop?.ErrorId);
            Assert.Equal(calls, store.Simulator.Ledger.Calls.Count);
            if (minutes == 60)
            {
                Assert.Equal(NoteState.Pending, store.StateOf(branchNote.ChNFe));
            }
        }

        clock.Shift = TimeSpan.FromMinutes(66);
        store.ReopenQueue();
        Assert.Null((await store.SyncAsync()).Stop);
        Assert.Null((await store.SyncAsync(store: other)).Stop);
        Assert.All(notes.Append(branchNote), note => Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe)));
    }

    [Fact]
    public async Task A_paused_service_ends_the_run()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(5);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.PausedForNow) { Service = SefazService.Autorizacao, FromCall = 2 });

        SyncReport report = await store.SyncAsync(OneByOne);

        Assert.Equal(ErrorIds.NfceServicePaused, report.Stop?.ErrorId);
        Assert.Equal(2, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal(4, notes.Count(note => store.StateOf(note.ChNFe) == NoteState.Pending));
    }

    [Theory]
    [InlineData(FaultKind.PausedForNow, ErrorIds.NfceServicePaused)]
    [InlineData(FaultKind.UnknownCode, ErrorIds.NfceServiceStateUnknown)]
    [InlineData(FaultKind.CutAfterProcessing, ErrorIds.NfceSefazUnreachable)]
    [InlineData(FaultKind.HttpUnavailable, ErrorIds.NfceSefazHttpError)]
    public async Task Three_minutes_lie_between_two_questions_about_the_service_whatever_was_said(FaultKind fault, string errorId)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        store.DropNotes(1);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(fault) { Service = SefazService.Status });

        // A run a minute.
        for (int minute = 0; minute < 45; minute++)
        {
            NfceSyncException? stop = (await store.SyncAsync()).Stop;
            store.ReopenQueue();
            bool asked = minute % 3 == 0;
            Assert.Equal(asked || errorId != ErrorIds.NfceSefazHttpError ? errorId : ErrorIds.NfceSefazUnreachable, stop?.ErrorId);
            Assert.Equal(minute / 3 + 1, store.Simulator.Counters.Calls(SefazService.Status));
            using (SqlSession session = store.Queue.Database.Open(readOnly: true))
            {
                DateTimeOffset last = session.First("SELECT max(started_at) FROM attempt", row => row.Instant(0))!.Value.ToLocalTime();
                string again = (last + TimeSpan.FromMinutes(3)).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
                Assert.Equal(!asked, stop!.Message.Contains(again, StringComparison.Ordinal));
            }

            clock.Shift += TimeSpan.FromMinutes(1);
        }

        Assert.Equal(0, store.Simulator.Counters.Blocked);
        store.Simulator.Faults.Clear();
        Assert.Equal(1, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task A_configuration_that_sefaz_refuses_stops_the_store_at_once()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(5);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 280 });

        SyncReport report = await store.SyncAsync(OneByOne);

        Assert.Equal(ErrorIds.NfceStoreMisconfigured, report.Stop?.ErrorId);
        Assert.Equal(1, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.All(notes, note => Assert.Equal(NoteState.Pending, store.StateOf(note.ChNFe)));
    }

    [Fact]
    public async Task The_other_environments_address_is_told_as_what_it_is()
    {
        // Such a SEFAZ names its own environment in its 252.
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TpAmb = 1 });
        store.DropNotes(1);
        await store.TakeInAsync();

        SyncReport report = await store.SyncAsync();

        Assert.Equal(ErrorIds.NfceStoreMisconfigured, report.Stop?.ErrorId);
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task An_authoriser_that_gives_no_answers_ends_the_run_early()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(40);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.HttpUnavailable) { Service = SefazService.Autorizacao }, new FaultRule(FaultKind.HttpUnavailable) { Service = SefazService.Consulta });

        SyncReport report = await store.SyncAsync(TestStore.Quick with { ThrottleLimit = 2 });

        Assert.Contains(report.Stop?.ErrorId, new[] { ErrorIds.NfceSefazUnreachable, ErrorIds.NfceSefazHttpError });
        Assert.InRange(store.Simulator.Counters.Calls(SefazService.Autorizacao), 1, 8);
        Assert.DoesNotContain(notes, note => store.StateOf(note.ChNFe) is not (NoteState.Pending or NoteState.Uncertain));
        Assert.All(notes, note => Assert.DoesNotContain("{0}", store.Item(note.ChNFe).Reason ?? "", StringComparison.Ordinal));

        store.Simulator.Faults.Clear();
        store.ReopenQueue();
        Assert.Equal(40, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task An_authoriser_that_cannot_be_reached_leaves_everything_pending()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();

        // Port 1 on loopback refuses.
        SyncReport report = await store.SyncAsync(store: store.Store with { ServiceBaseAddress = new Uri("https://localhost:1/") });

        Assert.Equal(ErrorIds.NfceSefazUnreachable, report.Stop?.ErrorId);
        Assert.All(notes, note => Assert.Equal(NoteState.Pending, store.StateOf(note.ChNFe)));
        Assert.Equal(3, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task A_server_whose_certificate_does_not_chain_gets_nothing()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();
        string strangers = Path.Combine(store.Folder, "stranger.pem");
        using (TestAuthority stranger = TestAuthority.Create())
        {
            stranger.WriteRoot(strangers);
        }

        SyncReport report = await store.SyncAsync(store: store.Store with { TrustedRootPath = strangers });

        Assert.Equal(ErrorIds.NfceServerCertificateUntrusted, report.Stop?.ErrorId);
        Assert.Empty(store.Simulator.Ledger.Calls);
        Assert.All(notes, note => Assert.Equal(NoteState.Pending, store.StateOf(note.ChNFe)));
    }

    [Fact]
    public async Task A_stop_while_an_answer_hangs_ends_within_two_seconds_with_the_note_in_doubt()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.AnswerNeverSent) { Service = SefazService.Autorizacao });
        using var stop = new CancellationTokenSource();
        Task<SyncReport> running = store.SyncAsync(OneByOne with { Pacing = OneByOne.Pacing with { CallTimeout = TimeSpan.FromMinutes(1) } }, stop: stop.Token);
        await UntilAsync(() => store.Simulator.Ledger.AuthorizedCount == 1);

        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        SyncReport report = await running;

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"It took {watch.Elapsed}.");
        Assert.Equal(ErrorIds.NfceStopped, report.Stop?.ErrorId);
        Assert.Equal(
            new[] { NoteState.Pending, NoteState.Pending, NoteState.Uncertain }, notes.Select(note => store.StateOf(note.ChNFe)).Order());

        // The lease is free, and what was in doubt is asked for first.
        store.Simulator.Faults.Clear();
        Assert.Equal(3, (await store.SyncAsync()).Final);
        Assert.Equal(3, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task A_clock_that_is_hours_ahead_is_told_and_the_notes_go_in_when_their_time_has_come()
    {
        var machine = new ShiftedClock();
        var sefaz = new ShiftedClock(TimeSpan.FromHours(-5));
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = sefaz }, clock: machine);
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        var listener = new TestStore.Listener();

        Assert.Null((await store.SyncAsync(listener: listener)).Stop);

        Assert.Equal(ErrorIds.NfceClockWrong, Assert.Single(listener.Warnings).ErrorId);
        PendingItem item = store.Item(note.ChNFe);
        Assert.Equal((NoteState.Pending, 703), (item.State, item.CStat));

        // Issued half an hour ago by a clock five hours ahead, with five minutes of tolerance.
        TimeSpan wait = item.NotBefore!.Value - DateTimeOffset.UtcNow;
        Assert.InRange(wait.TotalMinutes, 260, 266);

        // Before its time it is left alone; then it goes in.
        Assert.Equal(0, (await store.SyncAsync()).Handled);
        machine.Shift += TimeSpan.FromMinutes(270);
        sefaz.Shift += TimeSpan.FromMinutes(270);
        store.ReopenQueue();
        Assert.Equal(1, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task A_clock_that_is_hours_behind_is_told_and_the_notes_go_in()
    {
        var sefaz = new ShiftedClock(TimeSpan.FromHours(5));
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = sefaz });
        store.DropNotes(2);
        await store.TakeInAsync();
        var listener = new TestStore.Listener();

        Assert.Equal(2, (await store.SyncAsync(listener: listener)).Final);

        Assert.Equal(ErrorIds.NfceClockWrong, Assert.Single(listener.Warnings).ErrorId);
    }

    [Fact]
    public async Task A_lease_from_before_the_clock_was_put_back_holds_no_longer_than_a_lease_does()
    {
        var clock = new ShiftedClock(TimeSpan.FromHours(5));
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        store.DropNotes(1);
        await store.TakeInAsync();
        using NfceQueue other = store.OpenAnother();
        await other.Leases.AcquireAsync(store.Store.IssuerId, 2, wait: false, CancellationToken.None);

        // Its holder may live, so it is not taken at once; it would renew the lease within its usual length.
        clock.Shift = TimeSpan.Zero;
        NfceSyncException refused = await Assert.ThrowsAsync<NfceSyncException>(() => store.SyncAsync());
        Assert.Equal(ErrorIds.NfceSyncAlreadyRunning, refused.ErrorId);

        clock.Shift = Leases.Duration + TimeSpan.FromSeconds(1);
        Assert.Equal(1, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task The_nearest_deadline_goes_first()
    {
        await using TestStore store = await TestStore.CreateAsync();
        int[] daysAgo = [0, 5, 2, 9, 3];
        for (int i = 0; i < daysAgo.Length; i++)
        {
            store.Drop(store.Factory.Create(new NoteRequest { Number = i + 1, DhEmi = DateTimeOffset.Now.AddMinutes(-30).AddDays(-daysAgo[i]) }));
        }

        await store.TakeInAsync();
        string[] byDeadline = store.Queue.Pending(store.Store).OrderBy(item => item.Deadline).Select(item => item.ChNFe!).ToArray();

        await store.SyncAsync(OneByOne);

        Assert.Equal(byDeadline, store.Simulator.Ledger.Calls.Where(call => call.Service == SefazService.Autorizacao).Select(call => call.ChNFe));
        Assert.Equal(150, store.Simulator.Ledger.Find(byDeadline[0])!.CStat);
    }

    [Fact]
    public async Task Never_more_is_on_the_wire_than_the_limit_allows()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(15);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.Latency) { Service = SefazService.Autorizacao, Duration = TimeSpan.FromMilliseconds(150) });
        CountingWire counting = null!;

        SyncReport report = await store.SyncAsync(TestStore.Quick with { ThrottleLimit = 3 }, wire: wire => counting = new CountingWire(wire));

        Assert.Equal(15, report.Final);
        Assert.Equal(3, counting.Most);
    }

    [Fact]
    public async Task A_key_is_consulted_a_few_times_an_hour_whatever_happens_to_the_answers()
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        store.Simulator.Faults.Add(
            FaultRule.Once(FaultKind.CutAfterProcessing, SefazService.Autorizacao), new FaultRule(FaultKind.CutAfterProcessing) { Service = SefazService.Consulta });

        for (int run = 0; run < 8; run++)
        {
            await store.SyncAsync();
            store.ReopenQueue();
        }

        // SEFAZ allows ten an hour (Anexo I 4.3.4); the wait is shown.
        Assert.InRange(store.Simulator.Counters.Calls(SefazService.Consulta), 3, 6);
        Assert.Equal(0, store.Simulator.Counters.Blocked);
        PendingItem item = store.Item(note.ChNFe);
        Assert.Equal(NoteState.Uncertain, item.State);
        Assert.InRange((item.NotBefore!.Value - clock.GetUtcNow()).TotalMinutes, 30, 60);

        store.Simulator.Faults.Clear();
        clock.Shift = TimeSpan.FromMinutes(61);
        Assert.Equal(1, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task Calls_of_which_no_byte_left_use_up_no_limit()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        await store.SyncAsync();
        SignedNote note = store.DropNotes(1, first: 2)[0];
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.TlsHandshakeReset));
        for (int run = 0; run < 4; run++)
        {
            await store.SyncAsync();
            store.ReopenQueue();
        }

        PendingItem item = store.Item(note.ChNFe);
        Assert.Equal((NoteState.Pending, null, 4), (item.State, item.NotBefore, item.Attempts));

        store.Simulator.Faults.Clear();
        Assert.Equal(1, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task A_rejection_of_the_content_is_never_repeated_by_itself()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 230, ChNFe = notes[1].ChNFe });

        for (int run = 0; run < 3; run++)
        {
            Assert.Null((await store.SyncAsync()).Stop);
            await store.TakeInAsync();
        }

        PendingItem item = store.Item(notes[1].ChNFe);
        Assert.Equal((NoteState.Rejected, 230), (item.State, item.CStat));
        Assert.Equal(3, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal(0, store.Simulator.Counters.Calls(SefazService.Consulta));
    }

    [Theory]
    [InlineData(397, 3)]
    [InlineData(291, 3)]
    [InlineData(280, 10)]
    public async Task A_note_that_is_refused_again_and_again_lets_the_others_through_and_is_given_up_before_sefaz_blocks(int cStat, int times)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        SignedNote bad = store.Factory.Create(new NoteRequest { Number = 1, DhEmi = DateTimeOffset.Now.AddHours(-3) });
        store.Drop(bad);
        IReadOnlyList<SignedNote> good = store.DropNotes(10, first: 2);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = cStat, ChNFe = bad.ChNFe });

        // The first answer about the configuration stops the store at once, each time.
        for (int run = 1; run <= times; run++)
        {
            Assert.Equal(NoteState.Pending, store.StateOf(bad.ChNFe));
            Assert.Equal(ErrorIds.NfceStoreMisconfigured, (await store.SyncAsync(OneByOne)).Stop?.ErrorId);
            Assert.Equal(run == 1 ? 0 : 10, good.Count(note => store.StateOf(note.ChNFe) == NoteState.Authorized));
            clock.Shift += TimeSpan.FromMinutes(12);
            store.ReopenQueue();
        }

        Assert.Null((await store.SyncAsync(OneByOne)).Stop);
        PendingItem item = store.Item(bad.ChNFe);
        Assert.Equal((NoteState.Rejected, cStat, ErrorIds.NfceRefusedRepeatedly), (item.State, item.CStat, item.ReasonId));
        Assert.Contains($"{times} times", item.Reason, StringComparison.Ordinal);
        Assert.Contains($"({cStat} ", item.Reason, StringComparison.Ordinal);
        Assert.StartsWith(CStatCatalogue.Advice(cStat, SefazAnswer.Transmission).ToString(), item.Advice, StringComparison.Ordinal);
        Assert.Contains("-IncludeRejected", item.Advice, StringComparison.Ordinal);
        Assert.Equal(times, store.Simulator.Ledger.CallsAbout(bad.ChNFe).Count);

        // A person's verdict may take it out, and be taken back.
        store.Queue.Except(item, "settled at the counter", "somebody");
        Assert.Equal(0, store.Queue.CountPending(store.Store));
        store.Queue.Except(item, null, "somebody");
        Assert.Equal(1, store.Queue.CountPending(store.Store));
    }

    [Fact]
    public async Task A_signer_that_has_expired_earns_no_block_in_a_day_of_scheduled_runs()
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        using X509Certificate2 expired = store.Simulator.Authority.Issue(new NoteRequest().IssuerId, CertificateDefect.Expired);
        store.Drop(store.Factory.Create(new NoteRequest { Number = 1, DhEmi = DateTimeOffset.Now.AddHours(-3), Signer = expired }));
        store.DropNotes(5, first: 2);
        await store.TakeInAsync();

        for (int run = 0; run < 60; run++)
        {
            clock.Shift += TimeSpan.FromMinutes(24);
            await store.SyncAsync(OneByOne);
        }

        Assert.Equal(0, store.Simulator.Counters.Blocked);
        Assert.Equal(5, store.Simulator.Ledger.AuthorizedCount);
        Assert.Equal(8, store.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task Even_a_note_that_is_named_is_not_sent_again_after_25_equal_rejections()
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { TimeProvider = clock }, clock: clock);
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 781 });
        var listener = new TestStore.Listener();
        SyncOptions named = OneByOne with { IncludeRejected = true };
        for (int run = 0; run < 25; run++)
        {
            await store.SyncAsync(named, listener, only: [note.ChNFe]);
            clock.Shift += TimeSpan.FromMinutes(12);
        }

        Assert.Empty(listener.Warnings);
        Assert.Equal(25, store.Simulator.Counters.Calls(SefazService.Autorizacao));

        for (int run = 0; run < 3; run++)
        {
            await store.SyncAsync(named, listener, only: [note.ChNFe]);
        }

        Assert.Equal(25, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.All(listener.Warnings, warning => Assert.Equal((ErrorIds.NfceRefusedTooOften, note.ChNFe), (warning.ErrorId, warning.Target)));
        PendingItem item = store.Item(note.ChNFe);
        Assert.Equal((NoteState.Rejected, 781, ErrorIds.NfceRefusedTooOften), (item.State, item.CStat, item.ReasonId));
        Assert.DoesNotContain("-IncludeRejected", item.Advice, StringComparison.Ordinal);

        // Nor by itself, however it came to be pending.
        using (SqlSession session = store.Queue.Database.Open())
        {
            session.Execute("UPDATE note SET state = 1");
        }

        await store.SyncAsync(OneByOne);
        Assert.Equal(25, store.Simulator.Counters.Calls(SefazService.Autorizacao));
        Assert.Equal(NoteState.Rejected, store.StateOf(note.ChNFe));
    }

    [Fact]
    public async Task Refused_notes_come_behind_the_others_and_each_note_once()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(150);
        await store.TakeInAsync();
        using (SqlSession session = store.Queue.Database.Open())
        {
            // Three in four: 0, 1, 2 and 0 refusals; both parts are longer than a page.
            session.Execute("UPDATE note SET refusals = note_id % 4 % 3, deadline_at = deadline_at + note_id * 7919 % 150");
        }

        using var feed = new NoteFeed(store.Queue, store.Store, NoteState.Pending, null);
        var notes = new List<QueuedNote>();
        while (feed.Next() is { } note)
        {
            notes.Add(note);
        }

        Assert.Equal(150, notes.Select(note => note.NoteId).Distinct().Count());
        Assert.Equal(notes.OrderBy(note => note.Refusals).ThenBy(note => note.Deadline).ThenBy(note => note.NoteId), notes);
        Assert.InRange(notes.Count(note => note.Refusals > 0), 65, 85);
    }

    [Fact]
    public async Task Only_the_notes_that_were_named_are_sent()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(5);
        await store.TakeInAsync();

        SyncReport report = await store.SyncAsync(only: [notes[3].ChNFe]);

        Assert.Equal(1, report.Final);
        Assert.Equal(notes[3].ChNFe, Assert.Single(store.Simulator.Ledger.Entries).ChNFe);
    }

    [Fact]
    public async Task Nothing_is_asked_when_nothing_is_to_be_sent()
    {
        await using TestStore store = await TestStore.CreateAsync();

        Assert.Equal(0, (await store.SyncAsync()).Handled);

        Assert.Empty(store.Simulator.Ledger.Calls);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    [Fact]
    public async Task A_rejected_note_is_sent_again_as_it_is_only_where_a_person_names_it()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 781, Times = 2 });
        await store.SyncAsync();
        Assert.All(notes, note => Assert.Equal((NoteState.Rejected, 781), (store.Item(note.ChNFe).State, store.Item(note.ChNFe).CStat)));

        // Not by itself, and not where all are meant.
        await store.SyncAsync();
        await store.SyncAsync(TestStore.Quick with { IncludeRejected = true });
        Assert.Equal(0, store.Simulator.Ledger.AuthorizedCount);

        SyncReport report = await store.SyncAsync(TestStore.Quick with { IncludeRejected = true }, only: [notes[0].ChNFe]);

        Assert.Equal(1, report.Final);
        Assert.Equal((NoteState.Authorized, NoteState.Rejected), (store.StateOf(notes[0].ChNFe), store.StateOf(notes[1].ChNFe)));
        Assert.Equal(2, store.Simulator.Ledger.CallsAbout(notes[0].ChNFe).Count(call => call.Service == SefazService.Autorizacao));
        Assert.Single(store.Simulator.Ledger.CallsAbout(notes[1].ChNFe), call => call.Service == SefazService.Autorizacao);
    }
}

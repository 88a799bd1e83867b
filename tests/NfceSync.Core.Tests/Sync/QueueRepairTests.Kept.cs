using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;

namespace NfceSync.Core.Tests.Sync;

/// <summary>What a repair takes over, and what it is careful about where it cannot.</summary>
public partial class QueueRepairTests
{
    // An index: whatever counts stays readable.
    private const string Harmless = "attempt_note";

    private const string WholeNote =
        """
        SELECT concat_ws('|', note_id, store_id, state, version_id, digest_value, dh_emi, v_nf, deadline_at, hex(evidence), attempts,
            consult_turns, not_before, c_stat, x_motivo, reason_id, reason_args, other_key, n_rec, n_prot, dh_recbto, hex(protocol),
            hex(event), corrected, first_seen_at, changed_at, archived_at, exception, exception_by, exception_at)
        FROM note WHERE ch_nfe = $1
        """;

    [Fact]
    public async Task What_was_decided_stays_decided_and_what_may_have_been_sent_is_uncertain()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote authorised = store.DropNotes(1)[0];
        await store.TakeInAsync();
        await store.SyncAsync();
        IReadOnlyList<SignedNote> rejected = store.DropNotes(2, first: 2);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 781 });
        await store.SyncAsync();
        store.Simulator.Faults.Clear();
        store.Queue.Except(store.Item(rejected[1].ChNFe), "done by hand", "Ana");
        SignedNote uncertain = store.DropNotes(1, first: 4)[0];
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.CutAfterProcessing) { Service = SefazService.Autorizacao });
        store.Simulator.Faults.Add(new FaultRule(FaultKind.CutAfterRequest) { Service = SefazService.Consulta });
        await store.SyncAsync();
        store.Simulator.Faults.Clear();
        (SignedNote conflict, SignedNote otherBytes) = Pair(store, 5);
        store.Drop("first.xml", conflict.Bytes.ToArray());
        await store.TakeInAsync();
        store.Drop("second.xml", otherBytes.Bytes.ToArray());
        store.Drop("quarantined.xml", "no XML at all"u8.ToArray());
        SignedNote pending = store.DropNotes(1, first: 6)[0];
        await store.TakeInAsync();
        store.Queue.Except(store.Queue.Pending(store.Store).Single(item => item.State == NoteState.Quarantined), "a draft", "Ana");
        string[] kept = new[] { authorised, rejected[0], rejected[1], uncertain, conflict }.Select(note => note.ChNFe).ToArray();
        Assert.Equal(
            new[] { NoteState.Authorized, NoteState.Rejected, NoteState.Rejected, NoteState.Uncertain, NoteState.Conflict },
            kept.Select(store.StateOf));
        string[] before = Array.ConvertAll(kept, key => Text(store, WholeNote, key));
        string calls = Text(store, "SELECT group_concat(concat_ws('|', attempt_id, note_id, version_id, service, started_at, outcome)) FROM attempt");
        Damage(store, Harmless);

        RepairReport report = await RepairAsync(store);

        store.Reopen();
        Assert.Equal(before, kept.Select(key => Text(store, WholeNote, key)));
        Assert.Equal(calls, Text(store, "SELECT group_concat(concat_ws('|', attempt_id, note_id, version_id, service, started_at, outcome)) FROM attempt"));
        PendingItem asked = store.Item(pending.ChNFe);
        Assert.Equal((NoteState.Uncertain, ErrorIds.NfceQueueWasRebuilt), (asked.State, asked.ReasonId));
        Assert.Equal("done by hand, a draft", string.Join(", ", store.Queue.Excepted(store.Store).Select(item => item.Exception)));
        Assert.Equal((6, 0, 0, null), (report.FromDamaged, report.FromArchive, report.FromSource, report.HeldUntil));
        Assert.Empty(report.Problems);
    }

    [Fact]
    public async Task A_corrected_note_keeps_the_bytes_that_count()
    {
        await using TestStore store = await TestStore.CreateAsync();
        (SignedNote first, SignedNote second) = Pair(store, 1);
        store.Drop("a.xml", first.Bytes.ToArray());
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 781, Times = 1 });
        await store.SyncAsync();
        store.Drop("a.xml", second.Bytes.ToArray());
        await store.TakeInAsync();
        Damage(store, Harmless);

        await RepairAsync(store);

        store.Reopen();
        Assert.Equal((NoteState.Uncertain, true), (store.Item(first.ChNFe).State, store.Item(first.ChNFe).Corrected));
        await store.SyncAsync();
        Assert.Equal(second.DigestValue, Assert.Single(store.Simulator.Ledger.Entries).DigVal);
    }

    [Fact]
    public async Task A_correction_that_comes_in_after_the_repair_is_asked_for_first()
    {
        await using TestStore store = await TestStore.CreateAsync();
        (SignedNote first, SignedNote second) = Pair(store, 1);
        store.Drop("a.xml", first.Bytes.ToArray());
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 781, Times = 1 });
        await store.SyncAsync();
        Damage(store, Harmless);
        await RepairAsync(store);
        store.Reopen();
        Assert.Equal(NoteState.Rejected, store.StateOf(first.ChNFe));

        store.Drop("a.xml", second.Bytes.ToArray());
        await store.TakeInAsync();

        Assert.Equal((NoteState.Uncertain, true), (store.Item(first.ChNFe).State, store.Item(first.ChNFe).Corrected));
    }

    [Fact]
    public async Task Without_its_row_a_note_is_uncertain_and_with_several_sets_of_bytes_a_person_looks()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote one = store.DropNotes(1)[0];
        (SignedNote first, SignedNote second) = Pair(store, 2);
        store.Drop("first.xml", first.Bytes.ToArray());
        await store.TakeInAsync();
        store.Drop("second.xml", second.Bytes.ToArray());
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.CutAfterProcessing) { Service = SefazService.Autorizacao });
        store.Simulator.Faults.Add(new FaultRule(FaultKind.CutAfterRequest) { Service = SefazService.Consulta });
        await store.SyncAsync();
        store.Simulator.Faults.Clear();
        Empty(store.SourcePath);
        Damage(store, "note");

        RepairReport report = await RepairAsync(store);

        store.Reopen();
        Assert.Equal((2, null), (report.FromDamaged, report.HeldUntil));
        Assert.Empty(report.Problems);
        Assert.Equal((NoteState.Uncertain, true), (store.Item(one.ChNFe).State, store.Item(one.ChNFe).Attempts > 0));
        Assert.Equal((NoteState.Conflict, ErrorIds.NfceSameKeyOtherBytes), (store.Item(first.ChNFe).State, store.Item(first.ChNFe).ReasonId));
        await store.SyncAsync();
        Assert.Equal(NoteState.Authorized, store.StateOf(one.ChNFe));
        Assert.Equal(one.ChNFe, Assert.Single(store.Simulator.Ledger.Entries).ChNFe);
    }

    [Fact]
    public async Task A_note_without_its_bytes_waits_for_a_person()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        File.Delete(Path.Combine(store.SourcePath, notes[0].ChNFe + "-nfe.xml"));
        Damage(store, "note_version");

        await RepairAsync(store);

        store.Reopen();
        PendingItem lost = store.Item(notes[0].ChNFe);
        Assert.Equal((NoteState.Quarantined, ErrorIds.NfceNoteBytesLost), (lost.State, lost.ReasonId));
        Assert.Equal(NoteState.Uncertain, store.StateOf(notes[1].ChNFe));
    }

    [Fact]
    public async Task A_note_without_its_bytes_and_its_store_does_not_go_unnoticed()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        Damage(store, "store", "note_version");

        RepairReport report = await RepairAsync(store);

        Assert.Contains(report.Problems, problem => problem.ErrorId == ErrorIds.NfceQueuePartLost);
        store.Reopen();
        store.RegisterAgain();
        Assert.Equal(ErrorIds.NfceQueuePartLost, Assert.Single(store.Queue.Pending(store.Store)).ReasonId);
    }

    [Fact]
    public async Task A_document_that_waited_does_not_go_unnoticed_with_its_store()
    {
        await using TestStore store = await TestStore.CreateAsync();
        string draft = store.Drop("draft.xml", "no XML at all"u8.ToArray());
        await store.TakeInAsync();
        File.Delete(draft);
        Damage(store, "store");

        RepairReport report = await RepairAsync(store);

        Assert.Contains(report.Problems, problem => problem.ErrorId == ErrorIds.NfceQueuePartLost);
        store.Reopen();
        store.RegisterAgain();
        Assert.Equal(ErrorIds.NfceQueuePartLost, Assert.Single(store.Queue.Pending(store.Store)).ReasonId);
    }

    [SkippableFact]
    public async Task A_folder_of_the_archive_that_cannot_be_listed_is_told_and_the_others_are_read()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "Makes a folder whose path is longer than Linux takes.");
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        await store.SyncAsync();
        Empty(store.SourcePath);

        // Two folders that can be named each for itself, one at the end of the other.
        string[] names = Enumerable.Repeat(new string('x', 250), 10).ToArray();
        string upper = Path.Combine(names.Prepend(store.ArchivePath).ToArray());
        string lower = Path.Combine(store.Folder, "lower");
        Directory.CreateDirectory(upper);
        Directory.CreateDirectory(Path.Combine(names.Prepend(lower).ToArray()));
        Directory.Move(lower, Path.Combine(upper, "lower"));
        Damage(store, "note", "note_version");

        RepairReport report = await RepairAsync(store);

        Directory.Move(Path.Combine(upper, "lower"), lower);
        store.Reopen();
        Assert.Equal(2, report.FromArchive);
        Assert.Contains(report.Problems, problem => problem.ErrorId == ErrorIds.NfceSourceFolderUnreadable);
        Assert.All(notes, note => Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe)));
    }

    [Fact]
    public async Task A_store_that_was_lost_finds_its_notes_when_it_is_registered_again()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        Empty(store.SourcePath);
        Damage(store, "store");

        RepairReport report = await RepairAsync(store);

        Assert.Empty(report.Stores);
        Assert.Contains(report.Problems, problem => problem.ErrorId == ErrorIds.NfceStoreLost);
        store.Reopen();
        Core.Stores.Store other = store.RegisterOther("Loja 02", "98765432000198", "other");
        VerificationReport unproven = await Verification.RunAsync(store.Queue, other, CancellationToken.None);
        Assert.Equal((false, ErrorIds.NfceStoreLost), (unproven.Complete, Assert.Single(unproven.Problems).ErrorId));

        store.RegisterAgain();
        Assert.Equal(NoteState.Uncertain, store.Item(note.ChNFe).State);
        Assert.True((await Verification.RunAsync(store.Queue, other, CancellationToken.None)).Complete);
    }

    [Fact]
    public async Task A_store_of_which_not_all_folders_are_known_is_registered_again()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        Damage(store, "source_folder");

        RepairReport report = await RepairAsync(store);

        Assert.Empty(report.Stores);
        Assert.Contains(report.Problems, problem => problem.ErrorId == ErrorIds.NfceStoreLost);
        store.Reopen();
        store.RegisterAgain();
        Assert.Equal(1, store.Queue.CountPending(store.Store));
    }

    [Fact]
    public async Task A_lost_store_whose_notes_are_all_final_keeps_the_others_from_being_complete()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        await store.SyncAsync();
        Damage(store, "source_folder");
        await RepairAsync(store);
        store.Reopen();
        Core.Stores.Store other = store.RegisterOther("Loja 02", "98765432000198", "other");

        VerificationReport unproven = await Verification.RunAsync(store.Queue, other, CancellationToken.None);
        store.RegisterAgain();

        Assert.Equal((false, ErrorIds.NfceStoreLost), (unproven.Complete, Assert.Single(unproven.Problems).ErrorId));
        Assert.True((await Verification.RunAsync(store.Queue, other, CancellationToken.None)).Complete);
    }

    [Fact]
    public async Task A_store_that_was_lost_does_not_take_the_others_along()
    {
        await using TestStore store = await TestStore.CreateAsync();
        Core.Stores.Store other = store.RegisterOther("Loja 02", "98765432000198", "other");
        using (SqlSession session = store.Queue.Database.Open())
        {
            session.Execute("PRAGMA ignore_check_constraints = ON");
            session.Execute("UPDATE store SET tp_amb = 9 WHERE store_id = $1", other.Id);
        }

        Damage(store, Harmless);

        RepairReport report = await RepairAsync(store);

        Assert.Equal(store.Store.Name, Assert.Single(report.Stores));
        store.Reopen();
        Assert.Equal(store.SourcePath, Assert.Single(store.Store.Sources).Path);
    }

    [Fact]
    public async Task Two_notes_that_were_hit_do_not_take_those_between_them_along()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(60);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        string database = Path.Combine(store.QueueOptions.Home!, QueueHome.FileName);
        store.Queue.Dispose();

        // The pages that the bytes of these notes go over to.
        byte[] bytes = File.ReadAllBytes(database);
        foreach (SignedNote hit in new[] { notes[10], notes[50] })
        {
            bytes.AsSpan(bytes.AsSpan().IndexOf(hit.Bytes.Span.Slice(hit.Bytes.Length - 200)) / 4096 * 4096, 4).Fill(0xFF);
        }

        File.WriteAllBytes(database, bytes);

        RepairReport report = await RepairAsync(store);

        store.Reopen();
        Assert.True(report.FromDamaged >= 50, $"{report.FromDamaged} of {notes.Count} notes came back.");
        Assert.Equal(60, store.Queue.CountPending(store.Store));
    }

    [Fact]
    public async Task Where_notes_may_be_missing_nothing_is_complete_before_a_person_has_said_so()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        Damage(store, Harmless);
        string database = Path.Combine(store.QueueOptions.Home!, QueueHome.FileName);
        File.WriteAllBytes(database, "no database any more"u8.ToArray());

        RepairReport report = await RepairAsync(store);

        Assert.Equal(ErrorIds.NfceQueuePartLost, Assert.Single(report.Problems).ErrorId);
        store.Reopen();
        store.RegisterAgain();
        Assert.False((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
        PendingItem lost = Assert.Single(store.Queue.Pending(store.Store));
        Assert.Equal((NoteState.Quarantined, ErrorIds.NfceQueuePartLost, report.DamagedPath), (lost.State, lost.ReasonId, lost.SourcePath));

        store.Queue.Except(lost, "compared with the ERP", "Ana");
        Assert.True((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
    }

    [Fact]
    public async Task A_call_about_lost_bytes_is_not_taken_for_one_about_those_that_got_their_number()
    {
        await using TestStore store = await TestStore.CreateAsync();
        var notes = new List<SignedNote>();
        for (int number = 1; number <= 3; number++)
        {
            notes.AddRange(store.DropNotes(1, number));
            await store.TakeInAsync();
        }

        await store.SyncAsync();
        Empty(store.SourcePath);

        // The second is nowhere any more, and the third gets its number.
        File.Delete(Directory.GetFiles(store.ArchivePath, notes[1].ChNFe + "*", SearchOption.AllDirectories).Single());
        using (SqlSession session = store.Queue.Database.Open())
        {
            session.Execute("UPDATE note_version SET bytes = x'00' WHERE ch_nfe <> $1", notes[0].ChNFe);
        }

        Damage(store, Harmless);

        RepairReport report = await RepairAsync(store);

        store.Reopen();
        Assert.Equal((1, 1), (report.FromDamaged, report.FromArchive));
        Assert.Equal("2", Text(store, "SELECT CAST(version_id AS TEXT) FROM note WHERE ch_nfe = $1", notes[2].ChNFe));
        Assert.Equal(
            notes[0].ChNFe, Text(store, "SELECT group_concat(DISTINCT n.ch_nfe) FROM attempt a JOIN note n ON n.note_id = a.note_id OR n.version_id = a.version_id"));
    }

    [Fact]
    public async Task A_block_lasts_beyond_the_repair()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(3);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.ConsumoIndevido) { Service = SefazService.Autorizacao, Times = 1 });
        Assert.Equal(ErrorIds.NfceConsumptionBlocked, (await store.SyncAsync()).Stop?.ErrorId);
        int before = store.Simulator.Ledger.Calls.Count;
        Damage(store, Harmless);

        Assert.Null((await RepairAsync(store)).HeldUntil);

        store.Reopen();
        Assert.Equal(ErrorIds.NfceConsumptionBlocked, (await store.SyncAsync()).Stop?.ErrorId);
        Assert.Equal(before, store.Simulator.Ledger.Calls.Count);
    }

    [Theory]
    [InlineData("scope")]
    [InlineData("attempt")]
    public async Task Where_the_limits_cannot_be_read_nothing_is_sent_for_as_long_as_they_may_last(string table)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        store.DropNotes(3);
        await store.TakeInAsync();
        await store.SyncAsync();
        store.DropNotes(1, first: 4);
        await store.TakeInAsync();
        int before = store.Simulator.Ledger.Calls.Count;
        Damage(store, table);

        RepairReport report = await RepairAsync(store);

        store.Reopen();
        Assert.Equal(ErrorIds.NfceConsumptionBlocked, (await store.SyncAsync()).Stop?.ErrorId);
        Assert.Equal(ErrorIds.NfceConsumptionBlocked, Assert.Throws<NfceSyncException>(() => store.Queue.RequireUnblocked(store.Store)).ErrorId);
        Assert.Equal(before, store.Simulator.Ledger.Calls.Count);
        Assert.InRange(report.HeldUntil!.Value - DateTimeOffset.UtcNow, Scopes.BlockDuration - TimeSpan.FromMinutes(1), Scopes.BlockDuration);

        clock.Shift = Scopes.BlockDuration + TimeSpan.FromMinutes(1);
        Assert.Null((await store.SyncAsync()).Stop);
        Assert.Equal(0, store.Queue.CountPending(store.Store));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5000)]
    [InlineData(5000)]
    public async Task Whatever_the_clock_says_every_note_is_asked_for_before_it_is_sent(int days)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        IReadOnlyList<SignedNote> known = store.DropNotes(3);
        await store.TakeInAsync();
        store.Simulator.Faults.Add(new FaultRule(FaultKind.CutAfterProcessing) { Service = SefazService.Autorizacao });
        store.Simulator.Faults.Add(new FaultRule(FaultKind.CutAfterRequest) { Service = SefazService.Consulta });
        await store.SyncAsync();
        store.Simulator.Faults.Clear();
        Damage(store, Harmless);
        SignedNote found = store.DropNotes(1, first: 4)[0];
        clock.Shift = TimeSpan.FromDays(days);
        await RepairAsync(store);
        store.Reopen();
        SignedNote later = store.DropNotes(1, first: 5)[0];
        await store.TakeInAsync();

        Assert.All(known.Append(found).Append(later), note => Assert.Equal(NoteState.Uncertain, store.StateOf(note.ChNFe)));
    }

    [Fact]
    public async Task Only_SEFAZs_own_clock_tells_what_the_lost_queue_cannot_have_sent()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        Damage(store, Harmless);
        await RepairAsync(store);
        store.Reopen();
        await store.SyncAsync();
        DateTimeOffset now = DateTimeOffset.Now;

        SignedNote before = Dropped(store, 2, now.AddMinutes(4));
        SignedNote after = Dropped(store, 3, now.AddMinutes(6));
        await store.TakeInAsync();

        Assert.Equal((NoteState.Uncertain, NoteState.Pending), (store.StateOf(before.ChNFe), store.StateOf(after.ChNFe)));
    }

    [Fact]
    public async Task After_another_repair_SEFAZs_first_word_counts_also_where_the_earlier_calls_were_lost()
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        store.DropNotes(5);
        await store.TakeInAsync();
        await store.SyncAsync();
        Damage(store, Harmless);
        await RepairAsync(store);
        store.Reopen();
        Damage(store, "attempt");
        await RepairAsync(store);
        store.Reopen();
        store.DropNotes(1, first: 6);
        await store.TakeInAsync();
        clock.Shift = Scopes.BlockDuration + TimeSpan.FromMinutes(1);
        await store.SyncAsync();

        SignedNote after = Dropped(store, 7, DateTimeOffset.Now.AddMinutes(6));
        await store.TakeInAsync();

        Assert.Equal(NoteState.Pending, store.StateOf(after.ChNFe));
    }

    [Fact]
    public async Task A_store_that_two_repairs_have_lost_is_asked_about_with_the_newer_damaged_queue()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        Damage(store, "store", "note_version");
        await RepairAsync(store);
        store.Reopen();
        store.RegisterAgain();
        Damage(store, "store", "note", "note_version");
        RepairReport second = await RepairAsync(store);
        store.Reopen();

        store.RegisterAgain();

        Assert.Equal(second.DamagedPath, Assert.Single(store.Queue.Pending(store.Store)).SourcePath);
    }

    [Fact]
    public async Task A_store_that_was_lost_before_is_asked_about_too_when_it_comes_back()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        Damage(store, "source_folder");
        await RepairAsync(store);
        store.Reopen();
        Damage(store, "note", "note_version");
        await RepairAsync(store);
        store.Reopen();

        store.RegisterAgain();

        Assert.Equal(ErrorIds.NfceQueuePartLost, Assert.Single(store.Queue.Pending(store.Store)).ReasonId);
    }

    private static SignedNote Dropped(TestStore store, int number, DateTimeOffset dhEmi)
    {
        SignedNote note = store.Factory.Create(new NoteRequest { Number = number, DhEmi = dhEmi });
        store.Drop(note);
        return note;
    }

    private static (SignedNote First, SignedNote Second) Pair(TestStore store, int number)
    {
        SignedNote first = store.Factory.Create(new NoteRequest { Number = number, DhEmi = DateTimeOffset.Now.AddMinutes(-30), VNF = 10m });
        SignedNote second = store.Factory.Create(new NoteRequest { Number = number, DhEmi = first.DhEmi, VNF = 20m });
        Assert.Equal(first.ChNFe, second.ChNFe);
        return (first, second);
    }

    private static void Empty(string folder) => Directory.GetFiles(folder).ToList().ForEach(File.Delete);

    private static string Text(TestStore store, string sql, params object?[] args)
    {
        using SqlSession session = store.Queue.Database.Open(readOnly: true);
        return session.Scalar<string>(sql, args)!;
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;

namespace NfceSync.Core.Tests.Sync;

public partial class QueueRepairTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public async Task A_damaged_queue_is_rebuilt_and_every_note_comes_home_once(int damagedPage)
    {
        var clock = new ShiftedClock();
        await using TestStore store = await TestStore.CreateAsync(clock: clock);
        IReadOnlyList<SignedNote> authorised = store.DropNotes(20);
        await store.TakeInAsync();
        await store.SyncAsync();
        IReadOnlyList<SignedNote> pending = store.DropNotes(20, first: 21);
        await store.TakeInAsync();

        // The ERP has cleaned its folder: these notes are in the queue alone.
        foreach (SignedNote note in pending.Take(5))
        {
            File.Delete(Path.Combine(store.SourcePath, note.ChNFe + "-nfe.xml"));
        }

        string database = Path.Combine(store.QueueOptions.Home!, QueueHome.FileName);
        store.Queue.Dispose();
        byte[] before = Damage(database, damagedPage);

        RepairReport report = await QueueRepair.RunAsync(store.QueueOptions, CancellationToken.None);

        Assert.Equal(before, File.ReadAllBytes(report.DamagedPath));
        store.Reopen();
        if (report.Stores.Count == 0)
        {
            // What said which stores there are was hit: they are registered again by hand.
            store.RegisterAgain();
        }

        await store.TakeInAsync();
        Assert.DoesNotContain(store.Queue.Pending(store.Store), item => item.State == NoteState.Pending);
        foreach (PendingItem lost in store.Queue.Pending(store.Store).Where(item => item.ReasonId == ErrorIds.NfceQueuePartLost).ToList())
        {
            store.Queue.Except(lost, "compared with the ERP", "Ana");
        }

        if (report.HeldUntil is { } held)
        {
            clock.Shift = held - DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1);
        }

        int sentBefore = store.Simulator.Ledger.Calls.Count;
        SyncReport run = await store.SyncAsync();

        Assert.Null(run.Stop);
        Assert.Equal(0, store.Queue.CountPending(store.Store));
        Assert.All(
            pending.Skip(5),
            note => Assert.Equal(
                new[] { SefazService.Consulta, SefazService.Autorizacao },
                store.Simulator.Ledger.CallsAbout(note.ChNFe).Select(call => call.Service)));
        Assert.Equal(
            authorised.Concat(pending.Skip(5)).Select(note => note.ChNFe).Order(),
            store.Simulator.Ledger.Entries.Select(entry => entry.ChNFe).Order().Except(pending.Take(5).Select(note => note.ChNFe)));
        Assert.True(store.Simulator.Ledger.Calls.Count > sentBefore);
    }

    [Fact]
    public async Task A_whole_queue_is_left_alone()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        await store.TakeInAsync();
        store.Queue.Dispose();

        NfceSyncException refused = await Assert.ThrowsAsync<NfceSyncException>(
            () => QueueRepair.RunAsync(store.QueueOptions, CancellationToken.None));

        Assert.Equal(ErrorIds.NfceQueueNotDamaged, refused.ErrorId);
        store.Reopen();
        Assert.Equal(1, store.Queue.CountPending(store.Store));
    }

    /// <summary>Damages the first pages of tables or indexes and closes the queue.</summary>
    private static void Damage(TestStore store, params string[] tables)
    {
        long[] roots;
        using (SqlSession session = store.Queue.Database.Open(readOnly: true))
        {
            roots = Array.ConvertAll(tables, table => session.Scalar<long>("SELECT rootpage FROM sqlite_schema WHERE name = $1", table));
        }

        store.Queue.Dispose();
        foreach (long root in roots)
        {
            Damage(Path.Combine(store.QueueOptions.Home!, QueueHome.FileName), (int)root - 1);
        }
    }

    private static Task<RepairReport> RepairAsync(TestStore store) => QueueRepair.RunAsync(store.QueueOptions, CancellationToken.None);

    private static byte[] Damage(string database, int page)
    {
        const int PageSize = 4096;
        byte[] bytes = File.ReadAllBytes(database);
        int start = Math.Min(page * PageSize, bytes.Length - PageSize);
        bytes.AsSpan(start, PageSize).Fill(0x5A);
        File.WriteAllBytes(database, bytes);
        return bytes;
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;

namespace NfceSync.Core.Tests.Sync;

/// <summary>A repair that is killed or stopped, and one that is not alone.</summary>
public partial class QueueRepairTests
{
    [Fact]
    public async Task A_repair_that_is_killed_at_any_step_is_done_by_the_next_one()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote authorised = store.DropNotes(1)[0];
        await store.TakeInAsync();
        await store.SyncAsync();
        IReadOnlyList<SignedNote> pending = store.DropNotes(5, first: 2);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        string home = store.QueueOptions.Home!;
        Damage(store, Harmless);
        byte[] damaged = File.ReadAllBytes(Path.Combine(home, QueueHome.FileName));

        // What would lie on the disk if the process were killed there.
        var killed = new List<(RepairStep Step, string Home)>();
        await QueueRepair.RunAsync(
            new QueueOptions
            {
                Home = home,
                RepairProbe = step => killed.Add((step, CopyOf(home, Path.Combine(store.Folder, step.ToString())))),
            },
            CancellationToken.None);

        Assert.Equal(Enum.GetValues<RepairStep>(), killed.Select(kill => kill.Step));
        foreach ((RepairStep step, string left) in killed)
        {
            var options = new QueueOptions { Home = left };
            Assert.Equal(ErrorIds.NfceQueueRepairUnfinished, Assert.Throws<NfceSyncException>(() => NfceQueue.Open(options)).ErrorId);
            Assert.Empty(QueueNames.Stores(left));

            RepairReport report = await QueueRepair.RunAsync(options, CancellationToken.None);

            using NfceQueue queue = NfceQueue.Open(options);
            Assert.True(report.FromDamaged == 6, $"{step}: {report.FromDamaged} notes");
            Assert.Equal(damaged, File.ReadAllBytes(report.DamagedPath));
            Assert.Single(Directory.GetFiles(left, "*.damaged-*"), path => !path.EndsWith("-wal", StringComparison.Ordinal) && !path.EndsWith("-shm", StringComparison.Ordinal));
            Assert.Empty(Directory.GetFiles(left, "*.re*"));
            Assert.Null(queue.FindDamage());
            Assert.Equal(NoteState.Authorized, queue.StateOf(store.Store, authorised.ChNFe));
            Assert.Equal(pending.Select(note => note.ChNFe).Order(), queue.Pending(store.Store).Select(item => item.ChNFe).Order());
        }

        store.Reopen();
    }

    [Fact]
    public async Task A_log_that_a_killed_run_left_is_kept_and_read()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        long root;
        using (SqlSession session = store.Queue.Database.Open())
        {
            session.Scalar<long>("PRAGMA wal_checkpoint(TRUNCATE)");
            root = session.Scalar<long>("SELECT rootpage FROM sqlite_schema WHERE name = 'source_document_kind'");
        }

        await store.TakeInAsync();

        // As it lies there while it is open, and so if the process were killed now: the notes are in the log alone.
        string left = CopyOf(store.QueueOptions.Home!, Path.Combine(store.Folder, "left"));
        string database = Path.Combine(left, QueueHome.FileName);
        Damage(database, (int)root - 1);
        byte[] log = File.ReadAllBytes(database + "-wal");
        Empty(store.SourcePath);

        RepairReport report = await QueueRepair.RunAsync(new QueueOptions { Home = left }, CancellationToken.None);

        Assert.Equal(log, File.ReadAllBytes(report.DamagedPath + "-wal"));
        using NfceQueue queue = NfceQueue.Open(new QueueOptions { Home = left });
        Assert.Equal(notes.Select(note => note.ChNFe).Order(), queue.Pending(store.Store).Select(item => item.ChNFe).Order());
    }

    [Fact]
    public async Task A_repair_that_is_stopped_proves_nothing_and_loses_nothing()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(6);
        await store.TakeInAsync();
        Empty(store.SourcePath);
        Damage(store, Harmless);
        using var stop = new CancellationTokenSource();
        var options = new QueueOptions
        {
            Home = store.QueueOptions.Home,
            RepairProbe = step =>
            {
                if (step == RepairStep.NotesCarried)
                {
                    stop.Cancel();
                }
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => QueueRepair.RunAsync(options, stop.Token));

        NfceSyncException unfinished = Assert.Throws<NfceSyncException>(() => NfceQueue.Open(store.QueueOptions));
        Assert.Equal(ErrorIds.NfceQueueRepairUnfinished, unfinished.ErrorId);
        await RepairAsync(store);
        store.Reopen();
        Assert.Equal(6, (await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Pending);
    }

    [Fact]
    public async Task A_queue_that_is_open_is_not_repaired_and_one_that_is_repaired_is_not_opened()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(3);
        await store.TakeInAsync();
        using (NfceQueue second = store.OpenAnother())
        {
            Damage(store, Harmless);
            NfceSyncException refused = await Assert.ThrowsAsync<NfceSyncException>(() => RepairAsync(store));
            Assert.Equal((ErrorIds.NfceQueueInUse, NfceErrorCategory.ResourceBusy), (refused.ErrorId, refused.Category));
        }

        Assert.Empty(Directory.GetFiles(store.QueueOptions.Home!, "*.damaged-*"));
        NfceSyncException? met = null;
        await QueueRepair.RunAsync(
            new QueueOptions
            {
                Home = store.QueueOptions.Home,
                RepairProbe = _ => met = Assert.Throws<NfceSyncException>(
                    () => NfceQueue.Open(new QueueOptions { Home = store.QueueOptions.Home, BusyTimeout = TimeSpan.Zero })),
            },
            CancellationToken.None);

        Assert.Equal(ErrorIds.NfceQueueLocked, met!.ErrorId);
        store.Reopen();
        Assert.Equal(3, store.Queue.CountPending(store.Store));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_home_in_which_others_may_leave_files_is_not_repaired_before_it_is_closed()
    {
        Skip.If(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "Unix modes.");
        await using TestStore store = await TestStore.CreateAsync();
        string home = store.QueueOptions.Home!;
        UnixFileMode closed = File.GetUnixFileMode(home);
        Damage(store, Harmless);
        File.SetUnixFileMode(home, closed | UnixFileMode.OtherWrite);
        string[] before = Directory.GetFiles(home);

        NfceSyncException refused = await Assert.ThrowsAsync<NfceSyncException>(() => RepairAsync(store));

        Assert.Equal(ErrorIds.NfceQueueHomeUnsafe, refused.ErrorId);
        Assert.Equal(before, Directory.GetFiles(home));
        File.SetUnixFileMode(home, closed);
        await RepairAsync(store);
        store.Reopen();
    }

    private static string CopyOf(string folder, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string path in Directory.GetFiles(folder).Where(path => Path.GetFileName(path) != QueueLock.FileName))
        {
            using var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using FileStream copy = File.Create(Path.Combine(to, Path.GetFileName(path)));
            from.CopyTo(copy);
        }

        return to;
    }
}

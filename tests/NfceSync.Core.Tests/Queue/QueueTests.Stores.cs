using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;
using NfceSync.Core.Tests.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;

namespace NfceSync.Core.Tests.Queue;

/// <summary>What needs the simulator or the rights of files, and so cannot be tested under mono too.</summary>
public sealed partial class QueueTests
{
    [Fact]
    public async Task Pages_that_were_damaged_are_reported_by_whatever_meets_them()
    {
        await using TestStore store = await TestStore.CreateAsync();
        long whole = await store.Queue.Committer.CommitAsync(session => session.Scalar<long>("PRAGMA page_count"));
        store.DropNotes(60);
        await store.TakeInAsync();
        store.Queue.Dispose();
        string path = Path.Combine(store.Queue.Home, QueueHome.FileName);
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            checkpoint.ExecuteNonQuery();
        }

        // Schema and stores stay whole; what came with the notes is overwritten.
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Position = whole * 4096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)(file.Length - file.Position)).ToArray());
        }

        byte[] before = File.ReadAllBytes(path);
        using NfceQueue damaged = store.OpenAnother();
        Assert.NotNull(damaged.FindDamage());
        AssertDamaged(() => _ = damaged.Pending(store.Store).ToList());
        AssertDamaged(() => new Intake(damaged, store.Store).TakeInAsync(CancellationToken.None).GetAwaiter().GetResult());
        Assert.Equal(ErrorIds.NfceQueueDamaged, (await store.SyncAsync(queue: damaged)).Stop?.ErrorId);
        Assert.Equal(before, File.ReadAllBytes(path));
        store.ReopenQueue();
    }

    /// <summary>The disk is full as far as SQLite can tell: <c>max_page_count</c> gives the same SQLITE_FULL.</summary>
    [Fact]
    public async Task A_full_disk_loses_nothing_and_the_next_run_goes_on()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(2);
        await store.TakeInAsync();
        long pages = await store.Queue.Committer.CommitAsync(session => session.Scalar<long>("PRAGMA page_count"));
        await store.Queue.Committer.CommitAsync(session => session.Scalar<long>($"PRAGMA max_page_count = {pages + 4}"));
        store.DropNotes(40, first: 3);

        NfceSyncException full = await Assert.ThrowsAsync<NfceSyncException>(() => store.TakeInAsync());
        Assert.Equal(ErrorIds.NfceQueueDiskFull, full.ErrorId);
        Assert.Equal(2, store.Queue.CountPending(store.Store));
        Assert.Null(store.Queue.FindDamage());

        store.ReopenQueue();
        Assert.Equal(40, (await store.TakeInAsync()).NewNotes);
        Assert.Equal(42, (await store.SyncAsync()).Final);
    }

    [Fact]
    public async Task A_disk_that_fills_up_in_a_run_stops_it_and_no_note_is_sent_twice()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(60);
        await store.TakeInAsync();
        long pages = await store.Queue.Committer.CommitAsync(session => session.Scalar<long>("PRAGMA page_count"));
        await store.Queue.Committer.CommitAsync(session => session.Scalar<long>($"PRAGMA max_page_count = {pages + 3}"));

        SyncReport report = await store.SyncAsync();
        Assert.Equal(ErrorIds.NfceQueueDiskFull, report.Stop?.ErrorId);

        store.ReopenQueue();
        await store.SyncAsync();
        Assert.Equal(0, store.Queue.CountPending(store.Store));
        Assert.Equal(60, store.Simulator.Ledger.AuthorizedCount);
        Assert.Equal(60, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
    }

    [Fact]
    public void A_home_that_cannot_be_made_is_told()
    {
        // A file in the way: even root cannot make a folder below it.
        File.WriteAllText(Home, "in the way");

        NfceSyncException refused = Assert.Throws<NfceSyncException>(() => NfceQueue.Open(new QueueOptions { Home = Path.Combine(Home, "below") }));

        Assert.Equal((ErrorIds.NfceQueueUnavailable, NfceErrorCategory.ResourceUnavailable), (refused.ErrorId, refused.Category));
        File.Delete(Home);
    }

    [SkippableFact]
    public void A_read_only_folder_is_told()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "sysfs takes no files from anyone, root included.");

        NfceSyncException refused = Assert.Throws<NfceSyncException>(() => NfceQueue.Open(new QueueOptions { Home = "/sys/kernel" }));

        Assert.Equal(ErrorIds.NfceQueueUnavailable, refused.ErrorId);
    }

    [SkippableTheory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit)]
    public void A_home_in_which_others_may_write_is_refused_and_left_as_it_is(UnixFileMode open)
    {
        Skip.If(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "Unix modes.");
        Directory.CreateDirectory(Home);
        UnixFileMode closed = File.GetUnixFileMode(Home);
        File.SetUnixFileMode(Home, closed | open);

        NfceSyncException refused = Assert.Throws<NfceSyncException>(Open);

        Assert.Equal((ErrorIds.NfceQueueHomeUnsafe, (object)Home), (refused.ErrorId, refused.Target!));
        Assert.Contains($"chmod go-w '{Home}'", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Home));
        Assert.Equal(closed | open, File.GetUnixFileMode(Home));
        File.SetUnixFileMode(Home, closed);
        using NfceQueue queue = Open();
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_group_may_write_in_a_home_only_where_it_is_the_owners_alone()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Environment.UserName == "root", "Only root gives a folder away.");
        Directory.CreateDirectory(Home);
        File.SetUnixFileMode(Home, File.GetUnixFileMode(Home) | UnixFileMode.GroupWrite);
        using (Process chgrp = Process.Start("chgrp", ["65534", Home]))
        {
            chgrp.WaitForExit();
        }

        Assert.Equal(ErrorIds.NfceQueueHomeUnsafe, Assert.Throws<NfceSyncException>(Open).ErrorId);

        using (Process chgrp = Process.Start("chgrp", ["0", Home]))
        {
            chgrp.WaitForExit();
        }

        using NfceQueue queue = Open();
    }

    [SkippableFact]
    public void A_home_of_another_user_is_refused()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Environment.UserName == "root", "Only root gives a folder away.");
        Directory.CreateDirectory(Home);
        using Process chown = Process.Start("chown", ["65534", Home]);
        chown.WaitForExit();

        Assert.Equal(ErrorIds.NfceQueueHomeUnsafe, Assert.Throws<NfceSyncException>(Open).ErrorId);
    }

    [SkippableFact]
    [SupportedOSPlatform("windows")]
    public void A_home_that_everybody_may_read_is_refused_until_the_command_has_run()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "Windows rights.");
        var everybody = new SecurityIdentifier(WellKnownSidType.AuthenticatedUserSid, domainSid: null);
        DirectoryInfo home = Directory.CreateDirectory(Home);
        DirectorySecurity security = home.GetAccessControl();
        security.AddAccessRule(new FileSystemAccessRule(everybody, FileSystemRights.Read, AccessControlType.Allow));
        home.SetAccessControl(security);

        NfceSyncException refused = Assert.Throws<NfceSyncException>(Open);

        Assert.Equal(ErrorIds.NfceQueueHomeUnsafe, refused.ErrorId);
        using Process shell = Process.Start("powershell", ["-NoProfile", "-Command", refused.Message[refused.Message.IndexOf("icacls", StringComparison.Ordinal)..]]);
        shell.WaitForExit();
        using NfceQueue queue = Open();
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_owner_may_read_what_was_made()
    {
        Skip.If(RuntimeInformation.IsOSPlatform(OSPlatform.Windows), "Unix modes.");
        using NfceQueue queue = Open();
        queue.Stores.Register(NewStore("Loja 01"));
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        Assert.Equal(ReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Home));
        string[] files = Directory.GetFiles(Home);
        Assert.True(files.Length >= 2, "The database and its log.");
        Assert.All(files, file => Assert.Equal(ReadWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_store_with_pending_notes_is_neither_unregistered_nor_moved()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(2);
        await store.TakeInAsync();
        Store elsewhere = store.Store with { Sources = new[] { new SourceFolder(_folder) } };

        AssertRefused(ErrorIds.NfceStoreHasPending, () => store.Queue.Stores.Unregister(store.Store.Name));
        AssertRefused(ErrorIds.NfceStoreHasPending, () => store.Queue.Stores.Update(elsewhere, force: false));
        AssertRefused(
            ErrorIds.NfceStoreHasPending, () => store.Queue.Stores.Update(store.Store with { Environment = SefazEnvironment.Producao }, force: false));

        // What does not move the notes is changed freely; what does needs the user's word.
        store.Queue.Stores.Update(store.Store with { System = StoreSystem.Lite }, force: false);
        Assert.Equal(_folder, store.Queue.Stores.Update(elsewhere, force: true).Sources[0].Path);
        Assert.Equal(2, store.Queue.CountPending(store.Store));
    }

    [Fact]
    public async Task A_store_that_becomes_another_leaves_its_notes_and_nothing_is_complete_until_it_is_back()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();

        Store production = store.Queue.Stores.Update(store.Store with { Environment = SefazEnvironment.Producao }, force: true);

        // Nothing of the one is sent to the other's SEFAZ, and the other is not proven complete beside it.
        Assert.NotEqual(store.Store.Id, production.Id);
        Assert.Empty(SyncPlan.Items(store.Queue, production, only: null));
        VerificationReport proof = await Verification.RunAsync(store.Queue, production, CancellationToken.None);
        Assert.False(proof.Complete);
        Assert.Contains(proof.Problems, problem => problem.ErrorId == ErrorIds.NfceStoreLost);

        Store back = store.Queue.Stores.Register(store.Store with { Id = 0, Name = "Loja 01 (teste)" });
        await store.TakeInAsync(back);
        await store.SyncAsync(store: back);
        Assert.Equal(store.Store.Id, back.Id);
        Assert.NotNull(store.Simulator.Ledger.Find(note.ChNFe));
        Assert.Equal(0, store.Queue.CountPending(back));
        proof = await Verification.RunAsync(store.Queue, production, CancellationToken.None);
        Assert.Empty(proof.Problems);
    }

    [Fact]
    public async Task A_store_that_comes_back_has_its_notes()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        await store.SyncAsync();
        store.Queue.Stores.Unregister(store.Store.Name);
        Assert.Empty(store.Queue.Stores.All());

        Store back = store.Queue.Stores.Register(store.Store with { Id = 0, Name = "Loja reaberta" });

        Assert.Equal(store.Store.Id, back.Id);
        Assert.Equal(1, store.Queue.CountByState(back)[NoteState.Authorized]);
        Assert.Equal(0, (await store.TakeInAsync(back)).NewNotes);
        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));
    }

    private static void AssertDamaged(Action act) => AssertRefused(ErrorIds.NfceQueueDamaged, act);
}

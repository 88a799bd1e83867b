using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
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

/// <summary>The database: what it refuses, what it survives, and what it shares.</summary>
public sealed class QueueTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nfcesync-queue-").FullName;

    private string Home => Path.Combine(_folder, "queue");

    private string DatabasePath => Path.Combine(Home, QueueHome.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_newer_queue_is_refused_and_left_as_it_is()
    {
        Open().Dispose();
        Sql("PRAGMA user_version = 99");

        NfceSyncException refused = Assert.Throws<NfceSyncException>(Open);

        Assert.Equal((ErrorIds.NfceQueueNewer, (object)DatabasePath), (refused.ErrorId, refused.Target!));
        Assert.Equal(99L, Sql("PRAGMA user_version"));
    }

    [Fact]
    public void A_new_queue_has_the_settings_that_durability_rests_on()
    {
        using NfceQueue queue = Open();
        using SqlSession session = queue.Database.Open();

        Assert.Equal("wal", session.Scalar<string>("PRAGMA journal_mode"));
        Assert.Equal(2L, session.Scalar<long>("PRAGMA synchronous"));
        Assert.Equal(1L, session.Scalar<long>("PRAGMA foreign_keys"));
        Assert.Equal(1L, session.Scalar<long>("PRAGMA user_version"));
        Assert.Null(queue.FindDamage());
    }

    [Theory]
    [InlineData("not a database, but a text that somebody saved under its name")]
    [InlineData("SQLite format 3\0 and then nothing that fits")]
    public void A_file_that_is_no_database_is_reported_and_not_overwritten(string text)
    {
        Directory.CreateDirectory(Home);
        byte[] before = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text, 100)));
        File.WriteAllBytes(DatabasePath, before);

        NfceSyncException refused = Assert.Throws<NfceSyncException>(Open);

        Assert.Equal((ErrorIds.NfceQueueDamaged, (object)DatabasePath), (refused.ErrorId, refused.Target!));
        Assert.Equal(before, File.ReadAllBytes(DatabasePath));
    }

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

    [Fact]
    public void A_queue_that_another_program_holds_is_told_as_locked_and_goes_on_later()
    {
        using NfceQueue queue = NfceQueue.Open(new QueueOptions { Home = Home, BusyTimeout = TimeSpan.FromSeconds(1) });
        using (var other = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction holding = other.BeginTransaction(deferred: false);
            NfceSyncException locked = Assert.Throws<NfceSyncException>(() => queue.Stores.Register(NewStore("Loja 01")));
            Assert.Equal((ErrorIds.NfceQueueLocked, NfceErrorCategory.ResourceBusy), (locked.ErrorId, locked.Category));
            holding.Rollback();
        }

        Assert.Equal("Loja 01", queue.Stores.Register(NewStore("Loja 01")).Name);
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

    [Theory]
    [InlineData(@"\\servidor\nfce")]
    [InlineData(@"\\servidor\nfce\fila")]
    public void A_network_share_is_refused(string path)
    {
        NfceSyncException refused = Assert.Throws<NfceSyncException>(() => NfceQueue.Open(new QueueOptions { Home = path }));

        Assert.Equal(ErrorIds.NfceQueueOnNetworkShare, refused.ErrorId);
    }

    [Fact]
    public async Task Works_that_wait_together_share_one_commit()
    {
        int commits = 0;
        using NfceQueue queue = Open(point => commits += point == CrashPoint.AfterCommit ? 1 : 0);
        (Task first, Action release) = Busy(queue);
        commits = 0;

        Task[] waiting = Enumerable.Range(0, 50)
            .Select(i => (Task)queue.Committer.CommitAsync(session => session.Execute($"CREATE TABLE t{i} (a)")))
            .ToArray();
        release();
        await first;
        await Task.WhenAll(waiting);

        // The one that was under way, and one for all that waited behind it.
        Assert.Equal(2, commits);
        Assert.Equal(50L, Sql("SELECT count(*) FROM sqlite_schema WHERE name GLOB 't[0-9]*'"));
    }

    [Fact]
    public async Task A_work_that_fails_does_not_undo_its_neighbours()
    {
        using NfceQueue queue = Open();
        (Task first, Action release) = Busy(queue);
        Task<int> before = queue.Committer.CommitAsync(session => session.Execute("CREATE TABLE before (a PRIMARY KEY)"));
        Task<int> thrown = queue.Committer.CommitAsync<int>(session =>
        {
            session.Execute("CREATE TABLE undone (a)");
            throw new InvalidDataException("a fault of one work");
        });
        Task<int> refused = queue.Committer.CommitAsync(session =>
        {
            session.Execute("INSERT INTO before VALUES (1)");
            return session.Execute("INSERT INTO before VALUES (1)");
        });
        Task<int> after = queue.Committer.CommitAsync(session => session.Execute("INSERT INTO before VALUES (2)"));
        release();

        await first;
        await before;
        await Assert.ThrowsAsync<InvalidDataException>(() => thrown);
        Assert.Equal(ErrorIds.NfceQueueUnavailable, (await Assert.ThrowsAsync<NfceSyncException>(() => refused)).ErrorId);
        await after;
        Assert.Equal(2L, Sql("SELECT sum(a) FROM before"));
        Assert.Equal(0L, Sql("SELECT count(*) FROM sqlite_schema WHERE name = 'undone'"));
    }

    [Fact]
    public async Task A_run_whose_lease_was_taken_over_cannot_write()
    {
        var clock = new ShiftedClock();
        using NfceQueue queue = NfceQueue.Open(new QueueOptions { Home = Home, Clock = clock });
        LeaseGrant first = await queue.Leases.AcquireAsync("12345678000195", 2, wait: false, CancellationToken.None);
        await Assert.ThrowsAsync<NfceSyncException>(() => queue.Leases.AcquireAsync("12345678000195", 2, wait: false, CancellationToken.None));

        // Another environment is another lease.
        await queue.Leases.AcquireAsync("12345678000195", 1, wait: false, CancellationToken.None);

        clock.Shift = Leases.Duration + TimeSpan.FromSeconds(1);
        LeaseGrant second = await queue.Leases.AcquireAsync("12345678000195", 2, wait: false, CancellationToken.None);
        Assert.True(second.Token > first.Token);

        NfceSyncException lost = await Assert.ThrowsAsync<NfceSyncException>(
            () => queue.Committer.CommitAsync(session => session.Execute("CREATE TABLE written (a)"), first));
        Assert.Equal(ErrorIds.NfceLeaseLost, lost.ErrorId);
        await Assert.ThrowsAsync<NfceSyncException>(() => queue.Leases.RenewAsync(first));
        Assert.Equal(0L, Sql("SELECT count(*) FROM sqlite_schema WHERE name = 'written'"));

        // What the loser gives back is not the winner's.
        await queue.Leases.ReleaseAsync(first);
        await queue.Committer.CommitAsync(session => session.Execute("CREATE TABLE written (a)"), second);
        await queue.Leases.ReleaseAsync(second);
        await Assert.ThrowsAsync<NfceSyncException>(() => queue.Committer.CommitAsync(_ => true, second));
    }

    [Fact]
    public void A_cnpj_is_registered_once_an_environment()
    {
        using NfceQueue queue = Open();
        Store first = queue.Stores.Register(NewStore("Loja 01"));

        AssertRefused(ErrorIds.NfceStoreAlreadyRegistered, () => queue.Stores.Register(NewStore("Loja 02")));
        AssertRefused(ErrorIds.NfceStoreNameTaken, () => queue.Stores.Register(NewStore("LOJA 01") with { Environment = SefazEnvironment.Producao }));
        Store second = queue.Stores.Register(NewStore("Loja 01 produção") with { Environment = SefazEnvironment.Producao });
        AssertRefused(ErrorIds.NfceStoreAlreadyRegistered, () => queue.Stores.Update(second with { Environment = SefazEnvironment.Homologacao }, force: true));
        AssertRefused(ErrorIds.NfceStoreAlreadyRegistered, () => queue.Stores.Update(second with { Name = "loja 01" }, force: true));

        Assert.Equal(first.Id, queue.Stores.Get("loja 01").Id);
        AssertRefused(ErrorIds.NfceStoreNotFound, () => queue.Stores.Get("Loja 99"));
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

    private NfceQueue Open() => Open(null);

    private NfceQueue Open(Action<CrashPoint>? probe) => NfceQueue.Open(new QueueOptions { Home = Home, Probe = probe });

    /// <summary>Keeps the queue's writer at work until it is released, so that what comes now waits together.</summary>
    private static (Task Working, Action Release) Busy(NfceQueue queue)
    {
        using var begun = new BlockingCollection<bool>();
        var release = new BlockingCollection<bool>();
        Task working = Task.Run(() => queue.Committer.CommitAsync(_ =>
        {
            begun.Add(true);
            bool released = release.Take();
            release.Dispose();
            return released;
        }));
        begun.Take();
        return (working, () => release.Add(true));
    }

    private Store NewStore(string name) => new()
    {
        Name = name,
        IssuerId = "12345678000195",
        Uf = "RS",
        Environment = SefazEnvironment.Homologacao,
        System = StoreSystem.Plus,
        Sources = new[] { new SourceFolder(Path.Combine(_folder, "source")) },
        ArchivePath = Path.Combine(_folder, "archive"),
        Certificate = new CertificateReference(Path.Combine(_folder, "store.pfx"), null),
    };

    private object? Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void AssertRefused(string errorId, Action act) => Assert.Equal(errorId, Assert.Throws<NfceSyncException>(act).ErrorId);

    private static void AssertDamaged(Action act) => AssertRefused(ErrorIds.NfceQueueDamaged, act);
}

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Tests.Sync;

using Xunit;

namespace NfceSync.Core.Tests.Queue;

/// <summary>The database: what it refuses, what it survives, and what it shares.</summary>
public sealed partial class QueueTests : IDisposable
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
    public void Whether_there_is_a_queue_is_told_without_making_one()
    {
        Assert.False(QueueHome.Exists(Home));
        Assert.False(Directory.Exists(Home));

        Directory.CreateDirectory(Home);
        Assert.False(QueueHome.Exists(Home));

        Open().Dispose();
        Assert.True(QueueHome.Exists(Home));

        // That a file is no folder is what opening it says.
        Assert.True(QueueHome.Exists(DatabasePath));
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
    public void A_queue_that_another_program_holds_is_told_as_locked_and_goes_on_later()
    {
        using NfceQueue queue = Open(new QueueOptions { Home = Home, BusyTimeout = TimeSpan.FromSeconds(1) });
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
        using NfceQueue queue = Open(new QueueOptions { Home = Home, Probe = point => commits += point == CrashPoint.AfterCommit ? 1 : 0 });
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
    public async Task A_database_that_another_program_holds_keeps_all_that_wait_together_waiting_once()
    {
        using NfceQueue queue = Open(new QueueOptions { Home = Home, BusyTimeout = TimeSpan.FromSeconds(1) });
        Task[] waiting = Enumerable.Range(0, 9).Select(_ => (Task)queue.Committer.Add(_ => true, null)).ToArray();
        using (var other = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction holding = other.BeginTransaction(deferred: false);
            Task flushing = Task.Run(queue.Committer.Flush);
            await Assert.ThrowsAsync<NfceSyncException>(() => waiting[0]);

            // Any of them that was tried by itself would succeed now.
            holding.Rollback();
            await flushing;
        }

        foreach (Task work in waiting)
        {
            Assert.Equal(ErrorIds.NfceQueueLocked, (await Assert.ThrowsAsync<NfceSyncException>(() => work)).ErrorId);
        }
    }

    [Fact]
    public async Task A_full_disk_is_everybodys_and_no_work_is_tried_again()
    {
        using NfceQueue queue = Open();
        long pages = queue.Committer.Commit(session => session.Execute("CREATE TABLE filled (a)") + session.Scalar<long>("PRAGMA page_count"));
        queue.Committer.Commit(session => session.Scalar<long>($"PRAGMA max_page_count = {pages + 10}"));
        var tried = new int[3];
        Task<int>[] works = Enumerable.Range(0, 3).Select(i => queue.Committer.Add(
            session =>
            {
                tried[i]++;
                return session.Execute("INSERT INTO filled VALUES (zeroblob(1000000))");
            },
            null)).ToArray();
        queue.Committer.Flush();

        foreach (Task<int> work in works)
        {
            Assert.Equal(ErrorIds.NfceQueueDiskFull, (await Assert.ThrowsAsync<NfceSyncException>(() => work)).ErrorId);
        }

        Assert.Equal(1, tried.Sum());
        await queue.Committer.CommitAsync(session => session.Execute("INSERT INTO filled VALUES (1)"));
        Assert.Equal(1L, Sql("SELECT count(*) FROM filled"));
    }

    [Fact]
    public async Task The_works_of_a_lost_lease_fail_and_their_neighbours_are_written()
    {
        var clock = new ShiftedClock();
        using NfceQueue queue = Open(new QueueOptions { Home = Home, Clock = clock });
        queue.Committer.Commit(session => session.Execute("CREATE TABLE written (a)"));
        LeaseGrant lost = await queue.Leases.AcquireAsync("12345678000195", 2, wait: false, CancellationToken.None);
        clock.Shift = Leases.Duration + TimeSpan.FromSeconds(1);
        await queue.Leases.AcquireAsync("12345678000195", 2, wait: false, CancellationToken.None);
        LeaseGrant held = await queue.Leases.AcquireAsync("12345678000195", 1, wait: false, CancellationToken.None);

        Task<int>[] works = new[] { lost, held, null, lost }
            .Select((lease, i) => queue.Committer.Add(session => session.Execute("INSERT INTO written VALUES ($1)", i), lease)).ToArray();
        queue.Committer.Flush();

        await works[1];
        await works[2];
        Assert.Equal(ErrorIds.NfceLeaseLost, (await Assert.ThrowsAsync<NfceSyncException>(() => works[0])).ErrorId);
        Assert.Equal(ErrorIds.NfceLeaseLost, (await Assert.ThrowsAsync<NfceSyncException>(() => works[3])).ErrorId);
        Assert.Equal("1,2", Sql("SELECT group_concat(a) FROM written"));
    }

    [Fact]
    public async Task A_run_whose_lease_was_taken_over_cannot_write()
    {
        var clock = new ShiftedClock();
        using NfceQueue queue = Open(new QueueOptions { Home = Home, Clock = clock });
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
        AssertRefused(ErrorIds.NfceStoreNameTaken, () => queue.Stores.Update(second with { Name = "loja 01" }, force: true));

        Assert.Equal(first.Id, queue.Stores.Get("loja 01").Id);
        AssertRefused(ErrorIds.NfceStoreNotFound, () => queue.Stores.Get("Loja 99"));
    }

    private NfceQueue Open() => Open(new QueueOptions { Home = Home });

    private NfceQueue Open(QueueOptions options)
    {
        MakeHome();
        return NfceQueue.Open(options);
    }

    /// <summary>Makes the files of a new queue before it does where it cannot: under mono (Core.Tests.Mono).</summary>
    partial void MakeHome();

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
}

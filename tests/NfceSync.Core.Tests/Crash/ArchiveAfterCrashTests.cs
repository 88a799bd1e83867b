using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.Core.Sync;
using NfceSync.Core.Tests.Sync;
using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.Core.Tests.Crash;

public class ArchiveAfterCrashTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(700, 0)]
    [InlineData(0, 700)]
    [InlineData(700, 700)]
    public async Task A_file_that_a_power_failure_tore_is_written_whole_by_the_next_run(int kept, int zeros)
    {
        await using TestStore store = await TestStore.CreateAsync();
        string file = await ArchiveOneAsync(store);
        byte[] whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole.Take(kept).Concat(new byte[zeros]).ToArray());
        ForgetArchived(store);

        var listener = new TestStore.Listener();
        await store.SyncAsync(listener: listener);

        Assert.Empty(listener.Warnings);
        Assert.Equal(whole, await File.ReadAllBytesAsync(file));
        Assert.Equal(0, store.Queue.CountUnarchived(store.Store));
    }

    [Fact]
    public async Task The_draft_of_a_killed_process_does_not_stay_behind()
    {
        await using TestStore store = await TestStore.CreateAsync();
        string file = await ArchiveOneAsync(store);
        File.Move(file, file + ".tmp");
        await File.WriteAllBytesAsync(file + ".tmp", new byte[20_000]);
        ForgetArchived(store);

        await store.SyncAsync();

        Assert.Equal(new[] { file }, Directory.GetFiles(store.ArchivePath, "*", SearchOption.AllDirectories));
        Assert.Equal(0, store.Queue.CountUnarchived(store.Store));
    }

    [Fact]
    public async Task Other_bytes_that_only_begin_alike_are_left_as_they_are()
    {
        await using TestStore store = await TestStore.CreateAsync();
        string file = await ArchiveOneAsync(store);
        byte[] other = (await File.ReadAllBytesAsync(file)).Take(700).Append((byte)'!').ToArray();
        await File.WriteAllBytesAsync(file, other);
        ForgetArchived(store);

        var listener = new TestStore.Listener();
        await store.SyncAsync(listener: listener);

        Assert.Equal(ErrorIds.NfceArchiveFileDiffers, Assert.Single(listener.Warnings).ErrorId);
        Assert.Equal(other, await File.ReadAllBytesAsync(file));
        Assert.Equal(1, store.Queue.CountUnarchived(store.Store));
    }

    private static async Task<string> ArchiveOneAsync(TestStore store)
    {
        SignedNote note = store.DropNotes(1).Single();
        await store.TakeInAsync();
        SyncReport report = await store.SyncAsync();
        Assert.Equal(1, report.Final);
        return Directory.GetFiles(store.ArchivePath, note.ChNFe + "-procNFe.xml", SearchOption.AllDirectories).Single();
    }

    // As if the process had died before the batch was synced.
    private static void ForgetArchived(TestStore store) =>
        Assert.Equal(1, store.Queue.Committer.Commit(session => session.Execute("UPDATE note SET archived_at = NULL")));
}

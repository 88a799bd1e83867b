using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Tests.Sync;
using NfceSync.KillStorm;

using Xunit;

namespace NfceSync.Core.Tests.Crash;

public class TwoProcessesTests
{
    [Fact]
    public async Task The_second_process_is_told_who_works_and_takes_over_as_soon_as_the_first_is_dead()
    {
        await using TestStore store = await TestStore.CreateAsync();
        var notes = store.DropNotes(12);
        store.Queue.Dispose();
        var options = new ChildOptions { Home = store.QueueOptions.Home!, StoreName = store.Store.Name };

        await using StormChild first = StormChild.Start(options with { HaltAt = CrashPoint.BeforeSend, HaltOn = 4 });
        await Task.WhenAny(first.Halted, first.Ended);
        Assert.True(first.Halted.IsCompleted);

        await using (StormChild refused = StormChild.Start(options))
        {
            await refused.Ended;
            Assert.Equal(ChildExit.Failed, refused.ExitCode);
            string error = Assert.Single(refused.Errors);
            Assert.Contains(ErrorIds.NfceSyncAlreadyRunning, error, StringComparison.Ordinal);
            Assert.Contains(first.Id.ToString(CultureInfo.InvariantCulture), error, StringComparison.Ordinal);
            Assert.DoesNotContain(refused.Marks, mark => mark.StartsWith(Marks.Wire, StringComparison.Ordinal));
        }

        await using StormChild waiting = StormChild.Start(options with { Wait = true });
        await Task.WhenAny(waiting.Ready, waiting.Ended);
        Assert.DoesNotContain(waiting.Marks, mark => mark.StartsWith(Marks.Wire, StringComparison.Ordinal));

        long held = Ask(store, "SELECT expires_at FROM lease");
        await first.KillAsync();
        await waiting.Ended;

        Assert.Empty(waiting.Errors);
        Assert.Equal(ChildExit.Complete, waiting.ExitCode);
        long tookOver = Ask(store, "SELECT started_at FROM lease");
        Assert.True(tookOver < held, "It waited for the lease to run out although the first process was dead.");
        Assert.Equal(
            notes.Select(note => note.ChNFe).Order(),
            store.Simulator.Ledger.Calls.Where(call => call.Registered).Select(call => call.ChNFe).Order());
        Assert.Empty(CallOrder.Of(store.Simulator.Ledger.Calls).SentWhileUncertain);
    }

    private static long Ask(TestStore store, string sql)
    {
        using NfceQueue queue = NfceQueue.Open(store.QueueOptions);
        using SqlSession session = queue.Database.Open(readOnly: true);
        return session.Scalar<long>(sql);
    }
}

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Tests.Sync;
using NfceSync.KillStorm;

using Xunit;
using Xunit.Abstractions;

namespace NfceSync.Core.Tests.Crash;

/// <summary>
/// The order of the real system calls, seen by strace: the queue's files are built again from them, and asked at each
/// instant that matters what a power failure would have left.
/// </summary>
public class DurabilityOrderTests
{
    private const int Notes = 5;

    private readonly ITestOutputHelper _output;

    public DurabilityOrderTests(ITestOutputHelper output) => _output = output;

    [SkippableFact]
    public async Task No_byte_of_a_note_leaves_before_the_disk_holds_its_announcement_and_no_file_counts_as_archived_before_it_is_synced()
    {
        await RequireStraceAsync();
        await using TestStore store = await TestStore.CreateAsync();
        var notes = store.DropNotes(Notes);
        store.Queue.Dispose();
        string database = Path.Combine(store.QueueOptions.Home!, QueueHome.FileName);
        var image = new DiskImage(database, File.ReadAllBytes(database));
        string log = Path.Combine(store.Folder, "calls.txt");

        await using (StormChild child = StormChild.Start(
            new ChildOptions { Home = store.QueueOptions.Home!, StoreName = store.Store.Name, ThrottleLimit = 1 },
            "strace", "-f", "-qq", "-y", "-xx", "-s", "1048576", "-e", "trace=" + SystemCallTrace.Calls, "-o", log))
        {
            await child.Ended;
            Assert.Empty(child.Errors);
            Assert.Equal(ChildExit.Complete, child.ExitCode);
        }

        var replay = new Replay(image, SystemCallTrace.Read(log));
        replay.Run();

        _output.WriteLine($"{replay.Syncs} syncs of the queue, {replay.BytesSent} bytes to SEFAZ in {replay.Sends} calls");
        Assert.Equal(notes.Select(note => note.ChNFe).Order(), replay.Sent.Order());
        Assert.Empty(replay.SentUnannounced);
        Assert.True(replay.BytesSent > notes.Sum(note => note.Bytes.Length), "The requests went another way than was looked at.");
        Assert.Equal(notes.Select(note => note.ChNFe).Order(), replay.Archived.Order());
        Assert.Empty(replay.ArchivedUnsynced);
    }

    private static async Task RequireStraceAsync()
    {
        try
        {
            using Process probe = Process.Start(new ProcessStartInfo("strace", "-f -e trace=none true") { RedirectStandardError = true })!;
            await probe.StandardError.ReadToEndAsync();
            await probe.WaitForExitAsync();
            Require(probe.ExitCode == 0, "strace may not trace here (ptrace is forbidden).");
        }
        catch (Win32Exception)
        {
            Require(false, "strace is not installed (Debian's package strace).");
        }
    }

    // Where the tests guard a release, a proof that was left out must not look like one.
    private static void Require(bool holds, string otherwise)
    {
        if (Environment.GetEnvironmentVariable("CI") is "true" or "1")
        {
            Assert.True(holds, otherwise);
        }

        Skip.IfNot(holds, otherwise);
    }

    /// <summary>Goes through the calls in their order.</summary>
    private sealed class Replay
    {
        private readonly DiskImage _image;
        private readonly IReadOnlyList<SystemCall> _calls;
        private readonly Dictionary<string, int> _renamedAt = new(StringComparer.Ordinal);
        private readonly List<SystemCall> _folderSyncs = new();
        private string? _leaving;
        private int? _firstUnsyncedWrite;

        public Replay(DiskImage image, IReadOnlyList<SystemCall> calls)
        {
            _image = image;
            _calls = calls;
        }

        public List<string> Sent { get; } = new();

        public List<string> SentUnannounced { get; } = new();

        public List<string> Archived { get; } = new();

        public List<string> ArchivedUnsynced { get; } = new();

        public int Syncs { get; private set; }

        public int Sends { get; private set; }

        public long BytesSent { get; private set; }

        public void Run()
        {
            foreach ((SystemCall call, bool begins) in _calls
                .SelectMany(call => new[] { (Call: call, Begins: true), (Call: call, Begins: false) })
                .OrderBy(step => step.Begins ? step.Call.Begin : step.Call.End)
                .ThenBy(step => !step.Begins))
            {
                if (begins)
                {
                    Begin(call);
                }
                else
                {
                    End(call);
                }
            }
        }

        private void Begin(SystemCall call)
        {
            if (call.Name == "write" && call.Text.StartsWith($"{Marks.Wire} {Core.Stores.SefazService.Autorizacao} ", StringComparison.Ordinal))
            {
                _leaving = call.Text.Trim().Split(' ')[^1];
            }
            else if (call.IsToSocket)
            {
                Sends++;
                BytesSent += Math.Max(0, call.Result);
                Leave();
            }
            else if (call.Name == "pwrite64" && call.Path == _image.Wal)
            {
                _firstUnsyncedWrite ??= call.Begin;
            }

            _image.Begin(call);
            if (call.IsSync && call.Path == _image.Wal)
            {
                Commit(_firstUnsyncedWrite ?? call.Begin);
                _firstUnsyncedWrite = null;
            }
        }

        private void End(SystemCall call)
        {
            _image.End(call);
            if (call.IsSync && _image.Concerns(call))
            {
                Syncs++;
            }
            else if (call.IsSync && call.Result == 0)
            {
                _folderSyncs.Add(call);
            }
            else if (call.Name.StartsWith("rename", StringComparison.Ordinal) || call.Name.StartsWith("link", StringComparison.Ordinal))
            {
                _renamedAt[Path.GetFileName(call.LastText)] = call.End;
            }
        }

        /// <summary>The first bytes go out since the mark that named the note.</summary>
        private void Leave()
        {
            if (_leaving is not { } key)
            {
                return;
            }

            _leaving = null;
            Sent.Add(key);
            IReadOnlyList<string> announced = _image.AskSynced(
                $"""
                SELECT n.ch_nfe FROM note n JOIN attempt a USING (note_id)
                WHERE n.state = {(int)NoteState.Transmitting} AND a.service = {(int)Core.Stores.SefazService.Autorizacao} AND a.outcome = 0
                """);
            if (!announced.Contains(key))
            {
                SentUnannounced.Add(key);
            }
        }

        /// <summary>A commit is being synced: what it says of the archive must have been true when it was written.</summary>
        private void Commit(int written)
        {
            foreach (string key in _image.AskWritten("SELECT ch_nfe FROM note WHERE archived_at IS NOT NULL").Except(Archived).ToList())
            {
                Archived.Add(key);
                bool synced = _renamedAt.TryGetValue(key + "-procNFe.xml", out int renamed)
                    && _folderSyncs.Any(sync => sync.Begin > renamed && sync.End < written);
                if (!synced)
                {
                    ArchivedUnsynced.Add(key);
                }
            }
        }
    }
}

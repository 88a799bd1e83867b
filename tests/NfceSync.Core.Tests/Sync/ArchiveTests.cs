using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.Core.Tests.Sync;

/// <summary>The archive is derived from the queue: never overwritten, written again where it is missing.</summary>
public class ArchiveTests
{
    [Fact]
    public async Task Other_bytes_under_the_same_name_are_reported_and_never_overwritten()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(2);
        await store.TakeInAsync();
        string path = PathOf(store, notes[0]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "somebody else's");
        var listener = new TestStore.Listener();

        SyncReport report = await store.SyncAsync(listener: listener);

        Assert.Equal(2, report.Final);
        NfceSyncException warning = Assert.Single(listener.Warnings);
        Assert.Equal((ErrorIds.NfceArchiveFileDiffers, path), (warning.ErrorId, warning.Target));
        Assert.Equal("somebody else's", File.ReadAllText(path));
        Assert.Equal(1, store.Queue.CountUnarchived(store.Store));
        VerificationReport proof = await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None);
        Assert.False(proof.Complete);
        Assert.Equal((0, 1, ErrorIds.NfceArchiveIncomplete), (proof.Pending, proof.Unarchived, Assert.Single(proof.Problems).ErrorId));

        File.Delete(path);
        await store.SyncAsync();
        Assert.True((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
        Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf(notes[0].Bytes.Span) > 0);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_costs_no_note_and_is_told_once()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(20);
        await store.TakeInAsync();

        // A file where the folder should be: even root cannot write into it.
        File.WriteAllText(store.ArchivePath, "in the way");
        var listener = new TestStore.Listener();

        SyncReport report = await store.SyncAsync(listener: listener);

        Assert.Null(report.Stop);
        Assert.Equal(20, report.Final);
        NfceSyncException warning = Assert.Single(listener.Warnings);
        Assert.Equal((ErrorIds.NfceArchiveNotWritable, store.ArchivePath), (warning.ErrorId, warning.Target));
        Assert.Equal(20, store.Queue.CountUnarchived(store.Store));

        int calls = store.Simulator.Ledger.Calls.Count;
        File.Delete(store.ArchivePath);
        await store.SyncAsync();
        Assert.Equal(calls, store.Simulator.Ledger.Calls.Count);
        Assert.All(notes, note => Assert.True(File.Exists(PathOf(store, note))));
        Assert.Equal(0, store.Queue.CountUnarchived(store.Store));
    }

    [Fact]
    public async Task A_file_that_was_written_before_its_row_said_so_is_recognised()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        await store.SyncAsync();
        byte[] before = File.ReadAllBytes(PathOf(store, note));
        await store.Queue.Committer.CommitAsync(session => session.Execute("UPDATE note SET archived_at = NULL"));
        var listener = new TestStore.Listener();

        await store.SyncAsync(listener: listener);

        Assert.Empty(listener.Warnings);
        Assert.Equal(0, store.Queue.CountUnarchived(store.Store));
        Assert.Equal(before, File.ReadAllBytes(PathOf(store, note)));
        Assert.Single(Directory.GetFiles(store.ArchivePath, "*", SearchOption.AllDirectories));
    }

    [SkippableFact]
    public async Task Files_and_requests_are_valid_against_the_official_schemas()
    {
        _ = OfficialSchemas.Folder;
        string wire = Directory.CreateTempSubdirectory("nfcesync-wire-").FullName;
        await using TestStore store = await TestStore.CreateAsync(new SimulatorOptions { WireLogFolder = wire });
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        store.Drop("lote.xml", NoteDocuments.AsEnviNFe(store.Factory.Create(new NoteRequest { Number = 9 })));
        store.Simulator.Ledger.AuthorizeElsewhere(notes[1].Bytes);
        store.Simulator.Ledger.Cancel(notes[1].ChNFe);
        store.Simulator.Faults.Add(
            new FaultRule(FaultKind.Receipt) { ChNFe = notes[0].ChNFe, Times = 1, Calls = 1 },
            new FaultRule(FaultKind.CutAfterProcessing) { ChNFe = notes[2].ChNFe, Service = SefazService.Autorizacao, Times = 1 });
        await store.TakeInAsync();
        SyncReport report = await store.SyncAsync();
        Assert.Equal(4, report.Final);

        string[] archived = Directory.GetFiles(store.ArchivePath, "*-procNFe.xml", SearchOption.AllDirectories);
        Assert.Equal(4, archived.Length);
        Assert.All(archived, file => OfficialSchemas.AssertValid(File.ReadAllBytes(file), "procNFe_v4.00.xsd"));
        string cancelled = Assert.Single(Directory.GetFiles(store.ArchivePath, "*-procEventoNFe.xml", SearchOption.AllDirectories));
        OfficialSchemas.AssertValid(File.ReadAllBytes(cancelled), "procEventoNFe_v1.00.xsd");

        var seen = new HashSet<string>();
        foreach (string file in Directory.GetFiles(wire))
        {
            string text = File.ReadAllText(file);
            foreach (string root in new[] { "enviNFe", "consSitNFe", "consStatServ", "consReciNFe" })
            {
                int start = text.IndexOf("<" + root + " ", StringComparison.Ordinal);
                int end = text.IndexOf("</" + root + ">", StringComparison.Ordinal);
                if (start >= 0 && end > start)
                {
                    seen.Add(root);
                    OfficialSchemas.AssertValid(Encoding.UTF8.GetBytes(text[start..(end + root.Length + 3)]), root + "_v4.00.xsd");
                }
            }
        }

        Directory.Delete(wire, recursive: true);
        Assert.Equal(4, seen.Count);
    }

    private static string PathOf(TestStore store, SignedNote note) => Path.Combine(
        store.ArchivePath, note.DhEmi.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture), note.ChNFe + "-procNFe.xml");
}

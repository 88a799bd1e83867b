using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.Core.Tests.Sync;

public class StraightPathTests
{
    [Fact]
    public async Task Every_note_of_the_folder_is_sent_archived_and_proven()
    {
        await using TestStore store = await TestStore.CreateAsync();
        var notes = store.DropNotes(25);
        IntakeReport intake = await store.TakeInAsync();
        Assert.Equal(25, intake.NewNotes);
        Assert.Equal(25, store.Queue.CountPending(store.Store));

        var listener = new TestStore.Listener();
        SyncReport report = await store.SyncAsync(listener: listener);

        Assert.Null(report.Stop);
        Assert.Empty(listener.Warnings);
        Assert.Equal(25, report.Final);
        Assert.All(listener.Results, result => Assert.Equal(Core.Queue.NoteState.Authorized, result.State));
        Assert.Equal(notes.Select(note => note.ChNFe).Order(), store.Simulator.Ledger.Entries.Select(entry => entry.ChNFe).Order());
        foreach (SignedNote note in notes)
        {
            string file = Directory.GetFiles(store.ArchivePath, note.ChNFe + "-procNFe.xml", SearchOption.AllDirectories).Single();
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(note.Bytes.Span) > 0);
        }

        VerificationReport proof = await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None);
        Assert.True(proof.Complete);

        store.DropNotes(1, first: 26);
        proof = await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None);
        Assert.False(proof.Complete);
    }
}

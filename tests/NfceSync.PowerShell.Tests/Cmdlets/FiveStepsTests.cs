using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class FiveStepsTests
{
    private const int Yes = 0;

    [Theory]
    [InlineData("pt-BR", "Loja 01: enviar 12 notas, total R$ 1.234,56?", "Loja 01: Tarefas pendentes concluídas com sucesso")]
    [InlineData("en-US", "Loja 01: send 12 notes, total R$ 1.234,56?", "Loja 01: pending tasks completed successfully")]
    public async Task A_technician_lists_sends_and_verifies(string culture, string question, string message)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(culture);
        var notes = machine.Drop(11, total: 100m).Concat(machine.Drop(1, first: 12, total: 134.56m)).ToList();

        PSObject[] listed = [.. machine.Run("Get-NfcePending").Output];
        Assert.Equal(notes.Select(note => note.ChNFe).Order(), listed.Select(item => item.Text("ChNFe")).Order());
        Assert.Equal(false, machine.Run("Test-NfceSyncComplete").One().BaseObject);
        Assert.Equal(0, machine.Calls);

        machine.Host.Answers.Enqueue(Yes);
        EngineResult sent = machine.Run("Sync-NfcePending; $?");

        Assert.Empty(sent.Errors);
        Assert.Equal(question, Assert.Single(machine.Host.Prompts).Message);
        Assert.Equal(12, sent.Output.Count(item => item.Text("Status") == "Authorized"));
        Assert.Equal(true, sent.Output[^1].BaseObject);
        Assert.Equal(message, Assert.Single(sent.Streams.Information).ToString());
        Assert.Equal(12, machine.Simulator.Ledger.AuthorizedCount);
        Assert.Equal(12, Directory.GetFiles(machine.ArchivePath, "*-procNFe.xml", SearchOption.AllDirectories).Length);
        Assert.Equal(true, machine.Run("Test-NfceSyncComplete").One().BaseObject);
        Assert.Empty(machine.Run("Get-NfcePending").Output);
    }

    [Fact]
    public async Task A_second_time_nothing_is_sent_and_nothing_asked_and_one_more_note_is_pending_again()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(2);
        machine.Run("Sync-NfcePending -Confirm:$false");
        int calls = machine.Calls;

        EngineResult again = machine.Run("Sync-NfcePending; $?");

        Assert.Equal(calls, machine.Calls);
        Assert.Empty(machine.Host.Prompts);
        Assert.Equal([true], again.Values);
        Assert.Equal("Loja 01: Tarefas pendentes concluídas com sucesso", Assert.Single(again.Streams.Information).ToString());
        machine.Drop(1, first: 3);
        Assert.Equal(false, machine.Run("Test-NfceSyncComplete").One().BaseObject);
    }

    [Fact]
    public async Task What_is_found_in_the_folder_is_listed_as_support_needs_it()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1, first: 4711).Single();

        PSObject item = machine.Run("Get-NfcePending").One();

        Assert.Equal("Loja 01", item.Text("Store"));
        Assert.Equal(4711, item.Value("Number"));
        Assert.Equal(1, item.Value("Serie"));
        Assert.Equal(note.DhEmi, item.Value("IssuedAt"));
        Assert.Equal(note.DhEmi.Offset, ((DateTimeOffset)item.Value("IssuedAt")!).Offset);
        Assert.InRange((TimeSpan)item.Value("Age")!, TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(40));
        Assert.Equal(
            (DateTimeOffset)item.Value("Deadline")! - note.DhEmi,
            (TimeSpan)item.Value("TimeLeft")! + (TimeSpan)item.Value("Age")!);
        Assert.Equal(34.56m, item.Value("Total"));
        Assert.Equal("Pending", item.Text("Status"));
        Assert.Equal("Pendente", item.Text("StatusText"));
        Assert.Equal(0, item.Value("Attempts"));
        Assert.Equal("Execute Sync-NfcePending.", item.Text("NextStep"));
        Assert.Equal(note.ChNFe, item.Text("ChNFe"));
        Assert.Equal(Path.Combine(machine.SourcePath, note.FileName), item.Text("Path"));
    }
}

using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class RepairTests
{
    [Fact]
    public async Task A_queue_in_order_is_left_alone()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Run("Get-NfcePending");

        EngineResult result = machine.Run("Repair-NfceQueue -Confirm:$false");

        Assert.Equal(["NfceQueueNotDamaged"], result.ErrorIds);
        Assert.Single(machine.Run("Get-NfcePending -NoScan").Output);
    }

    [Fact]
    public async Task A_damaged_queue_is_rebuilt_after_a_question_and_no_note_is_lost_or_sent_twice()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote sent = machine.Drop(1)[0];
        machine.Run("Sync-NfcePending -Confirm:$false");
        SignedNote open = machine.Drop(1, first: 2)[0];
        string damaged = Damage(machine);

        EngineResult met = machine.Run("Get-NfcePending");
        EngineResult planned = machine.Run("Repair-NfceQueue -WhatIf");
        machine.Host.Answers.Enqueue(null);
        EngineResult refused = machine.Run("Repair-NfceQueue");

        Assert.Equal(["NfceQueueDamaged"], met.ErrorIds);
        Assert.Empty(planned.Output.Concat(refused.Output));
        Assert.Equal(damaged, File.ReadAllText(DatabaseOf(machine)));
        Assert.Single(machine.Host.Prompts);

        EngineResult repaired = machine.Run("Repair-NfceQueue -Confirm:$false");

        PSObject report = repaired.Output.Single();
        Assert.Equal(["NfceQueuePartLost"], repaired.ErrorIds);
        Assert.Equal(damaged, File.ReadAllText(report.Text("DamagedPath")!));
        Assert.Contains("Register-NfceStore", report.Text("Guidance"), StringComparison.Ordinal);

        // Nothing could be read of the old file, neither who the stores are nor how often SEFAZ was called.
        machine.Register();
        EngineResult held = machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Contains("NfceConsumptionBlocked", held.ErrorIds);
        Assert.NotNull(report.Value("HeldUntil"));
        Assert.Equal(
            new[] { sent, open }.Select(note => ((string?)note.ChNFe, "Uncertain")).Order().Append((null, "Quarantined")),
            machine.Run("Get-NfcePending").Output.Select(item => (item.Text("ChNFe"), item.Text("Status")!)).OrderBy(item => item.Item2 == "Quarantined").ThenBy(item => item.Item1));
        Assert.Equal([false], machine.Run("Test-NfceSyncComplete").Values);
        Assert.Equal(1, machine.Simulator.Ledger.AuthorizedCount);
    }

    [Fact]
    public async Task What_can_be_read_of_a_damaged_queue_goes_on_and_no_note_is_sent_twice()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote sent = machine.Drop(1)[0];
        machine.Run("Sync-NfcePending -Confirm:$false");
        SignedNote open = machine.Drop(1, first: 2)[0];
        machine.Run("Get-NfcePending");
        DamageTheCountOfFreePages(machine);

        PSObject report = machine.Run("Repair-NfceQueue -Confirm:$false").One();

        Assert.Equal(["Loja 01"], (string[])report.Value("Stores")!);
        Assert.Null(report.Value("HeldUntil"));
        Assert.Equal("Uncertain", machine.Run("Get-NfcePending").One().Text("Status"));
        Assert.Empty(machine.Run("Sync-NfcePending -Confirm:$false").Errors);
        Assert.Equal(true, machine.Run("Test-NfceSyncComplete").One().BaseObject);
        Assert.All(
            new[] { sent, open },
            note => Assert.Single(machine.Simulator.Ledger.CallsAbout(note.ChNFe), call => call.Service == SefazService.Autorizacao));
    }

    [Fact]
    public async Task A_repair_that_was_killed_leaves_a_queue_that_proves_nothing_until_it_is_repaired()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Run("Get-NfcePending");
        DamageTheCountOfFreePages(machine);
        File.WriteAllText(DatabaseOf(machine) + ".repairing", string.Empty);

        EngineResult met = machine.Run("Test-NfceSyncComplete");
        Assert.Equal([false], met.Values);
        Assert.Equal(["NfceQueueRepairUnfinished"], met.ErrorIds);

        machine.Run("Repair-NfceQueue -Confirm:$false").One();
        Assert.Single(machine.Run("Get-NfcePending -NoScan").Output);
    }

    private static string DatabaseOf(StoreMachine machine) => Path.Combine(machine.QueuePath, "nfcesync.db");

    private static string Damage(StoreMachine machine)
    {
        foreach (string beside in Directory.GetFiles(machine.QueuePath, "nfcesync.db-*"))
        {
            File.Delete(beside);
        }

        string nonsense = string.Concat(Enumerable.Repeat("damaged ", 1000));
        File.WriteAllText(DatabaseOf(machine), nonsense, Encoding.ASCII);
        return nonsense;
    }

    // In the file's header (https://sqlite.org/fileformat2.html): nothing else is hurt.
    private static void DamageTheCountOfFreePages(StoreMachine machine)
    {
        const int FreePages = 36;
        using var file = new FileStream(DatabaseOf(machine), FileMode.Open, FileAccess.Write);
        file.Position = FreePages;
        file.Write([0, 0, 0, 7]);
    }
}

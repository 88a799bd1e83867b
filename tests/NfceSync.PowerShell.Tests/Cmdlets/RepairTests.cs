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

        PSObject report = machine.Run("Repair-NfceQueue -Confirm:$false").One();

        Assert.Equal(damaged, File.ReadAllText(report.Text("DamagedPath")!));
        Assert.Contains("Register-NfceStore", report.Text("Guidance"), StringComparison.Ordinal);

        // Nothing could be read of the old file, not even who the stores are.
        machine.Register();
        Assert.Empty(machine.Run("Sync-NfcePending -Confirm:$false").Errors);
        Assert.Equal(true, machine.Run("Test-NfceSyncComplete").One().BaseObject);
        Assert.Equal(2, machine.Simulator.Ledger.AuthorizedCount);
        Assert.All(
            new[] { sent, open },
            note => Assert.Single(machine.Simulator.Ledger.CallsAbout(note.ChNFe), call => call.Service == SefazService.Autorizacao));
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
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("Get-NfcePending -Name ", "'Loja 01'")]
    [InlineData("Sync-NfcePending Lo", "'Loja 01'")]
    [InlineData("Test-NfceSyncComplete -Store 'loja", "'Loja 01'")]
    [InlineData("Set-NfceStore -Name X", "")]
    [InlineData("Register-NfceStore -Uf P", "PA PB PE PI PR")]
    [InlineData("Get-NfcePending -Status Un", "Uncertain")]
    [InlineData("Get-NfcePending -Status Rej", "Rejected")]
    public async Task Names_are_completed(string line, string expected)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        Assert.Equal(expected, string.Join(' ', Complete(machine, line)));
    }

    [Fact]
    public async Task Access_keys_of_pending_notes_are_completed()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote[] notes = [.. machine.Drop(2)];
        machine.Run("Get-NfcePending");

        Assert.Equal(notes.Select(note => note.ChNFe).Order(), Complete(machine, "Sync-NfcePending -ChNFe 43").Order());
        Assert.Equal([notes[1].ChNFe], Complete(machine, "Sync-NfcePending -ChNFe " + notes[1].ChNFe[..40]));
    }

    [Fact]
    public async Task Completion_never_fails_and_never_makes_a_queue()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        File.WriteAllText(Path.Combine(machine.Folder, "nfcesync.db"), "no database");

        Assert.Empty(Complete(machine, $"Get-NfcePending -QueuePath '{machine.Folder}' -Name "));
        Assert.Empty(Complete(machine, $"Get-NfcePending -QueuePath '{machine.QueuePath}' -Name "));
        Assert.False(Directory.Exists(machine.QueuePath));
    }

    private static IEnumerable<string> Complete(StoreMachine machine, string line)
    {
        if (!line.Contains("-QueuePath", StringComparison.Ordinal))
        {
            line = line.Insert(line.IndexOf(' ', StringComparison.Ordinal), $" -QueuePath '{machine.QueuePath}'");
        }

        EngineResult result = machine.Run(
            """
            $found = [System.Management.Automation.CommandCompletion]::CompleteInput($args[0], $args[0].Length, $null, [powershell]::Create('CurrentRunspace'))
            $found.CompletionMatches | Where-Object ResultType -eq ParameterValue | ForEach-Object CompletionText
            """,
            line);
        Assert.Empty(result.Errors);
        return result.Values.Cast<string>();
    }
}

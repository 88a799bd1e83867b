using System;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class ExceptionTests
{
    [Fact]
    public async Task A_quarantined_document_without_a_key_is_taken_out_and_put_back_through_the_pipeline()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        string path = machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));
        machine.Drop("lixo2.xml", Encoding.UTF8.GetBytes("isto também não"));

        PSObject taken = machine.Run("Get-NfcePending | Where-Object Path -eq $args[0] | Confirm-NfceException -Reason 'não é nota'", path).One();

        Assert.Equal(("não é nota", Environment.UserName, path), (taken.Text("Exception"), taken.Text("ExceptionBy"), taken.Text("Path")));
        Assert.NotEqual(path, machine.Run("Get-NfcePending").One().Text("Path"));
        PSObject shown = Assert.Single(machine.Run("Get-NfcePending -Detailed").Output, item => item.Value("Exception") is not null);
        Assert.Equal(path, shown.Text("Path"));
        Assert.NotNull(shown.Value("ExceptionAt"));

        Assert.Empty(machine.Run("Get-NfcePending -Detailed | Where-Object Exception | Confirm-NfceException -Undo").Errors);
        Assert.Equal(2, machine.Run("Get-NfcePending").Output.Count);
    }

    [Fact]
    public async Task A_rejected_note_is_taken_out_by_its_key_and_the_store_is_complete_then()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1).Single();
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 778 });
        machine.Run("Sync-NfcePending -Confirm:$false");
        string printed = string.Join(' ', note.ChNFe.Chunk(4).Select(group => new string(group)));

        EngineResult result = machine.Run("Confirm-NfceException $args[0] 'contador resolveu'; Test-NfceSyncComplete", printed);

        Assert.Empty(result.Errors);
        Assert.Equal(true, result.Output[^1].BaseObject);
        PSObject report = machine.Run("Test-NfceSyncComplete -Detailed").One();
        Assert.Equal([note.ChNFe], (string[])report.Value("Exceptions")!);
        int sent = machine.Sent;
        machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Equal(sent, machine.Sent);
    }

    [Fact]
    public async Task What_only_SEFAZ_can_settle_is_refused()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1).Single();

        EngineResult result = machine.Run("Get-NfcePending | Confirm-NfceException -Reason 'não quero'");

        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceExceptionNotAllowed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(note.ChNFe, error.TargetObject);
        Assert.Single(machine.Run("Get-NfcePending").Output);
    }

    [Theory]
    [InlineData("Confirm-NfceException ('0' * 44) -Reason x")]
    [InlineData("Confirm-NfceException ('0' * 44) -Undo")]
    [InlineData("Confirm-NfceException -DocumentId 99 -Reason x")]
    public async Task An_unknown_item_is_an_error(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        Assert.Equal(["NfceItemNotFound"], machine.Run(script).ErrorIds);
    }

    [Fact]
    public async Task A_verdict_needs_a_reason()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));

        Assert.NotEmpty(machine.Run("Get-NfcePending | Confirm-NfceException -Reason ''").Errors);

        Assert.Single(machine.Run("Get-NfcePending").Output);
    }

    [Fact]
    public async Task WhatIf_takes_nothing_out_and_Confirm_asks_in_the_user_s_language()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        string path = machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));

        machine.Run("Get-NfcePending | Confirm-NfceException -Reason x -WhatIf");
        machine.Host.Answers.Enqueue(null);
        machine.Run("Get-NfcePending | Confirm-NfceException -Reason x -Confirm");

        Assert.Contains($": Retirar '{path}' das pendências.", machine.Host.Text, StringComparison.Ordinal);
        Assert.StartsWith($"Retirar '{path}' das pendências?", Assert.Single(machine.Host.Prompts).Message, StringComparison.Ordinal);
        Assert.Single(machine.Run("Get-NfcePending").Output);
    }
}

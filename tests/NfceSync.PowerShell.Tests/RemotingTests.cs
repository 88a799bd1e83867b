using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading.Tasks;

using NfceSync.PowerShell.Tests.Cmdlets;
using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public class RemotingTests
{
    private const int Yes = 0;
    private const int No = 1;

    [Fact]
    public async Task The_module_imports_and_writes_in_a_remote_session()
    {
        using RemoteEngine remote = await RemoteEngine.ConnectAsync(module: ProbeModule.ManifestPath);

        EngineResult result = remote.Run("Write-Probe -Count 3");

        Assert.Empty(result.Errors);
        Assert.Equal(3, result.Output.Count);
    }

    [Fact]
    public async Task Stores_list_send_and_verify_from_one_desk_and_each_result_names_its_computer()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(3);
        SignedNote[] notes = [.. fleet.Computers.SelectMany((computer, index) => computer.Drop(index + 1))];

        EngineResult pending = fleet.Everywhere("Get-NfcePending");
        EngineResult before = fleet.Everywhere("Test-NfceSyncComplete");
        EngineResult sent = fleet.Everywhere("Sync-NfcePending -Confirm:$false");
        EngineResult after = fleet.Everywhere("Test-NfceSyncComplete");

        Assert.Empty(pending.Errors.Concat(before.Errors).Concat(sent.Errors).Concat(after.Errors));
        Assert.Equal(Keys(notes), Values(pending, "ChNFe"));
        Assert.Equal(Keys(notes), Values(sent, "ChNFe"));
        Assert.All(sent.Output, result => Assert.Equal("Authorized", result.Properties["Status"].Value));
        Assert.All(pending.Output.Concat(sent.Output), item => Assert.Equal(
            fleet.Computers.Single(computer => computer.Store == (string)item.Properties["Store"].Value).Name,
            item.Properties["PSComputerName"].Value));
        Assert.Equal([false, false, false], before.Values);
        Assert.Equal([true, true, true], after.Values);
        Assert.Equal(["LOJA-01", "LOJA-02", "LOJA-03"], Values(after, "PSComputerName"));
        Assert.Equal(notes.Length, fleet.Simulator.Ledger.AuthorizedCount);
        Assert.Equal(
            fleet.Computers.Select(computer => $"{computer.Store}: Tarefas pendentes concluídas com sucesso"),
            sent.Streams.Information.Select(record => record.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Progress_of_every_store_reaches_the_desk()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(2);
        fleet.Computers.ForEach(computer => computer.Drop(2));

        EngineResult sent = fleet.Everywhere("Sync-NfcePending -Confirm:$false");

        Assert.Empty(sent.Errors);
        Assert.All(fleet.Computers, computer =>
        {
            ProgressRecord[] records = [.. fleet.Desk.Host.Progress.Where(record => record.Activity.Contains(computer.Store, StringComparison.Ordinal))];
            Assert.Contains(records, record => record is { RecordType: ProgressRecordType.Processing, PercentComplete: >= 0 and <= 100 });
            Assert.Equal(ProgressRecordType.Completed, records[^1].RecordType);
        });
    }

    [Theory]
    [InlineData("Get-NfcePending")]
    [InlineData("Get-NfceStore")]
    [InlineData("Get-NfceServiceStatus")]
    [InlineData("Test-NfceSyncComplete -Detailed")]
    [InlineData("Sync-NfcePending -Confirm:$false")]
    public async Task What_comes_back_looks_as_it_does_on_the_store_s_machine(string command)
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(1);
        RemotingComputer computer = fleet.Computers[0];
        computer.Drop(1);

        string[] remote = Columns(fleet.Desk.Show("Invoke-Command -Session $args[0] -HideComputerName -ScriptBlock ([scriptblock]::Create($args[1]))", fleet.Sessions, command));
        computer.Drop(1);
        string[] local = Columns(fleet.Desk.Show("$PSDefaultParameterValues = @{ '*-Nfce*:QueuePath' = $args[0] }; & ([scriptblock]::Create($args[1]))", computer.QueuePath, command));

        Assert.True(local.Length > 4, string.Join(' ', local));
        Assert.Equal(local, remote);
    }

    [Fact]
    public async Task The_question_of_each_store_is_answered_at_the_desk()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(2);
        SignedNote[] notes = [.. fleet.Computers.SelectMany(computer => computer.Drop(1))];
        PSObject[] sessions = fleet.Sessions;
        fleet.Desk.Host.Answers.Enqueue(Yes);
        fleet.Desk.Host.Answers.Enqueue(No);

        // One after the other, so that it is known whom the answers go to.
        EngineResult sent = fleet.Desk.Run("foreach ($session in $args[0]) { Invoke-Command -Session $session { Sync-NfcePending } }", [sessions]);

        Assert.Equal(
            ["Loja 01: enviar 1 nota, total R$ 10,00?", "Loja 02: enviar 1 nota, total R$ 10,00?"],
            fleet.Desk.Host.Prompts.Select(prompt => prompt.Message));
        Assert.All(fleet.Desk.Host.Prompts, prompt => Assert.Equal(No, prompt.DefaultChoice));
        Assert.Equal(notes[0].ChNFe, Assert.Single(fleet.Simulator.Ledger.Entries).ChNFe);
        Assert.Equal(["NfceNotesRemain"], sent.ErrorIds);
    }

    [Fact]
    public async Task A_question_that_nobody_can_answer_is_an_error_of_its_store_and_nothing_is_sent()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(2);
        fleet.Computers.ForEach(computer => computer.Drop(1));

        EngineResult sent = fleet.Everywhere("Sync-NfcePending");

        Assert.Equal(["NfceConfirmationRequired", "NfceConfirmationRequired"], sent.ErrorIds);
        Assert.Equal(["LOJA-01", "LOJA-02"], Origins(sent));
        Assert.All(sent.Errors, error => Assert.Contains("-Confirm:$false", error.ToString(), StringComparison.Ordinal));
        Assert.Equal(0, fleet.Simulator.Counters.Calls(SefazService.Autorizacao));
    }

    [Fact]
    public async Task An_error_comes_back_with_its_id_its_target_and_its_computer()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(2);

        EngineResult result = fleet.Everywhere("Get-NfcePending -Name 'Loja 02'");

        ErrorRecord error = Assert.Single(result.Errors);
        Assert.Equal("NfceStoreNotFound,NfceSync.PowerShell.GetNfcePendingCommand", error.FullyQualifiedErrorId);
        Assert.Equal("Loja 02", error.TargetObject);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
        Assert.Equal(["LOJA-01"], Origins(result));
    }

    [Fact]
    public async Task Notes_that_came_back_and_were_filtered_select_just_themselves_when_they_are_sent()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(1);
        IReadOnlyList<SignedNote> notes = fleet.Computers[0].Drop(4);

        EngineResult sent = fleet.Desk.Run(
            """
            $session = $args[0]
            $notes = Invoke-Command -Session $session { Get-NfcePending }
            $notes | Where-Object Total -gt 20 | Invoke-Command -Session $session { $input | Sync-NfcePending -Confirm:$false }
            """,
            fleet.Sessions[0]);

        Assert.Equal(["NfceNotesRemain"], sent.ErrorIds);
        Assert.Equal(Keys(notes.Where(note => note.VNF > 20)), Values(sent, "ChNFe"));
        Assert.Equal(Keys(notes.Where(note => note.VNF > 20)), fleet.Simulator.Ledger.Entries.Select(entry => entry.ChNFe).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_filter_that_leaves_nothing_sends_nothing()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(1);
        fleet.Computers[0].Drop(2);

        fleet.Desk.Run(
            """
            $notes = Invoke-Command -Session $args[0] { Get-NfcePending }
            $notes | Where-Object Total -gt 1000 | Invoke-Command -Session $args[0] { $input | Sync-NfcePending -Confirm:$false }
            """,
            fleet.Sessions[0]);

        Assert.Empty(fleet.Simulator.Ledger.Calls);
    }

    [Fact]
    public async Task A_store_that_dies_in_the_middle_is_an_error_of_its_own_and_goes_on_where_it_was()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(3);
        SignedNote[] notes = [.. fleet.Computers.SelectMany(computer => computer.Drop(2))];
        RemotingComputer dying = fleet.Computers[1];
        string key = notes[2].ChNFe;
        fleet.Simulator.Faults.Add(new FaultRule(FaultKind.AnswerNeverSent) { ChNFe = key, Times = 1 });

        EngineRun run = fleet.Start("Sync-NfcePending -Confirm:$false");
        await StoreMachine.UntilAsync(() => fleet.Simulator.Ledger.Find(key) is not null);
        dying.Remote.Kill();
        EngineResult sent = await run.ResultAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.NotEmpty(sent.Errors);
        Assert.Equal([dying.Name], Origins(sent).Distinct());
        Assert.Equal(
            Keys(notes[..2].Concat(notes[4..])),
            sent.Output.Where(item => (string)item.Properties["PSComputerName"].Value != dying.Name)
                .Select(item => (string)item.Properties["ChNFe"].Value).Order(StringComparer.Ordinal));

        await dying.StartAsync();
        EngineResult again = dying.Remote.Run("Sync-NfcePending -Confirm:$false -Wait; Test-NfceSyncComplete");

        Assert.Empty(again.Errors);
        Assert.Equal(true, again.Output[^1].BaseObject);
        Assert.Equal(notes.Length, fleet.Simulator.Ledger.AuthorizedCount);
        Assert.Single(fleet.Simulator.Ledger.CallsAbout(key), call => call.Service == SefazService.Autorizacao);
    }

    [Fact]
    public async Task The_example_for_a_fleet_tells_of_every_computer_also_of_one_that_is_off()
    {
        await using RemotingFleet fleet = await RemotingFleet.StartAsync(3);
        fleet.Computers.ForEach(computer => computer.Drop(2));
        SignedNote rejected = fleet.Computers[1].Drop(1)[0];
        fleet.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { ChNFe = rejected.ChNFe, CStat = 778 });
        fleet.Computers[2].Remote.Kill();

        // A session that breaks in the middle of a call may end it for all of them; here the computer is off beforehand.
        await StoreMachine.UntilAsync(() => fleet.Computers[2].Remote.Session.Runspace.RunspaceStateInfo.State != RunspaceState.Opened);

        EngineResult result = fleet.Desk.Run(
            "& $args[0] -Session $args[1] -Confirm:$false",
            Path.Combine(Engine.RepositoryRoot(), "examples", "Sync-Fleet.ps1"),
            fleet.Sessions);

        Assert.Empty(result.Errors);
        Assert.Equal(["LOJA-01", "LOJA-02", "LOJA-03"], result.Output.Select(item => item.Text("ComputerName")));
        Assert.Empty((object[])result.Output[0].Value("Problems")!);
        Assert.Single((object[])result.Output[1].Value("Problems")!);
        Assert.NotEmpty((object[])result.Output[2].Value("Problems")!);
        Assert.Equal([true, false, false], result.Output.Select(item => item.Value("Complete")));
        Assert.Equal([2, 2, 0], result.Output.Select(item => item.Value("Sent")));
    }

    private static IEnumerable<string> Keys(IEnumerable<SignedNote> notes) => notes.Select(note => note.ChNFe).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Values(EngineResult result, string property) =>
        result.Output.Select(item => (string)item.Properties[property].Value).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Origins(EngineResult result) =>
        result.Errors.OfType<RemotingErrorRecord>().Select(error => error.OriginInfo.PSComputerName).Order(StringComparer.Ordinal);

    // The line above the rule of a table.
    private static string[] Columns(string shown)
    {
        string[] lines = shown.Split('\n');
        int rule = Array.FindIndex(lines, line => line.TrimStart().StartsWith("--", StringComparison.Ordinal));
        return rule > 0 ? lines[rule - 1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : lines;
    }
}

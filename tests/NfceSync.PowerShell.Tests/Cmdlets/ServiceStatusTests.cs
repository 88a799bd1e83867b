using System;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class ServiceStatusTests
{
    [Fact]
    public async Task A_running_service_is_shown_with_certificate_and_clock_and_asked_once_in_three_minutes()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();

        PSObject first = machine.Run("Get-NfceServiceStatus").One();
        PSObject second = machine.Run("Get-NfceStore | Get-NfceServiceStatus").One();

        Assert.Equal(1, machine.Calls);
        Assert.Equal(("Loja 01", true, 107), (first.Text("Store"), (bool)first.Value("Available")!, (int)first.Value("LastCode")!));
        Assert.Equal(("RS", "Homologacao"), (first.Text("Authoriser"), first.Text("Environment")));
        Assert.InRange((int)first.Value("CertificateDaysLeft")!, 300, 366);
        Assert.InRange((TimeSpan)first.Value("ClockSkew")!, TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(60));
        Assert.Null(first.Value("ErrorId"));
        Assert.Equal(true, second.Value("Available"));
        Assert.Equal((DateTimeOffset)first.Value("AskedAt")!, (DateTimeOffset)second.Value("AskedAt")!, TimeSpan.FromMilliseconds(1));

        // The run believes it, too.
        machine.Drop(1);
        machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Equal(1, machine.Simulator.Counters.Calls(SefazService.Status));
    }

    [Fact]
    public async Task An_answer_is_not_given_again_for_another_address()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Run("Get-NfceServiceStatus");
        machine.Run("Set-NfceStore 'Loja 01' -System Lite");
        machine.Run("Get-NfceServiceStatus");
        Assert.Equal(1, machine.Calls);

        machine.Run("Set-NfceStore 'Loja 01' -ServiceBaseAddress https://localhost:1");
        EngineResult result = machine.Run("Get-NfceServiceStatus");

        Assert.Equal(["NfceSefazUnreachable"], result.ErrorIds);
        PSObject status = Assert.Single(result.Output);
        Assert.Equal(false, status.Value("Available"));
        Assert.Null(status.Value("LastCode"));
        Assert.StartsWith("https://localhost:1/", status.Text("Address"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_service_is_shown_and_an_error()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.PausedForNow));

        EngineResult result = machine.Run("Get-NfceServiceStatus; $?");

        Assert.Equal(["NfceServicePaused"], result.ErrorIds);
        Assert.Equal(false, result.Output[0].Value("Available"));
        Assert.Equal(108, result.Output[0].Value("LastCode"));
        Assert.Equal(false, result.Output[1].BaseObject);
    }

    [Fact]
    public async Task A_block_is_shown_and_not_renewed()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.ConsumoIndevido));

        EngineResult first = machine.Run("Get-NfceServiceStatus");
        EngineResult second = machine.Run("Get-NfceServiceStatus");
        machine.Drop(1);
        EngineResult sync = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(1, machine.Calls);
        Assert.Equal(["NfceConsumptionBlocked"], first.ErrorIds);
        Assert.Equal(["NfceConsumptionBlocked"], second.ErrorIds);
        Assert.NotNull(second.Output[0].Value("BlockedUntil"));
        Assert.Equal(["NfceConsumptionBlocked", "NfceNotesRemain"], sync.ErrorIds);
    }

    [Fact]
    public async Task An_unreachable_SEFAZ_is_shown_and_an_error_and_one_store_does_not_hide_the_others()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        machine.Run("Set-NfceStore 'Loja 01' -ServiceBaseAddress https://localhost:1");

        EngineResult result = machine.Run("Get-NfceServiceStatus");

        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceSefazUnreachable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal([("Loja 01", false), ("Loja 02", true)], result.Output.Select(status => (status.Text("Store"), (bool)status.Value("Available")!)));
        Assert.Equal("NfceSefazUnreachable", result.Output[0].Text("ErrorId"));
    }
}

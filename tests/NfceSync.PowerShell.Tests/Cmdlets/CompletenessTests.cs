using System;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class CompletenessTests
{
    [Theory]
    [InlineData("Test-NfceSyncComplete", false)]
    [InlineData("Get-NfceStore | Test-NfceSyncComplete", false)]
    [InlineData("'Loja 01', 'Loja 02' | Test-NfceSyncComplete", false)]
    [InlineData("Test-NfceSyncComplete -Name 'Loja 01'", true)]
    [InlineData("Test-NfceSyncComplete -Name 'Loja 02'", false)]
    [InlineData("if (Test-NfceSyncComplete) { 'lie' } else { $false }", false)]
    public async Task It_is_exactly_one_Boolean_over_all_its_stores(string script, bool expected)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        machine.Drop(1, store: "Loja 02", cnpj: StoreMachine.OtherCnpj);

        Assert.Equal(expected, machine.Run(script).One().BaseObject);
    }

    [Theory]
    [InlineData("Test-NfceSyncComplete", "NfceNoStores")]
    [InlineData("Test-NfceSyncComplete -Name 'Loja 09'", "NfceNoStores")]
    [InlineData("'Loja*' | Test-NfceSyncComplete", "NfceNoStores")]
    [InlineData("Test-NfceSyncComplete -QueuePath ($args[0] + '/file')", "NfceQueueUnavailable")]
    public async Task Without_a_store_or_a_queue_it_is_false_with_the_reason(string script, string errorId)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        File.WriteAllText(Path.Combine(machine.Folder, "file"), "no folder");

        EngineResult result = machine.Run(script, machine.Folder);

        Assert.Equal([false], result.Values);
        Assert.Equal([errorId], result.ErrorIds);
    }

    [Theory]
    [InlineData("Test-NfceSyncComplete -Name 'Loja 09'", "NfceStoreNotFound")]
    [InlineData("Test-NfceSyncComplete -Name 'Filial*'", "NfceStoreNotFound")]
    [InlineData("Test-NfceSyncComplete -Name 'Loja [0'", "NfceNamePatternInvalid")]
    [InlineData("Test-NfceSyncComplete -Name $null", "NfceStoreNotFound")]
    [InlineData("Test-NfceSyncComplete -Name ''", "NfceStoreNotFound")]
    [InlineData("Test-NfceSyncComplete -Name ' '", "NfceStoreNotFound")]
    [InlineData("Test-NfceSyncComplete -Name @()", "NfceStoreNotFound")]
    [InlineData("Test-NfceSyncComplete -Name 'Loja 01', ''", "NfceStoreNotFound")]
    [InlineData("$null | Test-NfceSyncComplete", "NfceStoreNotFound")]
    [InlineData("'Loja 01', '' | Test-NfceSyncComplete", "NfceStoreNotFound")]
    [InlineData("'Loja 01', $null | Test-NfceSyncComplete", "NfceStoreNotFound")]
    [InlineData("'Loja 01', 'Loja 09' | Test-NfceSyncComplete", "NfceStoreNotFound")]
    [InlineData("[pscustomobject]@{ Name = 'Loja 01' }, [pscustomobject]@{ Name = $null } | Test-NfceSyncComplete", "NfceStoreNotFound")]
    public async Task A_name_that_is_wrong_or_missing_proves_nothing_beside_a_store_that_is_complete(string script, string errorId)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();

        EngineResult result = machine.Run(script);

        Assert.Equal([false], result.Values);
        Assert.Equal([errorId], result.ErrorIds);
        Assert.False(result.Terminated);
    }

    [Theory]
    [InlineData("Get-NfceStore")]
    [InlineData("Get-NfceStore 'Loja*'")]
    [InlineData("Get-NfcePending")]
    [InlineData("Get-NfceServiceStatus")]
    [InlineData("Test-NfceSyncComplete -Detailed")]
    public async Task Who_only_looks_makes_no_queue_where_there_is_none_and_is_told_where_it_looked(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);

        EngineResult result = machine.Run(script);

        Assert.Empty(result.Output);
        Assert.False(result.Terminated);
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceNoStores,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(machine.QueuePath, error.TargetObject);
        Assert.Contains(machine.QueuePath, error.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(machine.QueuePath));
    }

    [Fact]
    public async Task A_verification_that_fails_in_a_way_nobody_has_foreseen_proves_nothing()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Run("Get-NfcePending");
        machine.Sql("UPDATE note SET dh_emi = 'ontem'");

        EngineResult result = machine.Run("Test-NfceSyncComplete");

        Assert.Equal([false], result.Values);
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceVerificationFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotNull(error.Exception.InnerException);
        Assert.Contains(error.Exception.InnerException.Message, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_pipeline_proves_nothing()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        Assert.Equal([false], machine.Run("Get-NfceStore 'Loja 9*' | Test-NfceSyncComplete").Values);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_proves_nothing()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        Assert.Equal(true, machine.Run("Test-NfceSyncComplete").One().BaseObject);
        Directory.Delete(machine.SourcePath);

        EngineResult result = machine.Run("Test-NfceSyncComplete");

        Assert.Equal([false], result.Values);
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceSourceFolderMissing,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(machine.SourcePath, error.TargetObject);
        EngineResult sync = machine.Run("Sync-NfcePending; $?");
        Assert.Equal([false], sync.Values);
        Assert.Equal(["NfceSourceFolderMissing"], sync.ErrorIds);
        Assert.Empty(sync.Streams.Information);
    }

    [Fact]
    public async Task A_damaged_queue_proves_nothing_and_is_left_as_it_is()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        string database = Path.Combine(machine.QueuePath, "nfcesync.db");
        byte[] damaged = Encoding.ASCII.GetBytes(new string('x', 8192));
        Directory.GetFiles(machine.QueuePath, "nfcesync.db*").ToList().ForEach(File.Delete);
        File.WriteAllBytes(database, damaged);

        EngineResult result = machine.Run("Test-NfceSyncComplete");

        Assert.Equal([false], result.Values);
        Assert.Equal(["NfceQueueDamaged"], result.ErrorIds);
        Assert.Equal(damaged, File.ReadAllBytes(database));
    }

    [Fact]
    public async Task Detailed_says_what_stands_against_each_store()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(2);
        machine.Run("Sync-NfcePending -Confirm:$false");
        machine.Drop(1, first: 3);
        machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));
        SignedNote limbo = machine.Factory.CreateLimbo(new NoteRequest { Number = 50 });
        machine.Drop(limbo.FileName, limbo.Bytes.ToArray());
        SignedNote model55 = machine.Factory.CreateModel55(new NoteRequest { Number = 51 });
        machine.Drop(model55.FileName, model55.Bytes.ToArray());

        PSObject report = machine.Run("Test-NfceSyncComplete -Detailed").One();

        Assert.Equal("Loja 01", report.Text("Store"));
        Assert.Equal(false, report.Value("Complete"));
        Assert.Equal(2L, report.Value("Pending"));
        Assert.Equal(1, report.Value("ToSend"));
        Assert.Equal(1, report.Value("Quarantined"));
        Assert.Equal(2, report.Value("Authorized"));
        Assert.Equal(0L, report.Value("Unarchived"));
        Assert.Equal([limbo.ChNFe], (string[])report.Value("LimboCandidates")!);
        Assert.Equal(1, report.Value("Ignored"));
        Assert.Equal(6, report.Value("FilesSeen"));
    }
}

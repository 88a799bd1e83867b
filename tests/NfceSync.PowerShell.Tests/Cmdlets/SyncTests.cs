using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class SyncTests
{
    private const int Yes = 0;
    private const int No = 1;
    private const int YesToAll = 2;

    [Fact]
    public async Task No_is_the_default_and_sends_nothing()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(2);
        machine.Host.Answers.Enqueue(null);

        EngineResult result = machine.Run("Sync-NfcePending; $?");

        Assert.Equal(No, Assert.Single(machine.Host.Prompts).DefaultChoice);
        Assert.Equal([false], result.Values);
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceNotesRemain,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("Loja 01", error.TargetObject);
        Assert.Empty(result.Streams.Information);
        Assert.Equal(0, machine.Calls);
    }

    [Fact]
    public async Task WhatIf_lists_exactly_what_would_be_sent_and_sends_nothing()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        IReadOnlyList<SignedNote> notes = machine.Drop(3);
        machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));

        EngineResult result = machine.Run("Sync-NfcePending -WhatIf");

        Assert.Empty(result.Errors);
        Assert.Empty(result.Output);
        Assert.Empty(machine.Host.Prompts);
        Assert.Equal(0, machine.Calls);
        string[] lines = machine.Host.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.All(notes, note => Assert.Single(lines, line => line.Contains(note.ChNFe, StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.Contains("Loja 01: enviar a nota", line, StringComparison.Ordinal));
        Assert.Equal(4, machine.Run("Get-NfcePending").Output.Count);
    }

    [Theory]
    [InlineData("Sync-NfcePending -Confirm:$false")]
    [InlineData("$ConfirmPreference = 'None'; Sync-NfcePending")]
    public async Task Without_confirmation_nothing_is_asked(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);

        EngineResult result = machine.Run(script);

        Assert.Empty(result.Errors);
        Assert.Empty(machine.Host.Prompts);
        Assert.Equal("Authorized", Assert.Single(result.Output).Text("Status"));
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_nothing_is_sent_and_the_error_names_the_way_out()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);

        EngineResult result = machine.Run("try { Sync-NfcePending } catch { $_ }");

        ErrorRecord error = Assert.IsType<ErrorRecord>(Assert.Single(result.Values));
        Assert.StartsWith("NfceConfirmationRequired,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Confirm:$false", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("Loja 01", error.TargetObject);
        Assert.Equal(0, machine.Calls);
    }

    [Fact]
    public async Task A_result_says_what_became_of_the_note()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1, first: 815).Single();

        PSObject result = machine.Run("Sync-NfcePending -Confirm:$false").One();

        LedgerEntry entry = machine.Simulator.Ledger.Find(note.ChNFe)!;
        Assert.Equal(("Loja 01", 815, 1), (result.Text("Store"), (int)result.Value("Number")!, (int)result.Value("Serie")!));
        Assert.Equal(note.DhEmi, result.Value("IssuedAt"));
        Assert.Equal(34.56m, result.Value("Total"));
        Assert.Equal("Autorizada", result.Text("StatusText"));
        Assert.Equal(100, result.Value("LastCode"));
        Assert.Equal(entry.NProt, result.Text("Protocol"));
        Assert.Equal(entry.DhRecbto, (DateTimeOffset)result.Value("ReceivedAt")!, TimeSpan.FromSeconds(1));
        Assert.Equal(note.ChNFe, result.Text("ChNFe"));
        Assert.Equal("", result.Text("NextStep"));
    }

    [Fact]
    public async Task Notes_through_the_pipeline_are_sent_and_no_others()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(4);
        machine.Host.Answers.Enqueue(Yes);

        EngineResult first = machine.Run("Get-NfcePending | Where-Object Number -le 2 | Sync-NfcePending");

        Assert.Equal([1, 2], first.Output.Select(result => result.Value("Number")).Order());
        Assert.Equal("Loja 01: enviar 2 notas, total R$ 69,12?", Assert.Single(machine.Host.Prompts).Message);
        Assert.Equal(["NfceNotesRemain"], first.ErrorIds);
        Assert.Empty(first.Streams.Information);
        Assert.Equal(2, machine.Sent);

        EngineResult rest = machine.Run("Get-NfcePending | Sync-NfcePending -Confirm:$false");

        Assert.Empty(rest.Errors);
        Assert.Equal([3, 4], rest.Output.Select(result => result.Value("Number")).Order());
        Assert.Single(rest.Streams.Information);
    }

    [Fact]
    public async Task Notes_by_their_printed_keys_are_sent_and_no_others()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote[] notes = [.. machine.Drop(2)];
        machine.Run("Get-NfcePending");
        string printed = string.Join(' ', notes[1].ChNFe.Chunk(4).Select(group => new string(group)));

        EngineResult result = machine.Run("Sync-NfcePending -ChNFe $args[0] -Confirm:$false", printed);

        Assert.Equal(notes[1].ChNFe, Assert.Single(result.Output).Text("ChNFe"));
        Assert.Null(machine.Simulator.Ledger.Find(notes[0].ChNFe));
    }

    [Fact]
    public async Task An_unknown_key_is_an_error_about_that_key()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);

        EngineResult result = machine.Run("Sync-NfcePending -ChNFe ('0' * 44) -Confirm:$false");

        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceItemNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(new string('0', 44), error.TargetObject);
        Assert.Equal(0, machine.Calls);
    }

    [Theory]
    [InlineData("Get-NfcePending -Status Quarantined | Sync-NfcePending -Confirm:$false")]
    [InlineData("Get-NfcePending -Status Rejected | Sync-NfcePending -Confirm:$false")]
    [InlineData("$null | Sync-NfcePending -Confirm:$false")]
    [InlineData("@() | Sync-NfcePending -Confirm:$false")]
    [InlineData("[pscustomobject]@{ Store = 'Loja 01'; ChNFe = $null } | Sync-NfcePending -Confirm:$false")]
    [InlineData("[pscustomobject]@{ Store = 'Loja 01'; ChNFe = '' } | Sync-NfcePending -Confirm:$false")]
    [InlineData("5 | Sync-NfcePending -Confirm:$false")]
    [InlineData("Get-NfceStore -Name 'Loja 9*' | Sync-NfcePending -Confirm:$false")]
    public async Task An_empty_selection_is_not_everything(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));

        EngineResult result = machine.Run(script);

        Assert.Empty(result.Output);
        Assert.Equal(0, machine.Calls);
        Assert.Empty(result.Streams.Information);
    }

    [Theory]
    [InlineData("@() | Sync-NfcePending -Confirm:$false; $?")]
    [InlineData("Sync-NfcePending -ChNFe @() -Confirm:$false; $?")]
    [InlineData("Sync-NfcePending -ChNFe $null -Confirm:$false; $?")]
    [InlineData("Sync-NfcePending -ChNFe '   ' -Confirm:$false; $?")]
    [InlineData("Sync-NfcePending -ChNFe '', ' ' -Confirm:$false; $?")]
    public async Task Where_nothing_is_named_what_remains_in_every_store_is_said_all_the_same(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        machine.Drop(2);

        EngineResult result = machine.Run(script);

        Assert.Equal([false], result.Values);
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.StartsWith("NfceNotesRemain,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("'Loja 01': restam 2 pendências.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("Loja 02: Tarefas pendentes concluídas com sucesso", Assert.Single(result.Streams.Information).ToString());
        Assert.Equal(0, machine.Calls);
    }

    [Theory]
    [InlineData("pt-BR", "'Loja 01': resta 1 pendência.")]
    [InlineData("en-US", "'Loja 01': 1 item remains.")]
    public async Task One_item_that_remains_is_told_as_one(string culture, string told)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(culture);
        machine.Drop(1);

        Assert.StartsWith(told, Assert.Single(machine.Run("@() | Sync-NfcePending").Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_waits_for_the_other_run_and_then_goes_on()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1).Single();
        machine.Simulator.Faults.Add(FaultRule.Once(FaultKind.AnswerNeverSent, SefazService.Autorizacao));
        EngineRun first = machine.Engine.Start("Sync-NfcePending -Confirm:$false");
        await StoreMachine.UntilAsync(() => machine.Sent > 0);
        using var other = new Engine();
        other.Host.Answers.Enqueue(Yes);
        EngineRun second = other.Start("Sync-NfcePending -Wait -QueuePath $args[0]", machine.QueuePath);
        await StoreMachine.UntilAsync(() => other.Host.Prompts.Count > 0);

        first.Stop();
        await first.ResultAsync();
        EngineResult waited = await second.ResultAsync();

        Assert.Empty(waited.Errors);
        Assert.Equal(("Authorized", note.ChNFe), (Assert.Single(waited.Output).Text("Status"), waited.Output[0].Text("ChNFe")));
        Assert.Equal(1, machine.Sent);
    }

    [Fact]
    public async Task PipelineVariable_holds_each_result()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(3);

        EngineResult result = machine.Run(
            "Get-NfcePending -PipelineVariable item | ForEach-Object { $item.Number } | ForEach-Object { $_ }; "
            + "Get-NfcePending | Sync-NfcePending -Confirm:$false -PipelineVariable sent | ForEach-Object { \"$($sent.Number) $($sent.Status)\" }");

        Assert.Empty(result.Errors);
        Assert.Equal([1, 2, 3], result.Values.OfType<int>().Order());
        Assert.Equal(["1 Authorized", "2 Authorized", "3 Authorized"], result.Values.OfType<string>().Order());
    }

    [Fact]
    public async Task Debug_tells_where_each_request_goes_and_what_became_of_it_in_the_user_s_language()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);

        string[] told = [.. machine.Run("$DebugPreference = 'Continue'; Sync-NfcePending -Confirm:$false").Streams.Debug.Select(record => record.Message)];

        string host = machine.Simulator.BaseAddress.Authority;
        Assert.Contains(told, text => text.StartsWith($"Enviado a {host}, serviço NFeAutorizacao4, ", StringComparison.Ordinal));
        Assert.Contains(told, text => text.StartsWith($"De {host}, serviço NFeAutorizacao4, após ", StringComparison.Ordinal)
            && text.Contains(" ms: respondida, HTTP 200, ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_quarantined_document_never_sends_the_note_that_has_its_key()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1).Single();
        machine.Simulator.Faults.Add(FaultRule.Once(FaultKind.CutAfterRequest, SefazService.Autorizacao));
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.HttpUnavailable) { Service = SefazService.Consulta });
        EngineRun run = machine.Engine.Start("Sync-NfcePending -Confirm:$false");
        await StoreMachine.UntilAsync(() => machine.Simulator.Counters.Calls(SefazService.Consulta) > 0);
        run.Stop();
        await run.ResultAsync();
        SignedNote other = machine.Factory.Create(new NoteRequest { Number = 1, VNF = 99m, DhEmi = note.DhEmi });
        machine.Drop("outra.xml", other.Bytes.ToArray());
        PSObject document = Assert.Single(machine.Run("Get-NfcePending -Status Quarantined").Output);
        Assert.Equal(note.ChNFe, document.Text("ChNFe"));
        int calls = machine.Calls;

        EngineResult result = machine.Run("$args[0] | Sync-NfcePending -Confirm:$false", document);

        Assert.Equal(["NfceNotesRemain"], result.ErrorIds);
        Assert.Equal(calls, machine.Calls);
    }

    [Theory]
    [InlineData("'Loja 02' | Sync-NfcePending -Confirm:$false")]
    [InlineData("Sync-NfcePending -Name 'loja 02' -Confirm:$false")]
    [InlineData("Sync-NfcePending *2 -Confirm:$false")]
    [InlineData("Get-NfceStore 'Loja 02' | Sync-NfcePending -Confirm:$false")]
    [InlineData("Get-NfceStore 'Loja 02' | Get-NfcePending | Sync-NfcePending -Confirm:$false")]
    [InlineData("[pscustomobject]@{ Name = 'Loja 02' } | Sync-NfcePending -Confirm:$false")]
    public async Task Stores_are_chosen_by_name_in_every_way(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        machine.Drop(1);
        machine.Drop(1, first: 7, store: "Loja 02", cnpj: StoreMachine.OtherCnpj);

        EngineResult result = machine.Run(script);

        Assert.Empty(result.Errors);
        Assert.Equal("Loja 02", Assert.Single(result.Output).Text("Store"));
        Assert.Equal("Loja 02: Tarefas pendentes concluídas com sucesso", Assert.Single(result.Streams.Information).ToString());
    }

    [Fact]
    public async Task Each_store_is_asked_for_once_and_an_answer_may_hold_for_all()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        machine.Drop(2);
        machine.Drop(1, store: "Loja 02", cnpj: StoreMachine.OtherCnpj);
        machine.Host.Answers.Enqueue(Yes);
        machine.Host.Answers.Enqueue(No);

        EngineResult result = machine.Run("Sync-NfcePending");

        Assert.Equal(
            ["Loja 01: enviar 2 notas, total R$ 69,12?", "Loja 02: enviar 1 nota, total R$ 34,56?"],
            machine.Host.Prompts.Select(prompt => prompt.Message));
        Assert.All(result.Output, item => Assert.Equal("Loja 01", item.Text("Store")));
        ErrorRecord error = Assert.Single(result.Errors);
        Assert.Equal("Loja 02", error.TargetObject);

        machine.Drop(1, first: 3);
        machine.Host.Answers.Enqueue(YesToAll);
        Assert.Empty(machine.Run("Sync-NfcePending").Errors);
        Assert.Equal(3, machine.Host.Prompts.Count);
    }

    [Fact]
    public async Task A_store_whose_certificate_is_gone_does_not_keep_the_others_from_SEFAZ()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        machine.Drop(1);
        machine.Drop(1, store: "Loja 02", cnpj: StoreMachine.OtherCnpj);
        string elsewhere = Path.Combine(machine.Folder, "other.pfx");
        File.Copy(machine.PfxPath, elsewhere);
        machine.Run("Set-NfceStore 'Loja 01' -CertificatePath $args[0] -CertificatePassword $args[1] -SavePassword", elsewhere, StoreMachine.Secret(StoreMachine.Password));
        File.Delete(elsewhere);

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(["NfcePfxMissing", "NfceNotesRemain"], result.ErrorIds);
        Assert.Equal(elsewhere, result.Errors[0].TargetObject);
        Assert.Equal("Loja 02", Assert.Single(result.Output).Text("Store"));
        Assert.Equal("Loja 02: Tarefas pendentes concluídas com sucesso", Assert.Single(result.Streams.Information).ToString());
    }

    [Fact]
    public async Task A_rejected_note_is_told_with_what_to_do_and_its_correction_is_counted_in_the_question()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1).Single();
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 778, Times = 1 });

        EngineResult rejected = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(["NfceNotesRemain"], rejected.ErrorIds);
        PSObject result = Assert.Single(rejected.Output);
        Assert.Equal(("Rejected", 778), (result.Text("Status"), (int)result.Value("LastCode")!));
        Assert.NotEmpty(result.Text("NextStep")!);
        Assert.NotEmpty(result.Text("LastReason")!);

        SignedNote corrected = machine.Factory.Create(new NoteRequest { Number = 1, VNF = 50m, DhEmi = note.DhEmi });
        Assert.Equal(note.ChNFe, corrected.ChNFe);
        machine.Drop(note.FileName, corrected.Bytes.ToArray());
        machine.Host.Answers.Enqueue(Yes);
        EngineResult again = machine.Run("Sync-NfcePending");

        Assert.Equal(
            "Loja 01: enviar 1 nota, total R$ 50,00? Entre elas, correções de notas rejeitadas: 1.", Assert.Single(machine.Host.Prompts).Message);
        Assert.Equal("Authorized", Assert.Single(again.Output).Text("Status"));
    }

    [Fact]
    public async Task What_remains_leaves_the_command_without_success()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Drop("lixo.xml", Encoding.UTF8.GetBytes("isto não é xml"));

        EngineResult result = machine.Run("$null = Sync-NfcePending -Confirm:$false -ErrorVariable left -ErrorAction SilentlyContinue; $?; $left.Count; $left[0].FullyQualifiedErrorId");

        Assert.Equal(false, result.Values.First());
        Assert.Equal(1, result.Values.ElementAt(1));
        Assert.StartsWith("NfceNotesRemain", (string)result.Values.Last(), StringComparison.Ordinal);
        Assert.Empty(result.Streams.Information);
    }

    [Fact]
    public async Task An_unreachable_SEFAZ_is_an_error_and_the_note_stays_pending()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Run("Set-NfceStore 'Loja 01' -ServiceBaseAddress https://localhost:1");

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(["NfceSefazUnreachable", "NfceNotesRemain"], result.ErrorIds);
        Assert.Equal(ErrorCategory.ConnectionError, result.Errors[0].CategoryInfo.Category);
        Assert.Equal("Pending", machine.Run("Get-NfcePending").One().Text("Status"));
    }

    [Fact]
    public async Task A_server_certificate_that_does_not_chain_is_an_error_and_nothing_is_sent()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        using TestAuthority stranger = TestAuthority.Create();
        string root = Path.Combine(machine.Folder, "stranger.pem");
        stranger.WriteRoot(root);
        machine.Run("Set-NfceStore 'Loja 01' -TrustedRootPath $args[0]", root);

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(["NfceServerCertificateUntrusted", "NfceNotesRemain"], result.ErrorIds);
        Assert.Equal(0, machine.Calls);
        Assert.Equal("Pending", machine.Run("Get-NfcePending").One().Text("Status"));
    }

    [Fact]
    public async Task A_paused_service_ends_the_run_with_its_reason()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(2);
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.PausedForNow));

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(["NfceServicePaused", "NfceNotesRemain"], result.ErrorIds);
        Assert.Equal(0, machine.Sent);
    }

    [Fact]
    public async Task An_archive_that_cannot_be_written_is_told_once_and_keeps_the_store_from_being_complete()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(3);
        File.WriteAllText(machine.ArchivePath, "a file where the folder should be");

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(3, result.Output.Count);
        Assert.Single(result.Streams.Warning);
        Assert.Equal(["NfceArchiveIncomplete"], result.ErrorIds);
        Assert.Empty(result.Streams.Information);

        // Nothing is to be sent: the files are written without the certificate.
        File.Delete(machine.ArchivePath);
        File.Delete(machine.PfxPath);
        EngineResult later = machine.Run("Sync-NfcePending");

        Assert.Empty(later.Errors);
        Assert.Empty(machine.Host.Prompts);
        Assert.Equal(3, machine.Sent);
        Assert.Equal(3, Directory.GetFiles(machine.ArchivePath, "*-procNFe.xml", SearchOption.AllDirectories).Length);
        Assert.Single(later.Streams.Information);
    }

    [Fact]
    public async Task A_wait_that_was_written_by_a_clock_a_month_ahead_ends_once_the_clock_is_right()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Run("Get-NfcePending");
        long ahead = DateTimeOffset.UtcNow.AddDays(30).ToUnixTimeMilliseconds();
        machine.Sql($"UPDATE note SET not_before = {ahead}, changed_at = {ahead}");

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Empty(result.Errors);
        Assert.Equal(1, machine.Sent);
    }

    [Fact]
    public async Task Ctrl_C_while_SEFAZ_hangs_ends_in_time_and_leaves_the_lease_free_and_the_note_uncertain()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1).Single();
        machine.Simulator.Faults.Add(FaultRule.Once(FaultKind.AnswerNeverSent, SefazService.Autorizacao));
        EngineRun run = machine.Engine.Start("Sync-NfcePending -Confirm:$false");
        await StoreMachine.UntilAsync(() => machine.Sent > 0);

        using (var other = new Engine())
        {
            EngineResult busy = other.Run("Sync-NfcePending -Confirm:$false -QueuePath $args[0]", machine.QueuePath);
            Assert.Equal("NfceSyncAlreadyRunning", busy.ErrorIds.First());
            Assert.Equal(ErrorCategory.ResourceBusy, busy.Errors[0].CategoryInfo.Category);
            Assert.Empty(busy.Output);
        }

        var time = Stopwatch.StartNew();
        run.Stop();
        EngineResult stopped = await run.ResultAsync();

        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.True(stopped.Stopped);
        Assert.Equal("Uncertain", machine.Run("Get-NfcePending").One().Text("Status"));

        machine.Host.Answers.Enqueue(Yes);
        EngineResult again = machine.Run("Sync-NfcePending");

        Assert.Empty(again.Errors);
        Assert.Contains("Consultadas antes na SEFAZ", Assert.Single(machine.Host.Prompts).Message, StringComparison.Ordinal);
        Assert.Equal("Authorized", Assert.Single(again.Output).Text("Status"));
        Assert.Equal(1, machine.Simulator.Ledger.CallsAbout(note.ChNFe).Count(call => call.Service == SefazService.Autorizacao));
    }

    [Fact]
    public async Task Verbose_tells_the_story_of_each_note_and_progress_ends_completed()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        IReadOnlyList<SignedNote> notes = machine.Drop(3);

        EngineResult result = machine.Run("Sync-NfcePending -Confirm:$false -Verbose");

        Assert.All(notes, note => Assert.Contains(
            result.Streams.Verbose, record => record.Message.Contains(note.ChNFe, StringComparison.Ordinal) && record.Message.Contains("Autorizada", StringComparison.Ordinal)));
        Assert.Equal("Loja 01: enviando notas de contingência à SEFAZ", result.Streams.Progress[0].Activity);
        Assert.Equal(ProgressRecordType.Completed, result.Streams.Progress.Last().RecordType);
    }

    [Fact]
    public async Task A_rejected_note_that_is_named_is_sent_again_after_a_question_that_says_so()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote note = machine.Drop(1)[0];
        machine.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { Service = SefazService.Autorizacao, CStat = 781, Times = 1 });
        machine.Run("Sync-NfcePending -Confirm:$false");

        EngineResult unnamed = machine.Run("Sync-NfcePending -IncludeRejected -Confirm:$false");
        EngineResult planned = machine.Run("Get-NfcePending -Status Rejected | Sync-NfcePending -IncludeRejected -WhatIf");
        machine.Host.Answers.Enqueue(Yes);
        EngineResult sent = machine.Run("Get-NfcePending -Status Rejected | Sync-NfcePending -IncludeRejected");

        Assert.Equal("NfceRejectedNotNamed", unnamed.ErrorIds.Last());
        Assert.Empty(planned.Errors);
        Assert.Contains("Rejeitadas antes, enviadas de novo como estão: 1.", Assert.Single(machine.Host.Prompts).Message, StringComparison.Ordinal);
        Assert.Empty(sent.Errors);
        Assert.Equal(("Authorized", note.ChNFe), (Assert.Single(sent.Output).Text("Status"), sent.Output[0].Text("ChNFe")));
    }
}

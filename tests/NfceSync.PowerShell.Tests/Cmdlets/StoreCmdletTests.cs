using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class StoreCmdletTests
{
    [Fact]
    public async Task A_store_is_registered_with_paths_relative_to_the_session_s_location()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        machine.Run("$ExecutionContext.SessionState.Path.SetLocation($args[0])", machine.Folder);
        Dictionary<string, object> registration = machine.Registration();
        registration["SourcePath"] = new[] { "source/Loja 01", "./contingencia" };
        registration["ArchivePath"] = "archive";
        registration["CertificatePath"] = "store.pfx";
        registration["TrustedRootPath"] = "root.pem";
        registration["Cnpj"] = "12.345.678/0001-95";

        EngineResult result = machine.Invoke("Register-NfceStore", registration);

        PSObject store = result.One();
        Assert.Equal("12.345.678/0001-95", store.Text("Cnpj"));
        Assert.Equal([machine.SourcePath, Path.Combine(machine.Folder, "contingencia")], (string[])store.Value("SourcePath")!);
        Assert.Equal(machine.ArchivePath, store.Text("ArchivePath"));
        Assert.Equal(machine.PfxPath, store.Text("CertificatePath"));
        Assert.Equal(machine.RootPath, store.Text("TrustedRootPath"));
        Assert.Equal(("RS", "Homologacao", "Plus", true), (store.Text("Uf"), store.Text("Environment"), store.Text("System"), (bool)store.Value("Recurse")!));
        Assert.Contains("contingencia", Assert.Single(result.Streams.Warning).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CPF_is_never_shown_in_full()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        Assert.Equal("***.456.789-**", machine.Register("Produtor", "12345678909").Text("Cnpj"));
    }

    [Theory]
    [InlineData("wrong password", "NfcePfxWrongPassword")]
    [InlineData("missing", "NfcePfxMissing")]
    [InlineData("no pfx", "NfcePfxUnreadable")]
    [InlineData("expired", "NfceCertificateExpired")]
    [InlineData("not yet valid", "NfceCertificateNotYetValid")]
    [InlineData("two certificates", "NfceCertificateReferenceInvalid")]
    [InlineData("cnpj", "NfceIssuerIdInvalid")]
    [InlineData("uf", "NfceUfUnknown")]
    [InlineData("archive in source", "NfceArchiveOverlapsSource")]
    [InlineData("name", "NfceStoreNameInvalid")]
    [InlineData("registry", "NfcePathNotAbsolute")]
    public async Task What_is_wrong_shows_at_once_and_nothing_is_registered(string kind, string errorId)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        Dictionary<string, object> registration = machine.Registration();
        string other = Path.Combine(machine.Folder, "other.pfx");
        switch (kind)
        {
            case "wrong password":
                registration["CertificatePassword"] = StoreMachine.Secret("another");
                break;
            case "missing":
                registration["CertificatePath"] = other;
                break;
            case "no pfx":
                File.WriteAllText(other, "no pfx");
                registration["CertificatePath"] = other;
                break;
            case "expired":
                StoreMachine.WritePfx(other, StoreMachine.Cnpj, CertificateDefect.Expired);
                registration["CertificatePath"] = other;
                break;
            case "not yet valid":
                StoreMachine.WritePfx(other, StoreMachine.Cnpj, CertificateDefect.NotYetValid);
                registration["CertificatePath"] = other;
                break;
            case "two certificates":
                registration["Thumbprint"] = new string('A', 40);
                break;
            case "cnpj":
                registration["Cnpj"] = "12345678000190";
                break;
            case "uf":
                registration["Uf"] = "XX";
                break;
            case "archive in source":
                registration["ArchivePath"] = Path.Combine(machine.SourcePath, "archive");
                break;
            case "name":
                registration["Name"] = "Loja*";
                break;
            default:
                registration["ArchivePath"] = "variable:x";
                break;
        }

        EngineResult result = machine.Invoke("Register-NfceStore", registration);

        Assert.Equal([errorId], result.ErrorIds);
        Assert.NotNull(result.Errors[0].TargetObject);
        Assert.Empty(machine.Run("Get-NfceStore").Output);
    }

    [Fact]
    public async Task A_certificate_of_another_owner_is_a_warning()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        Dictionary<string, object> registration = machine.Registration();
        StoreMachine.WritePfx(machine.PfxPath, StoreMachine.OtherCnpj);

        EngineResult result = machine.Invoke("Register-NfceStore", registration);

        Assert.Equal("Loja 01", result.One().Text("Name"));
        Assert.Single(result.Streams.Warning);
    }

    [Fact]
    public async Task The_same_CNPJ_or_name_is_registered_once()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();

        Assert.Equal(["NfceStoreAlreadyRegistered"], machine.Invoke("Register-NfceStore", machine.Registration("Loja 02")).ErrorIds);
        Assert.Equal(["NfceStoreNameTaken"], machine.Invoke("Register-NfceStore", machine.Registration("loja 01", StoreMachine.OtherCnpj)).ErrorIds);

        // The password that was kept for the first one is still there.
        machine.Drop(1);
        Assert.Empty(machine.Run("Sync-NfcePending -Confirm:$false").Errors);
    }

    [Fact]
    public async Task A_password_that_is_not_kept_is_asked_for_and_where_nobody_can_be_asked_that_is_an_error()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        Dictionary<string, object> registration = machine.Registration();
        registration.Remove("CertificatePassword");
        registration.Remove("SavePassword");
        Assert.Equal(["NfcePfxPasswordNeeded"], machine.Invoke("Register-NfceStore", registration).ErrorIds);

        machine.Host.Passwords.Enqueue(StoreMachine.Secret(StoreMachine.Password));
        Assert.Empty(machine.Invoke("Register-NfceStore", registration).Errors);
        machine.Drop(1);

        EngineResult nobody = machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Equal(["NfcePfxPasswordNeeded", "NfceNotesRemain"], nobody.ErrorIds);
        Assert.Equal(machine.PfxPath, nobody.Errors[0].TargetObject);

        machine.Host.Passwords.Enqueue(StoreMachine.Secret(StoreMachine.Password));
        EngineResult asked = machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Empty(asked.Errors);
        Assert.Equal("Authorized", Assert.Single(asked.Output).Text("Status"));
        Assert.Contains("Senha do arquivo de certificado", machine.Host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(machine.QueuePath, "*", SearchOption.AllDirectories), file => file.EndsWith(".secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_can_come_as_a_credential()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        Dictionary<string, object> registration = machine.Registration();
        registration.Remove("CertificatePassword");
        registration["CertificateCredential"] = new PSCredential("pfx", StoreMachine.Secret(StoreMachine.Password));

        Assert.Empty(machine.Invoke("Register-NfceStore", registration).Errors);

        machine.Drop(1);
        Assert.Empty(machine.Run("Sync-NfcePending -Confirm:$false").Errors);
    }

    [Theory]
    [InlineData("*", "Loja 01,Loja 02")]
    [InlineData("loja 0[2-9]", "Loja 02")]
    [InlineData("LOJA 01", "Loja 01")]
    [InlineData("Filial*", "")]
    public async Task Stores_are_found_by_patterns(string name, string found)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);

        EngineResult result = machine.Run("Get-NfceStore -Name $args[0]", name);

        Assert.Empty(result.Errors);
        Assert.Equal(found, string.Join(",", result.Output.Select(store => store.Text("Name"))));
    }

    [Theory]
    [InlineData("Get-NfceStore -Name 'Loja 09'")]
    [InlineData("Get-NfcePending -Name 'Loja 09'")]
    [InlineData("Get-NfcePending -Name 'Filial*'")]
    [InlineData("Get-NfceServiceStatus -Name 'Loja 09'")]
    [InlineData("Sync-NfcePending -Name 'Loja 09' -Confirm:$false")]
    [InlineData("Set-NfceStore -Name 'Loja 09' -Uf SP")]
    [InlineData("Unregister-NfceStore -Name 'Loja 09' -Confirm:$false")]
    [InlineData("Confirm-NfceException -Name 'Loja 09' -ChNFe ('0' * 44) -Reason x")]
    public async Task A_name_that_no_store_has_is_an_error(string script)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();

        EngineResult result = machine.Run(script);

        Assert.Equal(["NfceStoreNotFound"], result.ErrorIds);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("Set-NfceStore 'Loja*' -System Lite -Confirm:$false", "NfceStoreNameIsPattern", "Get-NfceStore 'Loja*' | Set-NfceStore")]
    [InlineData("Unregister-NfceStore 'Loja 0?' -Confirm:$false", "NfceStoreNameIsPattern", "Get-NfceStore 'Loja 0?' | Unregister-NfceStore")]
    [InlineData("Get-NfceStore 'Loja [0'", "NfceNamePatternInvalid", "'Loja [0'")]
    [InlineData("Get-NfcePending 'Loja [0'", "NfceNamePatternInvalid", "'Loja [0'")]
    [InlineData("Sync-NfcePending 'Loja [0' -Confirm:$false", "NfceNamePatternInvalid", "'Loja [0'")]
    public async Task A_pattern_where_it_has_no_place_or_no_sense_is_an_error_that_says_so(string script, string errorId, string told)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();

        EngineResult result = machine.Run(script);

        Assert.Empty(result.Output);
        Assert.Equal([errorId], result.ErrorIds);
        Assert.Contains(told, result.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("Plus", machine.Run("Get-NfceStore").One().Text("System"));
    }

    [Fact]
    public async Task Each_line_of_a_list_is_registered_and_a_bad_one_does_not_keep_the_next_back()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);

        EngineResult result = machine.Run(
            """
            param($Lines, $Password)
            $Lines | ForEach-Object { [pscustomobject] $_ } | Register-NfceStore -Environment Homologacao -CertificatePassword $Password -SavePassword
            """,
            new[] { Line("Loja 01", StoreMachine.Cnpj), Line("Loja 02", "12345678000190"), Line("Loja 03", StoreMachine.OtherCnpj) },
            StoreMachine.Secret(StoreMachine.Password));

        Assert.Equal(["Loja 01", "Loja 03"], result.Output.Select(store => store.Text("Name")));
        Assert.Equal(["NfceIssuerIdInvalid"], result.ErrorIds);
        Assert.Equal(["*.xml", "*.xml"], result.Output.Select(store => store.Text("Pattern")));
        Assert.All(result.Output, store => Assert.Null(store.Value("TrustedRootPath")));
        Assert.Equal(["Loja 01", "Loja 03"], machine.Run("Get-NfceStore").Output.Select(store => store.Text("Name")));

        // As Import-Csv writes it: every value is text, and an empty cell is an empty text.
        System.Collections.Hashtable Line(string name, string cnpj) => new()
        {
            ["Name"] = name,
            ["Cnpj"] = cnpj,
            ["Uf"] = "RS",
            ["System"] = "Plus",
            ["SourcePath"] = machine.SourceOf(name),
            ["Pattern"] = "",
            ["ArchivePath"] = machine.ArchivePath,
            ["CertificatePath"] = machine.PfxPath,
            ["Thumbprint"] = "",
            ["ServiceBaseAddress"] = "",
            ["TrustedRootPath"] = "",
        };
    }

    [Fact]
    public async Task The_stores_of_one_queue_can_be_registered_in_another()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        string other = Path.Combine(machine.Folder, "other");

        EngineResult result = machine.Run(
            "Get-NfceStore | Register-NfceStore -QueuePath $args[0] -CertificatePassword $args[1]", other, StoreMachine.Secret(StoreMachine.Password));

        PSObject store = result.One();
        Assert.Equal(("Loja 01", "12.345.678/0001-95", machine.PfxPath), (store.Text("Name"), store.Text("Cnpj"), store.Text("CertificatePath")));
        Assert.Equal(machine.Simulator.BaseAddress.ToString(), store.Text("ServiceBaseAddress"));
    }

    [Fact]
    public async Task Only_what_is_given_changes()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        string archive = Path.Combine(machine.Folder, "archive 2");

        PSObject store = machine.Run("Set-NfceStore 'loja 01' -NewName 'Matriz' -System MultiLoja -ArchivePath $args[0]", archive).One();

        Assert.Equal(("Matriz", "MultiLoja", archive), (store.Text("Name"), store.Text("System"), store.Text("ArchivePath")));
        Assert.Equal(
            (machine.PfxPath, machine.RootPath, machine.Simulator.BaseAddress.ToString()),
            (store.Text("CertificatePath"), store.Text("TrustedRootPath"), store.Text("ServiceBaseAddress")));
        Assert.Equal([machine.SourcePath], (string[])store.Value("SourcePath")!);

        // The kept password is still found under the new name.
        machine.Drop(1);
        Assert.Empty(machine.Run("Sync-NfcePending Matriz -Confirm:$false").Errors);
        store = machine.Run("Set-NfceStore Matriz -ServiceBaseAddress $null -TrustedRootPath $null -NoRecurse").One();
        Assert.Null(store.Value("ServiceBaseAddress"));
        Assert.Null(store.Value("TrustedRootPath"));
        Assert.Equal(false, store.Value("Recurse"));
    }

    [Fact]
    public async Task With_notes_pending_another_folder_needs_Force_and_unregistering_is_refused()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        string other = Path.Combine(machine.Folder, "elsewhere");
        Directory.CreateDirectory(other);

        ErrorRecord left = Assert.Single(machine.Run("Unregister-NfceStore 'Loja 01' -Confirm:$false").Errors);
        ErrorRecord moved = Assert.Single(machine.Run("Set-NfceStore 'Loja 01' -SourcePath $args[0]", other).Errors);

        Assert.All([left, moved], (ErrorRecord error) => Assert.StartsWith("NfceStoreHasPending,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.StartsWith("A loja 'Loja 01' tem 1 pendência.", left.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("-Force", left.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Force", moved.ToString(), StringComparison.Ordinal);
        Assert.Equal([other], (string[])machine.Run("Set-NfceStore 'Loja 01' -SourcePath $args[0] -Force", other).One().Value("SourcePath")!);
        Assert.Single(machine.Run("Get-NfcePending").Output);
    }

    [Fact]
    public async Task What_the_ERP_has_left_since_the_last_look_keeps_a_store_with_its_folder()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        string other = Directory.CreateDirectory(Path.Combine(machine.Folder, "elsewhere")).FullName;
        Assert.Empty(machine.Run("Get-NfcePending").Output);
        machine.Drop(1);

        ErrorRecord moved = Assert.Single(machine.Run("Set-NfceStore 'Loja 01' -SourcePath $args[0]", other).Errors);

        Assert.StartsWith("NfceStoreHasPending,", moved.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_was_registered_in_the_wrong_environment_is_put_right()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        machine.Invoke("Register-NfceStore", new Dictionary<string, object>(machine.Registration()) { ["Environment"] = "Producao" });
        machine.Drop(1);
        Assert.Equal("NfceOtherEnvironment", machine.Run("Get-NfcePending").One().Text("ErrorId"));

        EngineResult refused = machine.Run("Set-NfceStore 'Loja 01' -Environment Homologacao");
        EngineResult forced = machine.Run("Set-NfceStore 'Loja 01' -Environment Homologacao -Force");

        Assert.Equal(["NfceStoreHasPending"], refused.ErrorIds);
        Assert.Equal("Homologacao", forced.One().Text("Environment"));
        Assert.Empty(machine.Run("Sync-NfcePending -Confirm:$false").Errors);
        Assert.Equal(1, machine.Sent);
        Assert.Equal(true, machine.Run("Test-NfceSyncComplete").One().BaseObject);
    }

    [Fact]
    public async Task An_unregistered_store_is_gone_with_its_password_and_comes_back_with_its_notes()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);
        machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Single(Directory.GetFiles(machine.QueuePath, "*.secret", SearchOption.AllDirectories));

        EngineResult result = machine.Run("Get-NfceStore 'Loja 01' | Unregister-NfceStore -Confirm:$false");

        Assert.Empty(result.Errors);
        Assert.Empty(machine.Run("Get-NfceStore").Output);
        Assert.Empty(Directory.GetFiles(machine.QueuePath, "*.secret", SearchOption.AllDirectories));
        machine.Register("Loja nova");
        Assert.Equal(1, machine.Run("Test-NfceSyncComplete -Detailed").One().Value("Authorized"));
    }

    [Theory]
    [InlineData("Unregister-NfceStore 'Loja 01' -WhatIf", "Descadastrar a loja 'Loja 01' desta máquina.")]
    [InlineData("Set-NfceStore 'Loja 01' -Uf SP -WhatIf", "Alterar as configurações da loja 'Loja 01'.")]
    [InlineData("Repair-NfceQueue -WhatIf", "Reconstruir a fila danificada '{0}'.")]
    public async Task WhatIf_changes_nothing_and_says_in_the_user_s_language_what_would_be_done(string script, string told)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Drop(1);

        EngineResult result = machine.Run(script);

        Assert.Empty(result.Errors);
        Assert.Empty(result.Output);
        told = told.Replace("{0}", Path.Combine(machine.QueuePath, "nfcesync.db"), StringComparison.Ordinal);
        Assert.EndsWith(": " + told, Assert.Single(machine.Host.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal("RS", machine.Run("Get-NfceStore").One().Text("Uf"));
        Assert.Empty(machine.Run("Get-NfcePending -NoScan").Output);
    }

    [Fact]
    public async Task The_question_before_unregistering_is_in_the_user_s_language()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Host.Answers.Enqueue(null);

        machine.Run("Unregister-NfceStore 'Loja 01'");

        Assert.StartsWith("Descadastrar a loja 'Loja 01' desta máquina?", Assert.Single(machine.Host.Prompts).Message, StringComparison.Ordinal);
        Assert.Single(machine.Run("Get-NfceStore").Output);
    }
}

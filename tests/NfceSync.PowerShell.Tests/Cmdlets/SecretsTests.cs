using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

public sealed class SecretsTests
{
    [Fact]
    public async Task A_password_appears_in_no_stream_and_in_no_file_but_its_own()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        machine.Run("$global:VerbosePreference = $global:DebugPreference = 'Continue'");
        var registration = machine.Registration();

        EngineResult registered = machine.Invoke("Register-NfceStore", registration);
        machine.Drop(1);
        EngineResult sent = machine.Run("Sync-NfcePending -Confirm:$false | Out-Default; Get-NfceServiceStatus | Out-Default; Get-NfceStore | Out-Default");
        File.Delete(machine.PfxPath);
        EngineResult failed = machine.Invoke("Set-NfceStore", new() { ["Name"] = "Loja 01", ["CertificatePath"] = machine.PfxPath, ["CertificatePassword"] = registration["CertificatePassword"] });

        Assert.Empty(registered.Errors);
        Assert.Empty(sent.Errors);
        Assert.Equal(["NfcePfxMissing"], failed.ErrorIds);
        Assert.All([registered, sent, failed], (EngineResult result) =>
        {
            string everything = string.Join(
                '\n',
                result.Output.SelectMany(item => item.Properties.Select(property => property.Value?.ToString()))
                    .Concat(result.Errors.Select(error => error + error.ToString() + error.Exception + error.TargetObject))
                    .Concat(result.Streams.Verbose.Select(record => record.ToString()))
                    .Concat(result.Streams.Debug.Select(record => record.ToString()))
                    .Concat(result.Streams.Warning.Select(record => record.ToString()))
                    .Concat(result.Streams.Information.Select(record => record.ToString()))
                    .Concat(result.Streams.Progress.Select(record => record.ToString())));
            Assert.DoesNotContain(StoreMachine.Password, everything, StringComparison.Ordinal);
        });
        Assert.DoesNotContain(StoreMachine.Password, machine.Host.Text, StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(machine.Folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".secret", StringComparison.Ordinal)),
            file =>
            {
                ReadOnlySpan<byte> content = File.ReadAllBytes(file);
                Assert.True(content.IndexOf(Encoding.UTF8.GetBytes(StoreMachine.Password)) < 0, file);
                Assert.True(content.IndexOf(Encoding.Unicode.GetBytes(StoreMachine.Password)) < 0, file);
            });
        string secret = Assert.Single(Directory.GetFiles(machine.QueuePath, "*.secret", SearchOption.AllDirectories));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
        }
    }
}

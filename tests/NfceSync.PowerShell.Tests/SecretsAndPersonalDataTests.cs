using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;

using NfceSync.PowerShell.Tests.Cmdlets;
using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests;

/// <summary>What must not be seen anywhere: passwords, and who the consumers are. All with -Verbose and -Debug.</summary>
public class SecretsAndPersonalDataTests
{
    private const string WrongPassword = "3rr4d4-de-proposito";

    // What the simulator's notes say of a consumer (dest), in production.
    private static readonly string[] Consumer = ["11144477735", "111.444.777-35", "José da Silva", "Jos&#xE9; da Silva"];

    // Everything that a technician may type, objects and as shown, with the history.
    private static readonly string[] EveryScript =
    [
        "Get-NfceStore",
        "Get-NfceStore | Out-Default",
        "Get-NfceServiceStatus",
        "Get-NfcePending",
        "Get-NfcePending | Out-Default",
        "Sync-NfcePending -WhatIf",
        "Sync-NfcePending -Confirm:$false",
        "Sync-NfcePending -Confirm:$false | Out-Default",
        "Get-NfcePending -Detailed",
        "Get-NfcePending | Format-List | Out-Default",
        "Get-NfcePending -NoScan | Confirm-NfceException -Reason teste -Confirm:$false",
        "Test-NfceSyncComplete",
        "Test-NfceSyncComplete -Detailed",
        "Unregister-NfceStore -Name 'Loja 01' -WhatIf",
        "Get-History",
        "$Error",
    ];

    [Theory]
    [InlineData("CertificatePassword")]
    [InlineData("CertificateCredential")]
    [InlineData("typed")]
    public async Task A_password_given_to_any_cmdlet_shows_nowhere_but_in_its_protected_file(string way)
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        machine.Run("$global:VerbosePreference = $global:DebugPreference = 'Continue'");
        var results = new List<EngineResult>();

        // Wrong first: what is told about a password that does not open the file must not tell it either.
        results.Add(Invoke("Register-NfceStore", machine.Registration(), WrongPassword));
        Assert.Equal("NfcePfxWrongPassword", results[0].ErrorIds.Last());
        results.Add(Invoke("Register-NfceStore", machine.Registration(), StoreMachine.Password));
        results.Add(Invoke("Set-NfceStore", new() { ["Name"] = "Loja 01", ["CertificatePath"] = machine.PfxPath, ["SavePassword"] = true }, WrongPassword));
        results.Add(Invoke("Set-NfceStore", new() { ["Name"] = "Loja 01", ["CertificatePath"] = machine.PfxPath, ["SavePassword"] = true }, StoreMachine.Password));
        machine.Drop(2);
        results.AddRange(EveryCommand(machine));

        AssertNowhere([StoreMachine.Password, WrongPassword], results, machine.Host);
        string kept = Assert.Single(FilesWith(machine.Folder, StoreMachine.Password));
        Assert.StartsWith(machine.QueuePath, kept, StringComparison.Ordinal);
        Assert.Empty(FilesWith(machine.Folder, WrongPassword));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(Path.GetDirectoryName(kept)!));
        }

        EngineResult Invoke(string command, Dictionary<string, object> parameters, string password)
        {
            parameters.Remove("CertificatePassword");
            if (way == "typed")
            {
                machine.Host.Passwords.Enqueue(StoreMachine.Secret(password));
            }
            else
            {
                parameters[way] = way == "CertificatePassword"
                    ? StoreMachine.Secret(password)
                    : new PSCredential("x", StoreMachine.Secret(password));
            }

            return machine.Invoke(command, parameters);
        }
    }

    [Fact]
    public async Task A_password_that_is_not_kept_is_typed_for_each_run_and_shows_nowhere_at_all()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(registered: false);
        machine.Run("$global:VerbosePreference = $global:DebugPreference = 'Continue'");
        Dictionary<string, object> registration = machine.Registration();
        registration.Remove("SavePassword");
        machine.Drop(1);
        machine.Host.Passwords.Enqueue(StoreMachine.Secret(StoreMachine.Password));

        EngineResult[] results = [machine.Invoke("Register-NfceStore", registration), machine.Run("Sync-NfcePending -Confirm:$false")];

        Assert.Equal(1, machine.Simulator.Ledger.AuthorizedCount);
        AssertNowhere([StoreMachine.Password], results, machine.Host);
        Assert.Empty(FilesWith(machine.Folder, StoreMachine.Password));
    }

    [Fact]
    public async Task Who_the_consumers_are_shows_in_no_stream()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync(options: new SimulatorOptions { TpAmb = 1 }, registered: false);
        Dictionary<string, object> registration = machine.Registration();
        registration["Environment"] = "Producao";
        machine.Invoke("Register-NfceStore", registration);
        machine.Run("$global:VerbosePreference = $global:DebugPreference = 'Continue'");
        NoteRequest Request(int number) => new() { Number = number, TpAmb = 1, WithConsumer = true };
        SignedNote[] notes = [.. Enumerable.Range(1, 5).Select(number => machine.Factory.Create(Request(number)))];
        Array.ForEach(notes, note => machine.Drop(note.FileName, note.Bytes.ToArray()));

        // One of each kind of trouble: what is told about it comes from the note, from SEFAZ, or from what is no note at all.
        machine.Drop("editada.xml", machine.Factory.CreateFlawed(NoteFlaw.ContentEdited, Request(6)).Bytes.ToArray());
        machine.Drop("pela-metade.xml", notes[0].Bytes.ToArray()[..^400]);
        machine.Simulator.Faults.Add(
            new FaultRule(FaultKind.UnknownCode) { ChNFe = notes[1].ChNFe, CStat = 778, Times = 1 },
            new FaultRule(FaultKind.WrongDigVal) { ChNFe = notes[2].ChNFe },
            new FaultRule(FaultKind.CutAfterProcessing) { ChNFe = notes[3].ChNFe, Times = 1 },
            new FaultRule(FaultKind.HtmlPage) { ChNFe = notes[4].ChNFe });
        Assert.All(Consumer.Take(1).Append(Consumer[2]), text => Assert.NotEmpty(FilesWith(machine.SourcePath, text)));

        EngineResult[] results = [.. EveryCommand(machine)];

        Assert.Contains(results, result => result.Output.Any(item => item.Text("Status") == "Rejected"));
        Assert.Contains(results, result => result.Output.Any(item => item.Text("Status") == "Conflict"));
        Assert.Contains(results, result => result.Output.Any(item => item.Text("Status") == "Quarantined"));
        Assert.Contains(results, result => result.Streams.Verbose.Count > 0);
        Assert.Contains(results, result => result.Streams.Debug.Any(record => record.Message.Contains(notes[0].ChNFe, StringComparison.Ordinal)));
        AssertNowhere(Consumer, results, machine.Host);
    }

    private static EngineResult[] EveryCommand(StoreMachine machine) => [.. EveryScript.Select(script => machine.Run(script))];

    private static void AssertNowhere(string[] texts, IEnumerable<EngineResult> results, EngineHost host)
    {
        string everything = host.Text + string.Join('\n', results.SelectMany(Written));
        Assert.All(texts.SelectMany(Spellings), text => Assert.DoesNotContain(text, everything, StringComparison.OrdinalIgnoreCase));
    }

    // Every property of every object, with what is inside, is what a remote session would carry.
    private static IEnumerable<string> Written(EngineResult result) =>
        result.Output.Cast<object>()
            .Concat(result.Errors)
            .Concat(result.Errors.Select(error => error.Exception.ToString()))
            .Concat(result.Streams.Verbose)
            .Concat(result.Streams.Debug)
            .Concat(result.Streams.Warning)
            .Concat(result.Streams.Information)
            .Concat(result.Streams.Progress)
            .Select(item => item + PSSerializer.Serialize(item, 4));

    private static IEnumerable<string> Spellings(string text) =>
    [
        text,
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
        Convert.ToBase64String(Encoding.Unicode.GetBytes(text)),
        Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
    ];

    private static IEnumerable<string> FilesWith(string folder, string text) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file =>
        {
            byte[] content = File.ReadAllBytes(file);
            return Spellings(text).Select(Encoding.UTF8.GetBytes).Append(Encoding.Unicode.GetBytes(text))
                .Any(bytes => content.AsSpan().IndexOf(bytes) >= 0);
        });
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Threading.Tasks;

using NfceSync.SefazSimulator;

using Xunit;

namespace NfceSync.PowerShell.Tests.Cmdlets;

/// <summary>What may lie in a source folder, as a technician sees it: every kind in one folder, none stops the others.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task Each_kind_is_listed_with_its_reason_and_none_stops_the_others()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        var expected = new Dictionary<string, string>
        {
            ["not-xml"] = "NfceFileNotXml",
            ["blank"] = "NfceFileBlank",
            ["empty"] = "NfceFileEmpty",
            ["truncated"] = "NfceFileTruncated",
            ["utf-16"] = "NfceFileNotUtf8",
            ["too-large"] = "NfceNoteTooLarge",
            ["dtd"] = "NfceFileHasDtd",
            ["environment"] = "NfceOtherEnvironment",
            ["stranger"] = "NfceUnknownIssuer",
            ["check-digit"] = "NfceNoteKeyCheckDigit",
            ["id-differs"] = "NfceNoteKeyMismatch",
            ["edited"] = "NfceNoteDigestMismatch",
            ["signature"] = "NfceSignatureInvalid",
            ["algorithm"] = "NfceSignatureForm",
            ["no-reason"] = "NfceNoteContingencyData",
            ["signer"] = "NfceSignerNotEmitter",
        };
        NoteFactory factory = machine.Factory;
        string note = Encoding.UTF8.GetString(factory.Create(new NoteRequest { Number = 100 }).Bytes.Span);
        Drop("not-xml", "isto não é xml");
        Drop("blank", "   \r\n  ");
        Drop("empty", "");
        Drop("truncated", note[..(note.Length / 2)]);
        machine.Drop("utf-16.xml", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(note)]);
        Drop("too-large", note.Replace("</infNFe>", $"<!--{new string('x', 600 * 1024)}--></infNFe>", StringComparison.Ordinal));
        Drop("dtd", "<!DOCTYPE a [<!ENTITY b \"c\"><!ENTITY d \"&b;&b;&b;\">]>" + note);
        DropNote("environment", factory.Create(new NoteRequest { Number = 101, TpAmb = 1 }));
        DropNote("stranger", factory.Create(new NoteRequest { Number = 102, IssuerId = StoreMachine.OtherCnpj }));
        DropNote("check-digit", factory.CreateFlawed(NoteFlaw.WrongCheckDigit, new NoteRequest { Number = 103 }));
        DropNote("id-differs", factory.CreateFlawed(NoteFlaw.IdDiffersFromFields, new NoteRequest { Number = 104 }));
        DropNote("edited", factory.CreateFlawed(NoteFlaw.ContentEdited, new NoteRequest { Number = 105 }));
        DropNote("signature", factory.CreateFlawed(NoteFlaw.SignatureBroken, new NoteRequest { Number = 106 }));
        DropNote("algorithm", factory.CreateFlawed(NoteFlaw.OtherAlgorithm, new NoteRequest { Number = 107 }));
        DropNote("no-reason", factory.CreateFlawed(NoteFlaw.ContingencyReasonMissing, new NoteRequest { Number = 108 }));
        DropNote("signer", factory.Create(new NoteRequest { Number = 109, Signer = StoreMachine.Authority.Issue(StoreMachine.OtherCnpj) }));
        machine.Drop(2);

        EngineResult listed = machine.Run("Get-NfcePending");

        Assert.Empty(listed.Errors);
        PSObject[] bad = [.. listed.Output.Where(item => item.Text("Status") == "Quarantined")];
        Assert.Equal(
            expected.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key}={kind.Value}"),
            bad.Select(item => $"{Path.GetFileNameWithoutExtension(item.Text("Path"))}={item.Text("ErrorId")}").Order());
        Assert.All(bad, item =>
        {
            Assert.NotEmpty(item.Text("LastReason")!);
            Assert.NotEmpty(item.Text("NextStep")!);
        });

        EngineResult sent = machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Equal(2, sent.Output.Count);
        Assert.Equal(["NfceNotesRemain"], sent.ErrorIds);
        Assert.Equal(2, machine.Sent);

        void Drop(string name, string text) => machine.Drop(name + ".xml", Encoding.UTF8.GetBytes(text));

        void DropNote(string name, SignedNote signed) => machine.Drop(name + ".xml", signed.Bytes.ToArray());
    }

    [Fact]
    public async Task The_same_bytes_twice_are_one_note_and_other_bytes_under_the_same_key_are_a_conflict()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        SignedNote[] notes = [.. machine.Drop(2)];
        machine.Drop("cópia.xml", notes[0].Bytes.ToArray());
        SignedNote other = machine.Factory.Create(new NoteRequest { Number = 2, VNF = 99m, DhEmi = notes[1].DhEmi });
        Assert.Equal(notes[1].ChNFe, other.ChNFe);
        machine.Drop("outra.xml", other.Bytes.ToArray());

        PSObject[] items = [.. machine.Run("Get-NfcePending").Output];

        Assert.Equal(
            [(notes[0].ChNFe, "Pending", null), (notes[1].ChNFe, "Conflict", "NfceSameKeyOtherBytes")],
            items.Select(item => (item.Text("ChNFe")!, item.Text("Status")!, item.Text("ErrorId"))).OrderBy(item => (int)item.Item1[33]));
        machine.Run("Sync-NfcePending -Confirm:$false");
        Assert.Equal(1, machine.Sent);
    }

    [Fact]
    public async Task What_is_not_ours_is_ignored_and_the_ERP_s_files_stay_as_they_were()
    {
        await using StoreMachine machine = await StoreMachine.StartAsync();
        machine.Register("Loja 02", StoreMachine.OtherCnpj);
        SignedNote others = machine.Factory.Create(new NoteRequest { Number = 5, IssuerId = StoreMachine.OtherCnpj });
        machine.Drop(others.FileName, others.Bytes.ToArray());
        SignedNote model55 = machine.Factory.CreateModel55(new NoteRequest { Number = 6 });
        machine.Drop(model55.FileName, model55.Bytes.ToArray());
        machine.Drop("relatório.pdf", Encoding.ASCII.GetBytes("%PDF-1.7"));
        machine.Drop(1);
        var before = Directory.GetFiles(machine.SourcePath).ToDictionary(file => file, file => (File.GetLastWriteTimeUtc(file), Convert.ToHexString(File.ReadAllBytes(file))));

        machine.Run("Sync-NfcePending -Confirm:$false");

        Assert.Equal(1, machine.Sent);
        Assert.Equal(true, machine.Run("Test-NfceSyncComplete -Name 'Loja 01'").One().BaseObject);
        Assert.Equal(
            before, Directory.GetFiles(machine.SourcePath).ToDictionary(file => file, file => (File.GetLastWriteTimeUtc(file), Convert.ToHexString(File.ReadAllBytes(file)))));
    }
}

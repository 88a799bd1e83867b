using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;
using NfceSync.SefazSimulator;

using Xunit;

using NoteState = NfceSync.Core.Queue.NoteState;

namespace NfceSync.Core.Tests.Sync;

/// <summary>The design's table "what lies in a source folder", on real files.</summary>
public class IntakeTests
{
    private const string Head = "12345678000195";

    [Fact]
    public async Task Every_kind_of_document_becomes_what_the_table_says()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.Change(changed => changed with { Sources = new[] { new SourceFolder(store.SourcePath, Recursive: true, Pattern: "*") } });
        store.RegisterOther("Filial", TaxIds.Cnpj("123456780002"), "filial");
        var expected = new Dictionary<string, string>();
        int number = 0;
        NoteRequest Next(NoteRequest? request = null) => (request ?? new NoteRequest()) with { Number = ++number };
        void Put(string name, byte[] bytes, string becomes)
        {
            store.Drop(name, bytes);
            expected.Add(name, becomes);
        }

        byte[] Bytes(NoteRequest? request = null) => store.Factory.Create(Next(request)).Bytes.ToArray();
        byte[] Flawed(NoteFlaw flaw) => store.Factory.CreateFlawed(flaw, Next()).Bytes.ToArray();
        byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

        Put("bare.xml", Bytes(), "Pending");
        Put("declared.xml", NoteDocuments.WithDeclarationAndBom(Bytes()), "Pending");
        Put("line-break.XML", [.. Bytes(), (byte)'\r', (byte)'\n'], "Pending");
        Put("below/deep/note.xml", Bytes(), "Pending");
        Put("not-canonical.xml", Bytes(new NoteRequest { NonCanonical = true }), "Pending");
        Put("branch.xml", Bytes(new NoteRequest { Signer = store.Simulator.Authority.Issue(TaxIds.Cnpj("123456780009")) }), "Pending");
        Put("evidence.xml", NoteDocuments.AsNfeProc(store.Factory.Create(Next())), "Uncertain:NfceEvidenceFound");
        Put("contradicted.xml", Contradicted(store.Factory.Create(Next())), "Conflict:NfceEvidenceContradicts");
        Put("limbo.xml", Bytes(new NoteRequest { TpEmis = 1 }), "LimboCandidate");
        Put("normal.xml", NoteDocuments.AsNfeProc(store.Factory.CreateLimbo(Next())), "Ignored:NfceNoteHasProtocol");
        Put("55.xml", store.Factory.CreateModel55(Next()).Bytes.ToArray(), "Ignored:NfceNoteModel55");
        Put("event.xml", NoteDocuments.CancellationEvent(store.Factory.Create(Next()).ChNFe, "143260000000001", store.Simulator.Authority.Issue(Head), DateTimeOffset.Now), "Ignored:NfceFileOtherDocument");
        Put("danfe.pdf", Text("%PDF-1.4"), "Ignored:NfceFileOtherType");
        Put("other-store.xml", Bytes(new NoteRequest { IssuerId = TaxIds.Cnpj("123456780002") }), "Ignored:NfceOtherStore");
        Put("unknown-issuer.xml", Bytes(new NoteRequest { IssuerId = TaxIds.Cnpj("987654320001") }), "Quarantined:NfceUnknownIssuer");
        Put("other-environment.xml", Bytes(new NoteRequest { TpAmb = 1 }), "Quarantined:NfceOtherEnvironment");
        Put("other-uf.xml", Bytes(new NoteRequest { Uf = "SC" }), "Quarantined:NfceOtherUf");
        Put("text.xml", Text("not a document"), "Quarantined:NfceFileNotXml");
        Put("malformed.xml", Text("<notas><nota></notas>"), "Quarantined:NfceFileNotXml");
        Put("blank.xml", Text(" \r\n\t "), "Quarantined:NfceFileBlank");
        Put("empty.xml", [], "Quarantined:NfceFileEmpty");
        Put("truncated.xml", Bytes()[..1500], "Quarantined:NfceFileTruncated");
        Put("utf-16.xml", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(Bytes()))).ToArray(), "Quarantined:NfceFileNotUtf8");
        Put("large.xml", Large(Bytes()), "Quarantined:NfceNoteTooLarge");
        Put("dtd.xml", [.. Text("<!DOCTYPE NFe [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"), .. Bytes()], "Quarantined:NfceFileHasDtd");
        Put("check-digit.xml", Flawed(NoteFlaw.WrongCheckDigit), "Quarantined:NfceNoteKeyCheckDigit");
        Put("id.xml", Flawed(NoteFlaw.IdDiffersFromFields), "Quarantined:NfceNoteKeyMismatch");
        Put("edited.xml", Flawed(NoteFlaw.ContentEdited), "Quarantined:NfceNoteDigestMismatch");
        Put("signature.xml", Flawed(NoteFlaw.SignatureBroken), "Quarantined:NfceSignatureInvalid");
        Put("sha256.xml", Flawed(NoteFlaw.OtherAlgorithm), "Quarantined:NfceSignatureForm");
        Put("no-reason.xml", Flawed(NoteFlaw.ContingencyReasonMissing), "Quarantined:NfceNoteContingencyData");
        Put("other-signer.xml", Bytes(new NoteRequest { Signer = store.Simulator.Authority.Issue(TaxIds.Cnpj("987654320001")) }), "Quarantined:NfceSignerNotEmitter");
        Put("empty-lote.xml", Text("<enviNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\"/>"), "Quarantined:NfceFileNoNote");

        IntakeReport report = await store.TakeInAsync();

        Assert.Empty(report.Problems);
        Assert.Equal(expected.Count, report.FilesSeen);
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key + " -> " + pair.Value),
            Found(store).OrderBy(line => line, StringComparer.Ordinal));

        // Every reason has its text, and nothing was changed, moved or deleted.
        Assert.All(store.Queue.Pending(store.Store), item => Assert.False(item.State == NoteState.Quarantined && string.IsNullOrEmpty(item.Reason)));
        Assert.Equal(expected.Count, Directory.GetFiles(store.SourcePath, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Scanning_again_changes_nothing_and_reads_only_what_may_have_become_another()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(5);
        store.Drop("text.xml", Encoding.UTF8.GetBytes("no document"));
        store.Drop("unknown.xml", store.Factory.Create(new NoteRequest { IssuerId = TaxIds.Cnpj("987654320001") }).Bytes.ToArray());
        await store.TakeInAsync();
        List<PendingItem> before = store.Queue.Pending(store.Store).ToList();

        IntakeReport again = await store.TakeInAsync();

        Assert.Equal(7, again.FilesSeen);
        Assert.Equal(0, again.NewNotes);

        // Only the unknown issuer's: it may have been registered since.
        Assert.Equal(1, again.FilesRead);
        Assert.Equal(
            before.Select(item => (item.NoteId, item.DocumentId, item.State)),
            store.Queue.Pending(store.Store).Select(item => (item.NoteId, item.DocumentId, item.State)));
    }

    [Fact]
    public async Task The_same_bytes_in_two_files_are_one_note()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Drop("copy.xml", note.Bytes.ToArray());
        store.Drop("in-lote.xml", NoteDocuments.AsEnviNFe(note));

        IntakeReport report = await store.TakeInAsync();

        Assert.Equal(1, report.NewNotes);
        Assert.Equal(NoteState.Pending, Assert.Single(store.Queue.Pending(store.Store)).State);
    }

    [Fact]
    public async Task Several_notes_of_one_lote_are_sent_standalone_and_kept_as_they_lay()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.Factory.CreateMany(new NoteRequest(), 3);
        byte[] lote = NoteDocuments.AsEnviNFe(notes.ToArray());
        store.Drop("lote.xml", lote);

        Assert.Equal(3, (await store.TakeInAsync()).NewNotes);

        using SqlSession session = store.Queue.Database.Open(readOnly: true);
        foreach (SignedNote note in notes)
        {
            (byte[] sent, byte[] kept) = session.Query(
                "SELECT bytes, source_bytes FROM note_version WHERE ch_nfe = $1",
                row => (row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)),
                note.ChNFe).Single();
            Assert.Equal(note.Bytes.ToArray(), sent);
            Assert.True(lote.AsSpan().IndexOf(kept) > 0);
            Assert.True(kept.Length < sent.Length);
        }
    }

    [Fact]
    public async Task Other_bytes_of_a_rejected_note_correct_it_and_go_in()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote first = store.DropNotes(1)[0];
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { CStat = 230, Times = 1, Service = NfceSync.SefazSimulator.SefazService.Autorizacao });
        await store.TakeInAsync();
        await store.SyncAsync();
        Assert.Equal(NoteState.Rejected, store.StateOf(first.ChNFe));

        SignedNote corrected = Other(store, first);
        store.Drop("corrected.xml", corrected.Bytes.ToArray());
        Assert.Equal(1, (await store.TakeInAsync()).NewNotes);

        PendingItem item = store.Item(first.ChNFe);
        Assert.Equal(NoteState.Pending, item.State);
        Assert.True(item.Corrected);

        // The old file is still there, is looked at again and changes nothing.
        store.Drop(first);
        Assert.Equal(0, (await store.TakeInAsync()).NewNotes);
        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(first.ChNFe));
        Assert.Equal(corrected.DigestValue, store.Simulator.Ledger.Find(first.ChNFe)!.DigVal);
        using SqlSession session = store.Queue.Database.Open(readOnly: true);
        Assert.Equal(2L, session.Scalar<long>("SELECT count(*) FROM note_version"));
    }

    /// <summary>What came before the rejection, and whether the corrected file then takes the note's place.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("108", true)]
    [InlineData("280", true)]
    [InlineData("286", true)]
    [InlineData("656", true)]
    [InlineData("703", true)]
    [InlineData("not sent", true)]
    [InlineData("lost, not found", true)]
    [InlineData("204, not found", true)]
    [InlineData("receipt", true)]
    [InlineData("receipt, not found", true)]
    [InlineData("not found, lost", false)]
    [InlineData("lost", false)]
    [InlineData("receipt lost", false)]
    [InlineData("100, not found", false)]
    public async Task A_correction_is_one_where_nothing_sent_before_can_be_stored(string before, bool isOne)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        var log = new AttemptLog(store);
        bool byReceipt = before == "receipt";
        switch (before)
        {
            case "108" or "280" or "286" or "656" or "703":
                log.Sent(int.Parse(before, CultureInfo.InvariantCulture));
                break;
            case "not sent":
                log.Sent(null, WireOutcome.NotSent);
                break;
            case "lost" or "lost, not found":
                log.Sent(null, WireOutcome.NoAnswer);
                break;
            case "204, not found" or "100, not found":
                log.Sent(before[0] == '2' ? 204 : 100);
                break;
            case "receipt" or "receipt, not found" or "receipt lost":
                log.Sent(103);
                break;
            case "not found, lost":
                log.Consulted(217);
                log.Sent(null, WireOutcome.Open);
                break;
        }

        if (before.EndsWith(", not found", StringComparison.Ordinal))
        {
            log.Consulted(217);
        }

        if (byReceipt)
        {
            log.ByReceipt(806);
        }
        else
        {
            log.Sent(806);
        }

        await SetState(store, note.ChNFe, NoteState.Rejected);
        store.Drop("corrected.xml", Other(store, note).Bytes.ToArray());

        Assert.Equal(isOne ? 1 : 0, (await store.TakeInAsync()).NewNotes);

        Assert.Equal(isOne ? NoteState.Pending : NoteState.Conflict, store.StateOf(note.ChNFe));
    }

    [Theory]
    [InlineData(NoteState.Rejected, 280, true)]
    [InlineData(NoteState.Pending, 280, false)]
    [InlineData(NoteState.Pending, 464, true)]
    [InlineData(NoteState.Pending, 108, false)]
    [InlineData(NoteState.Rejected, 108, false)]
    public async Task Without_a_rejection_other_bytes_are_no_correction(NoteState state, int cStat, bool isOne)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        new AttemptLog(store).Sent(cStat);
        await SetState(store, note.ChNFe, state);
        store.Drop("other.xml", Other(store, note).Bytes.ToArray());

        await store.TakeInAsync();

        Assert.Equal(isOne ? NoteState.Pending : NoteState.Conflict, store.StateOf(note.ChNFe));
    }

    [Theory]
    [InlineData(FaultKind.PausedForNow)]
    [InlineData(FaultKind.CutAfterRequest)]
    [InlineData(FaultKind.UnknownCode)]
    public async Task A_note_that_an_outage_and_a_rejection_befell_is_corrected_and_goes_in(FaultKind outage)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        const NfceSync.SefazSimulator.SefazService Transmit = NfceSync.SefazSimulator.SefazService.Autorizacao;
        store.Simulator.Faults.Add(
            new FaultRule(outage) { Service = Transmit, CStat = 280, Times = 1 },
            new FaultRule(FaultKind.UnknownCode) { Service = Transmit, CStat = 806, Times = 1 });
        await store.SyncAsync();
        await store.SyncAsync();
        Assert.Equal((NoteState.Rejected, 806), (store.Item(note.ChNFe).State, store.Item(note.ChNFe).CStat));

        SignedNote corrected = Other(store, note);
        store.Drop("corrected.xml", corrected.Bytes.ToArray());
        await store.TakeInAsync();
        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));
        Assert.Equal(corrected.DigestValue, store.Simulator.Ledger.Find(note.ChNFe)!.DigVal);
    }

    [Theory]
    [InlineData(NoteState.Pending, NoteState.Conflict, null)]
    [InlineData(NoteState.Transmitting, NoteState.Transmitting, "NfceSameKeyOtherBytes")]
    [InlineData(NoteState.Uncertain, NoteState.Uncertain, "NfceSameKeyOtherBytes")]
    [InlineData(NoteState.Rejected, NoteState.Conflict, null)]
    [InlineData(NoteState.Conflict, NoteState.Conflict, null)]
    [InlineData(NoteState.Authorized, NoteState.Authorized, "NfceSameKeyOtherBytes")]
    [InlineData(NoteState.Cancelled, NoteState.Cancelled, "NfceSameKeyOtherBytes")]
    [InlineData(NoteState.Denied, NoteState.Denied, "NfceSameKeyOtherBytes")]
    public async Task Other_bytes_in_any_other_state_wait_for_a_person(NoteState state, NoteState then, string? quarantine)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();

        // A rejected note too, where one of the attempts at it had no answer.
        await SetState(store, note.ChNFe, state);
        store.Drop("other.xml", Other(store, note).Bytes.ToArray());

        Assert.Equal(0, (await store.TakeInAsync()).NewNotes);

        Assert.Equal(then, store.StateOf(note.ChNFe));
        Assert.Equal(quarantine, store.Queue.Pending(store.Store).SingleOrDefault(item => item.State == NoteState.Quarantined)?.ReasonId);
        await SetState(store, note.ChNFe, NoteState.Pending);
    }

    [Fact]
    public async Task Other_bytes_that_came_while_the_answer_was_out_correct_the_note_once_it_is_rejected()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { CStat = 230, Times = 1, Service = NfceSync.SefazSimulator.SefazService.Autorizacao });
        await store.TakeInAsync();
        await store.SyncAsync();
        await SetState(store, note.ChNFe, NoteState.Uncertain);
        store.Drop("other.xml", Other(store, note).Bytes.ToArray());
        await store.TakeInAsync();
        Assert.Contains(store.Queue.Pending(store.Store), item => item.ReasonId == ErrorIds.NfceSameKeyOtherBytes);

        await SetState(store, note.ChNFe, NoteState.Rejected);
        Assert.Equal(1, (await store.TakeInAsync()).NewNotes);

        Assert.Equal(NoteState.Pending, Assert.Single(store.Queue.Pending(store.Store)).State);
    }

    [Fact]
    public async Task Evidence_is_consulted_and_never_sent()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote known = store.Factory.Create(new NoteRequest { Number = 1 });
        SignedNote unknown = store.Factory.Create(new NoteRequest { Number = 2 });
        store.Simulator.Ledger.AuthorizeElsewhere(known.Bytes);
        store.Drop("known.xml", NoteDocuments.AsNfeProc(known));
        store.Drop("unknown.xml", NoteDocuments.AsNfeProc(unknown));
        await store.TakeInAsync();

        await store.SyncAsync();
        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(known.ChNFe));
        Assert.Equal(NoteState.Conflict, store.StateOf(unknown.ChNFe));
        Assert.Equal(ErrorIds.NfceEvidenceNotRegistered, store.Item(unknown.ChNFe).ReasonId);
        Assert.Equal(0, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
    }

    [Fact]
    public async Task Evidence_of_a_pending_note_keeps_it_from_being_sent()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes);
        store.Drop("proc.xml", NoteDocuments.AsNfeProc(note));
        await store.TakeInAsync();
        Assert.Equal(NoteState.Uncertain, store.StateOf(note.ChNFe));

        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));
        Assert.Equal(0, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
    }

    [Fact]
    public async Task Evidence_of_a_rejected_note_is_consulted()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { CStat = 230, Times = 1, Service = NfceSync.SefazSimulator.SefazService.Autorizacao });
        await store.TakeInAsync();
        await store.SyncAsync();

        // The registration was put right at SEFAZ, and the ERP sent the same bytes by itself.
        store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes);
        store.Drop("proc.xml", NoteDocuments.AsNfeProc(note));
        await store.TakeInAsync();
        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));
        Assert.Equal(1, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_erp_corrected_and_sent_by_itself_is_consulted_and_never_sent(bool refusedForTheConfiguration)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        store.Simulator.Faults.Add(new FaultRule(FaultKind.UnknownCode) { CStat = refusedForTheConfiguration ? 464 : 806, Times = 1, Service = NfceSync.SefazSimulator.SefazService.Autorizacao });
        await store.TakeInAsync();
        await store.SyncAsync();
        SignedNote corrected = Other(store, note);
        store.Simulator.Ledger.AuthorizeElsewhere(corrected.Bytes);
        store.Drop("proc.xml", NoteDocuments.AsNfeProc(corrected));

        await store.TakeInAsync();
        Assert.Equal((NoteState.Uncertain, ErrorIds.NfceEvidenceFound), (store.Item(note.ChNFe).State, store.Item(note.ChNFe).ReasonId));
        Assert.Equal(99.90m, store.Item(note.ChNFe).VNF);
        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));
        Assert.Equal(1, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
        string archived = Assert.Single(Directory.GetFiles(store.ArchivePath, note.ChNFe + "-procNFe.xml", SearchOption.AllDirectories));
        Assert.True(File.ReadAllBytes(archived).AsSpan().IndexOf(corrected.Bytes.Span) > 0);
    }

    /// <summary>Three sets of bytes under one key: the first two are in conflict, SEFAZ holds one of the three.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Evidence_of_any_version_leads_out_of_a_conflict_and_takes_a_verdict_back(int held)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote first = store.DropNotes(1)[0];
        SignedNote[] versions = [first, Other(store, first), store.Factory.Create(new NoteRequest { Number = 1, DhEmi = first.DhEmi, VNF = 3m })];
        await store.TakeInAsync();
        store.Drop("second.xml", versions[1].Bytes.ToArray());
        await store.TakeInAsync();
        PendingItem item = store.Item(first.ChNFe);
        Assert.Equal(ErrorIds.NfceSameKeyOtherBytes, item.ReasonId);
        store.Queue.Except(item, "the consumer has the first one", "somebody");
        store.Simulator.Ledger.AuthorizeElsewhere(versions[held].Bytes);

        store.Drop("proc.xml", NoteDocuments.AsNfeProc(versions[held]));
        await store.TakeInAsync();
        Assert.Equal((NoteState.Uncertain, null), (store.Item(first.ChNFe).State, store.Item(first.ChNFe).Exception));
        await store.SyncAsync();

        Assert.Equal(NoteState.Authorized, store.StateOf(first.ChNFe));
        Assert.Equal(0, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
        using SqlSession session = store.Queue.Database.Open(readOnly: true);
        Assert.Equal(versions[held].DigestValue, session.Scalar<string>("SELECT digest_value FROM note"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Evidence_that_SEFAZ_does_not_confirm_is_asked_about_once(bool otherBytesAreHeld)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        await SetState(store, note.ChNFe, NoteState.Conflict);
        if (otherBytesAreHeld)
        {
            store.Simulator.Ledger.AuthorizeElsewhere(store.Factory.Create(new NoteRequest { DhEmi = note.DhEmi, VNF = 3m }).Bytes);
        }

        // Two of them, so that they could take turns.
        for (int round = 0; round < 3; round++)
        {
            store.Drop("first.xml", NoteDocuments.WithDeclarationAndBom(NoteDocuments.AsNfeProc(note).AsSpan(38)));
            store.Drop("second.xml", NoteDocuments.AsNfeProc(Other(store, note)));
            await store.TakeInAsync();
            await store.SyncAsync();
            await store.TakeInAsync();
            await store.SyncAsync();
        }

        Assert.Equal(2, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Consulta));
        Assert.Equal(
            otherBytesAreHeld ? ErrorIds.NfceDigValDiffers : ErrorIds.NfceEvidenceNotRegistered,
            store.Queue.Pending(store.Store).Single(item => item.NoteId > 0).ReasonId);
        Assert.DoesNotContain(store.Queue.Pending(store.Store), item => item.State == NoteState.Quarantined);
        Assert.Equal(0, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_protocol_without_digVal_is_believed_where_the_erps_nfeproc_has_the_same_number(bool sameNumber)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        string nProt = store.Simulator.Ledger.AuthorizeElsewhere(note.Bytes).NProt;
        store.Simulator.Faults.Add(new FaultRule(FaultKind.MissingDigVal));
        await store.TakeInAsync();
        await store.SyncAsync();
        await store.SyncAsync();
        Assert.Equal(ErrorIds.NfceDigValMissing, store.Item(note.ChNFe).ReasonId);

        string proc = Regex.Replace(
            Encoding.UTF8.GetString(NoteDocuments.AsNfeProc(note)), "<nProt>.*</nProt>", $"<nProt>{(sameNumber ? nProt : "143260000000000")}</nProt>");
        store.Drop("proc.xml", Encoding.UTF8.GetBytes(proc));
        await store.TakeInAsync();
        await store.SyncAsync();
        await store.TakeInAsync();
        await store.SyncAsync();

        Assert.Equal(sameNumber ? NoteState.Authorized : NoteState.Conflict, store.StateOf(note.ChNFe));
        Assert.Equal(1, store.Simulator.Counters.Calls(NfceSync.SefazSimulator.SefazService.Autorizacao));
    }

    [Fact]
    public async Task Evidence_settles_a_note_that_is_too_old_to_be_consulted()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.Factory.Create(new NoteRequest { DhEmi = DateTimeOffset.Now.AddMonths(-8) });
        store.Drop(note);
        await store.TakeInAsync();
        await SetState(store, note.ChNFe, NoteState.Uncertain);
        await store.SyncAsync();
        Assert.Equal(ErrorIds.NfceTooOldToConsult, store.Item(note.ChNFe).ReasonId);

        store.Drop("proc.xml", NoteDocuments.AsNfeProc(note));
        await store.TakeInAsync();
        Assert.Equal(NoteState.Authorized, store.StateOf(note.ChNFe));

        await store.SyncAsync();
        Assert.Single(Directory.GetFiles(store.ArchivePath, note.ChNFe + "-procNFe.xml", SearchOption.AllDirectories));
        Assert.True((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
    }

    [Fact]
    public async Task A_note_of_another_store_is_counted_there()
    {
        await using TestStore store = await TestStore.CreateAsync();
        string branch = TaxIds.Cnpj("123456780002");
        Store other = store.RegisterOther("Filial", branch, "filial");
        SignedNote note = store.Factory.Create(new NoteRequest { IssuerId = branch });
        store.Drop(note);
        await store.TakeInAsync();
        Assert.Equal(0, store.Queue.CountPending(store.Store));
        Assert.Equal(1, store.Queue.Ignored(store.Store)[ErrorIds.NfceOtherStore]);

        File.WriteAllBytes(Path.Combine(other.Sources[0].Path, note.FileName), note.Bytes.ToArray());
        await store.TakeInAsync(other);

        Assert.Equal(1, store.Queue.CountPending(other));
        Assert.Equal(0, store.Queue.CountPending(store.Store));
    }

    [Fact]
    public async Task A_note_of_an_unknown_issuer_is_another_stores_once_that_is_registered()
    {
        await using TestStore store = await TestStore.CreateAsync();
        string branch = TaxIds.Cnpj("123456780002");
        store.Drop(store.Factory.Create(new NoteRequest { IssuerId = branch }));
        await store.TakeInAsync();
        Assert.Equal(ErrorIds.NfceUnknownIssuer, Assert.Single(store.Queue.Pending(store.Store)).ReasonId);

        Store other = store.RegisterOther("Filial", branch, "filial");
        await store.TakeInAsync();
        Assert.Equal(0, store.Queue.CountPending(store.Store));

        // Both shops write into one folder, as some systems do.
        other = store.Queue.Stores.Update(other with { Sources = new[] { new SourceFolder(store.SourcePath) } }, force: true);
        Assert.Equal(1, (await store.TakeInAsync(other)).NewNotes);
    }

    [Fact]
    public async Task A_locked_file_is_quarantined_until_it_can_be_read()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(2)[0];
        using (new FileStream(Path.Combine(store.SourcePath, note.FileName), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            IntakeReport report = await store.TakeInAsync();
            Assert.Equal(1, report.NewNotes);
            PendingItem locked = store.Queue.Pending(store.Store).Single(item => item.State == NoteState.Quarantined);
            Assert.Equal(ErrorIds.NfceFileUnreadable, locked.ReasonId);
            Assert.EndsWith(note.FileName, locked.SourcePath, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await store.TakeInAsync()).NewNotes);
        Assert.All(store.Queue.Pending(store.Store), item => Assert.Equal(NoteState.Pending, item.State));
    }

    [Fact]
    public async Task A_missing_folder_leaves_nothing_proven_and_does_not_hide_the_others()
    {
        await using TestStore store = await TestStore.CreateAsync();
        string missing = Path.Combine(store.Folder, "unplugged");
        store.Change(changed => changed with { Sources = new[] { new SourceFolder(missing), new SourceFolder(store.SourcePath) } });
        store.DropNotes(1);

        IntakeReport report = await store.TakeInAsync();
        Assert.Equal(ErrorIds.NfceSourceFolderMissing, Assert.Single(report.Problems).ErrorId);
        Assert.Equal(missing, report.Problems[0].Target);
        Assert.Equal(1, report.NewNotes);

        await store.SyncAsync();
        Assert.False((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
        Directory.CreateDirectory(missing);
        Assert.True((await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None)).Complete);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_may_not_be_listed_is_told_and_the_others_are_listed()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "Takes rights away as Linux does.");
        string root = Directory.CreateTempSubdirectory("nfcesync-listing-").FullName;
        string closed = Directory.CreateDirectory(Path.Combine(root, "closed")).FullName;
        string open = Directory.CreateDirectory(Path.Combine(root, "open")).FullName;
        File.WriteAllText(Path.Combine(closed, "a.xml"), "a");
        File.WriteAllText(Path.Combine(open, "b.xml"), "b");
        const UnixFileMode ForAll = (UnixFileMode)0x1ED;
        File.SetUnixFileMode(root, ForAll);
        File.SetUnixFileMode(open, ForAll);
        File.SetUnixFileMode(closed, UnixFileMode.None);
        var problems = new List<NfceSyncException>();

        List<string> names = [];
        AsNobody(() => names.AddRange(SourceListing.Files(new SourceFolder(root), problems.Add).Select(file => file.Name)));

        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(root, recursive: true);
        Assert.Equal("b.xml", Assert.Single(names));
        Assert.Equal(ErrorIds.NfceSourceFolderUnreadable, problems[0].ErrorId);
        Assert.All(problems, problem => Assert.Equal(closed, problem.Target));
    }

    [SkippableFact]
    public async Task A_pipe_among_the_files_is_not_opened()
    {
        Skip.IfNot(RuntimeInformation.IsOSPlatform(OSPlatform.Linux), "Makes a pipe as Linux does.");
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        using (Process mkfifo = Process.Start("mkfifo", Path.Combine(store.SourcePath, "pipe.xml")))
        {
            await mkfifo.WaitForExitAsync();
        }

        // Opened, it would wait for ever for whoever writes into it.
        IntakeReport report = await store.TakeInAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((2, 1), (report.FilesSeen, report.NewNotes));
        Assert.Contains(store.Queue.Pending(store.Store), item => item.ReasonId == ErrorIds.NfceFileEmpty);
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_is_told_and_does_not_stop_the_others()
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.DropNotes(1);
        File.CreateSymbolicLink(Path.Combine(store.SourcePath, "gone.xml"), Path.Combine(store.Folder, "nowhere.xml"));

        Assert.Equal(1, (await store.TakeInAsync()).NewNotes);
        Assert.Contains(store.Queue.Pending(store.Store), item => item.ReasonId == ErrorIds.NfceFileUnreadable);
    }

    [Fact]
    public async Task A_folder_that_is_a_link_is_looked_into_once_and_one_that_leads_back_ends()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        string elsewhere = Directory.CreateDirectory(Path.Combine(store.Folder, "other disk", "2026-11")).FullName;
        File.Move(Path.Combine(store.SourcePath, notes[0].FileName), Path.Combine(elsewhere, notes[0].FileName));
        Directory.CreateSymbolicLink(Path.Combine(store.SourcePath, "moved"), Path.GetDirectoryName(elsewhere)!);
        Directory.CreateSymbolicLink(Path.Combine(store.SourcePath, "moved too"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(elsewhere, "back"), store.SourcePath);
        Directory.CreateSymbolicLink(Path.Combine(elsewhere, "up"), Path.GetDirectoryName(elsewhere)!);

        IntakeReport report = await store.TakeInAsync();

        Assert.Equal((3, 3), (report.FilesSeen, report.NewNotes));
        Assert.Empty(report.Problems);
    }

    [Fact]
    public async Task A_file_that_the_erp_deletes_is_no_loss()
    {
        await using TestStore store = await TestStore.CreateAsync();
        IReadOnlyList<SignedNote> notes = store.DropNotes(3);
        await store.TakeInAsync();
        Directory.Delete(store.SourcePath, recursive: true);
        Directory.CreateDirectory(store.SourcePath);
        await store.TakeInAsync();

        SyncReport report = await store.SyncAsync();

        Assert.Equal(3, report.Final);
        Assert.All(notes, note => Assert.Equal(note.Bytes.ToArray(), store.Simulator.Ledger.Find(note.ChNFe)!.Bytes.ToArray()));
    }

    [Fact]
    public async Task A_file_that_was_half_written_is_taken_in_once_it_is_whole()
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.Factory.Create();
        store.Drop("note.xml", note.Bytes.ToArray()[..2000]);
        await store.TakeInAsync();
        Assert.Equal(ErrorIds.NfceFileTruncated, Assert.Single(store.Queue.Pending(store.Store)).ReasonId);

        store.Drop("note.xml", note.Bytes.ToArray());
        await store.TakeInAsync();

        Assert.Equal(NoteState.Pending, Assert.Single(store.Queue.Pending(store.Store)).State);
    }

    [Theory]
    [InlineData(NoteState.Pending, false)]
    [InlineData(NoteState.Transmitting, false)]
    [InlineData(NoteState.Uncertain, false)]
    [InlineData(NoteState.Rejected, true)]
    [InlineData(NoteState.Conflict, true)]
    [InlineData(NoteState.Authorized, false)]
    [InlineData(NoteState.Cancelled, false)]
    public async Task Only_what_waits_for_a_person_can_be_excepted(NoteState state, bool allowed)
    {
        await using TestStore store = await TestStore.CreateAsync();
        SignedNote note = store.DropNotes(1)[0];
        await store.TakeInAsync();
        PendingItem item = store.Item(note.ChNFe);
        await SetState(store, note.ChNFe, state);

        if (!allowed)
        {
            var refused = Assert.Throws<NfceSyncException>(() => store.Queue.Except(item, "número refeito na nota 7", "ana"));
            Assert.Equal(ErrorIds.NfceExceptionNotAllowed, refused.ErrorId);
            Assert.Equal(note.ChNFe, refused.Target);
            return;
        }

        store.Queue.Except(item, "número refeito na nota 7", "ana");
        Assert.Equal(0, store.Queue.CountPending(store.Store));
        PendingItem excepted = Assert.Single(store.Queue.Excepted(store.Store));
        Assert.Equal(("número refeito na nota 7", "ana"), (excepted.Exception, excepted.ExceptionBy));
        VerificationReport proof = await Verification.RunAsync(store.Queue, store.Store, CancellationToken.None);
        Assert.True(proof.Complete);
        Assert.Single(proof.Exceptions);

        store.Queue.Except(excepted, null, "ana");
        Assert.Equal(1, store.Queue.CountPending(store.Store));
        Assert.Empty(store.Queue.Excepted(store.Store));
    }

    [Theory]
    [InlineData("<half>")]
    [InlineData("another text")]
    public async Task A_quarantined_document_can_be_excepted_and_comes_back_when_its_file_changes(string changed)
    {
        await using TestStore store = await TestStore.CreateAsync();
        store.Drop("text.xml", Encoding.UTF8.GetBytes("no document"));
        await store.TakeInAsync();
        PendingItem item = Assert.Single(store.Queue.Pending(store.Store));
        store.Queue.Except(item, "lixo do instalador", "ana");
        await store.TakeInAsync();
        Assert.Equal(0, store.Queue.CountPending(store.Store));

        store.Drop("text.xml", Encoding.UTF8.GetBytes(changed));
        await store.TakeInAsync();

        Assert.Equal(1, store.Queue.CountPending(store.Store));
        var gone = Assert.Throws<NfceSyncException>(() => store.Queue.Except(item, "lixo", "ana"));
        Assert.Equal(ErrorIds.NfceItemNotFound, gone.ErrorId);
    }

    /// <summary>The same number and code with other content, as an ERP corrects it.</summary>
    private static SignedNote Other(TestStore store, SignedNote note) => store.Factory.Create(new NoteRequest
    {
        Number = 1,
        DhEmi = note.DhEmi,
        VNF = 99.90m,
    });

    private static byte[] Contradicted(SignedNote note) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(NoteDocuments.AsNfeProc(note)).Replace(
            $"<digVal>{note.DigestValue}</digVal>", "<digVal>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</digVal>", StringComparison.Ordinal));

    private static byte[] Large(byte[] note)
    {
        string text = Encoding.UTF8.GetString(note);
        return Encoding.UTF8.GetBytes(text.Replace("</NFe>", new string(' ', 600 * 1024) + "</NFe>", StringComparison.Ordinal));
    }

    private static async Task SetState(TestStore store, string chNFe, NoteState state) => await store.Queue.Committer.CommitAsync(
        session => session.Execute("UPDATE note SET state = $1 WHERE ch_nfe = $2", (int)state, chNFe));

    private static List<string> Found(TestStore store)
    {
        using SqlSession session = store.Queue.Database.Open(readOnly: true);
        int skip = store.SourcePath.Length + 1;
        return session.Query(
                "SELECT v.source_path, n.state, n.reason_id FROM note n JOIN note_version v USING (version_id)",
                row => $"{row.GetString(0)[skip..]} -> {(NoteState)row.GetInt32(1)}{(row.Text(2) is { } reason ? ":" + reason : "")}")
            .Concat(session.Query(
                "SELECT f.path, d.kind, d.reason_id FROM source_document d JOIN source_file f USING (file_id) WHERE d.replaced_at IS NULL",
                row => $"{row.GetString(0)[skip..]} -> {(DocumentKind)row.GetInt32(1)}{(row.Text(2) is { } reason ? ":" + reason : "")}"))
            .ToList();
    }

    // Root may list everything: on Linux the rights of a thread to files are its own (setfsuid(2)).
    private static void AsNobody(Action act)
    {
        const uint Nobody = 65534;
        uint before = SetFsUid(Nobody);
        try
        {
            act();
        }
        finally
        {
            _ = SetFsUid(before);
        }
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetFsUid(uint id);

    /// <summary>Writes calls about the only note into the log, as runs would.</summary>
    private sealed class AttemptLog(TestStore store)
    {
        public void Sent(int? cStat, WireOutcome outcome = WireOutcome.Answered) =>
            Write(Core.Stores.SefazService.Autorizacao, outcome, cStat, SefazAnswer.Transmission);

        public void Consulted(int cStat) =>
            Write(Core.Stores.SefazService.ConsultaProtocolo, WireOutcome.Answered, cStat, SefazAnswer.Consult);

        public void ByReceipt(int cStat) =>
            Write(Core.Stores.SefazService.RetAutorizacao, WireOutcome.Answered, cStat, SefazAnswer.Transmission);

        private void Write(Core.Stores.SefazService service, WireOutcome outcome, int? cStat, SefazAnswer answer)
        {
            using SqlSession session = store.Queue.Database.Open();
            long scope = Scopes.IdOf(session, new SefazScope("RS", 2, Head, Head));
            session.Execute(
                """
                INSERT INTO attempt (note_id, version_id, scope_id, service, lease_token, started_at, outcome, c_stat, disposition)
                SELECT note_id, version_id, $1, $2, 1, 1, $3, $4, $5 FROM note
                """,
                scope,
                (int)service,
                (int)outcome,
                cStat,
                cStat is { } code ? (int?)CStatCatalogue.Of(code, answer) : null);
        }
    }
}

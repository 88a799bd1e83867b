using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

using CsCheck;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Sync;

using Xunit;

namespace NfceSync.Core.Tests.Sync;

/// <summary>The design's table "what happened, the note is then", row by row.</summary>
public class DecideTests
{
    private const string Digest = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";
    private const string OtherDigest = "YWJjZGVmZ2hpamtsbW5vcHFyc3Q=";

    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccessKey Key = KeyOf(1);
    private static readonly string OtherKey = KeyOf(2).Value;
    private static readonly ReadOnlyMemory<byte> ProtocolBytes = Encoding.UTF8.GetBytes("<protNFe/>");
    private static readonly ReadOnlyMemory<byte> EvidenceBytes = Encoding.UTF8.GetBytes(
        $"<protNFe versao=\"4.00\"><infProt><tpAmb>2</tpAmb><verAplic>ERP</verAplic><chNFe>{Key.Value}</chNFe><dhRecbto>2026-03-24T09:00:00-03:00</dhRecbto><nProt>143260000000009</nProt><digVal>{Digest}</digVal><cStat>150</cStat><xMotivo>Autorizado</xMotivo></infProt></protNFe>");

    private static readonly QueuedNote Note = new()
    {
        NoteId = 1,
        Key = Key,
        State = NoteState.Pending,
        VersionId = 1,
        DigestValue = Digest,
        DhEmi = Now.AddMinutes(-30),
        Deadline = Now.AddDays(1),
        VNF = 10m,
        Bytes = Encoding.UTF8.GetBytes("<NFe/>"),
    };

    private static readonly QueuedNote Doubtful = Note with { State = NoteState.Uncertain };

    private static readonly Dictionary<string, Row> Rows = new Row[]
    {
        // No byte left; bytes left and no valid reply.
        new("not sent", () => Decide.OnTransmission(Note, WireOutcome.NotSent, null, Failure("NfceSefazUnreachable"), Now), NoteState.Pending) { Reason = "NfceSefazUnreachable" },
        new("no answer", () => Decide.OnTransmission(Note, WireOutcome.NoAnswer, null, Failure("NfceSefazNoAnswer"), Now), NoteState.Uncertain) { Reason = "NfceSefazNoAnswer" },
        new("an answer that is none", () => Decide.OnTransmission(Note, WireOutcome.Answered, null, null, Now), NoteState.Uncertain) { Reason = "NfceSefazInvalidAnswer" },
        new("consult without answer", () => Decide.OnConsult(Doubtful, null, Failure("NfceSefazNoAnswer")), NoteState.Uncertain),
        new("receipt without answer", () => Decide.OnReceipt(Doubtful with { NRec = "431000000000001" }, null, null, Now), NoteState.Uncertain) { NRec = "431000000000001" },

        // Authorised, with these bytes' digest.
        new("100", () => Sent(100), NoteState.Authorized) { CStat = 100, Kept = true },
        new("150", () => Sent(150), NoteState.Authorized) { CStat = 150, Kept = true },
        new("120", () => Sent(120), NoteState.Authorized) { CStat = 120, Kept = true },
        new("consult 100", () => Asked(100), NoteState.Authorized) { CStat = 100, Kept = true },
        new("consult 150", () => Asked(150), NoteState.Authorized) { CStat = 150, Kept = true },
        new("consult 120", () => Asked(120), NoteState.Authorized) { CStat = 120, Kept = true },
        new("receipt 104 with 100", () => Decide.OnReceipt(Doubtful, Reply(104, Protocol(100)), null, Now), NoteState.Authorized) { CStat = 100, Kept = true },

        // digVal missing, once and again; different; another key's.
        new("100 without digVal", () => Sent(100, digVal: null), NoteState.Uncertain) { Reason = "NfceDigValMissing" },
        new("100 with an empty digVal", () => Sent(100, digVal: ""), NoteState.Uncertain) { Reason = "NfceDigValMissing" },
        new("100 without protocol", () => Transmitted(Reply(100)), NoteState.Uncertain) { Reason = "NfceDigValMissing" },
        new("consult 100 without digVal again", () => Asked(100, digVal: null, note: Doubtful with { ReasonId = "NfceDigValMissing" }), NoteState.Conflict) { Reason = "NfceDigValMissing" },
        new("100 with another digVal", () => Sent(100, digVal: OtherDigest), NoteState.Conflict) { Reason = "NfceDigValDiffers" },
        new("consult 100 with another digVal", () => Asked(100, digVal: OtherDigest), NoteState.Conflict) { Reason = "NfceDigValDiffers" },
        new("100 of another key", () => Sent(100, key: OtherKey), NoteState.Conflict) { Reason = "NfceOtherKeysProtocol", Other = OtherKey },
        new("consult 100 of another key", () => Asked(100, key: OtherKey), NoteState.Conflict) { Reason = "NfceOtherKeysProtocol", Other = OtherKey },
        new("a rejection of another key", () => Sent(230, key: OtherKey), NoteState.Conflict) { Reason = "NfceOtherKeysProtocol", Other = OtherKey },
        new("539", () => Sent(539, reason: $"Rejeição: Duplicidade [chNFe:{OtherKey}][nRec:431000000000001]"), NoteState.Conflict) { Other = OtherKey },
        new("539 without a key", () => Sent(539), NoteState.Conflict),
        new("562 consulted", () => Consulted(Reply(562, reason: $"Rejeição [chNFe: {OtherKey}]")), NoteState.Conflict) { Other = OtherKey },
        new("561 consulted", () => Consulted(Reply(561)), NoteState.Conflict),
        new("613 consulted", () => Consulted(Reply(613)), NoteState.Conflict),
        new("614 consulted", () => Consulted(Reply(614)), NoteState.Conflict),

        // Nothing is decided.
        new("103", () => Transmitted(Reply(103) with { NRec = "431000000000001" }), NoteState.Uncertain) { NRec = "431000000000001" },
        new("105", () => Transmitted(Reply(105)), NoteState.Uncertain),
        new("105 by receipt", () => Decide.OnReceipt(Doubtful with { NRec = "431000000000001" }, Reply(105), null, Now), NoteState.Uncertain) { NRec = "431000000000001" },
        new("106 by receipt", () => Decide.OnReceipt(Doubtful with { NRec = "431000000000001" }, Reply(106), null, Now), NoteState.Uncertain),
        new("104 without protocol", () => Transmitted(Reply(104)), NoteState.Uncertain),
        new("106", () => Transmitted(Reply(106)), NoteState.Uncertain),
        new("204", () => Sent(204), NoteState.Uncertain),
        new("205", () => Sent(205), NoteState.Uncertain),
        new("218", () => Sent(218), NoteState.Uncertain),
        new("635", () => Sent(635), NoteState.Uncertain),
        new("999", () => Transmitted(Reply(999)), NoteState.Uncertain),
        new("unknown 199", () => Transmitted(Reply(199)), NoteState.Uncertain),
        new("unknown 1", () => Sent(1), NoteState.Uncertain),
        new("consult answered with 225", () => Consulted(Reply(225)), NoteState.Uncertain),
        new("consult answered with 9999", () => Consulted(Reply(9999)), NoteState.Uncertain),

        // Consult.
        new("217", () => Consulted(Reply(217)), NoteState.Pending),
        new("217 of a note with the ERP's nfeProc", () => Decide.OnConsult(Doubtful with { Evidence = EvidenceBytes }, Reply(217), null), NoteState.Conflict) { Reason = "NfceEvidenceNotRegistered" },
        new("101", () => Consulted(Reply(101, Protocol(100))), NoteState.Cancelled) { CStat = 101, Kept = true },
        new("151", () => Consulted(Reply(151, Protocol(100))), NoteState.Cancelled) { CStat = 151, Kept = true },
        new("155", () => Consulted(Reply(155, Protocol(100))), NoteState.Cancelled) { CStat = 155, Kept = true },
        new("101 of other bytes", () => Consulted(Reply(101, Protocol(100, digVal: OtherDigest))), NoteState.Conflict) { Reason = "NfceDigValDiffers" },
        new("101 of another key", () => Consulted(Reply(101, Protocol(100, key: OtherKey))), NoteState.Conflict) { Reason = "NfceOtherKeysProtocol", Other = OtherKey },
        new("101 without digVal", () => Consulted(Reply(101, Protocol(100, digVal: null))), NoteState.Uncertain) { Reason = "NfceDigValMissing" },
        new("101 without protocol", () => Consulted(Reply(101)), NoteState.Uncertain) { Reason = "NfceDigValMissing" },
        new("101 without digVal again", () => Decide.OnConsult(Doubtful with { ReasonId = "NfceDigValMissing" }, Reply(101), null), NoteState.Conflict) { Reason = "NfceDigValMissing" },
        new("110", () => Consulted(Reply(110, Protocol(110))), NoteState.Denied) { Kept = true },
        new("110 without protocol", () => Consulted(Reply(110)), NoteState.Uncertain) { Reason = "NfceDigValMissing" },
        new("217 about another key", () => Consulted(Reply(217) with { ChNFe = OtherKey }), NoteState.Uncertain) { Reason = "NfceSefazInvalidAnswer" },
        new("561 about another key", () => Consulted(Reply(561) with { ChNFe = OtherKey }), NoteState.Uncertain) { Reason = "NfceSefazInvalidAnswer" },
        new("100 about another key", () => Consulted(Reply(100, Protocol(100)) with { ChNFe = OtherKey }), NoteState.Uncertain) { Reason = "NfceSefazInvalidAnswer" },
        new("526", () => Consulted(Reply(526)), NoteState.Conflict) { Reason = "NfceTooOldToConsult" },
        new("526 with the ERP's nfeProc", () => Decide.OnConsult(Doubtful with { Evidence = EvidenceBytes }, Reply(526), null), NoteState.Authorized) { CStat = 150 },

        // The service, the block, the configuration.
        new("108", () => Transmitted(Reply(108)), NoteState.Pending) { Effect = RunEffect.ServicePaused },
        new("109", () => Transmitted(Reply(109)), NoteState.Pending) { Effect = RunEffect.ServicePaused },
        new("108 consulted", () => Consulted(Reply(108)), NoteState.Uncertain) { Effect = RunEffect.ServicePaused },
        new("656", () => Transmitted(Reply(656)), NoteState.Pending) { Effect = RunEffect.Blocked },
        new("656 consulted", () => Consulted(Reply(656)), NoteState.Uncertain) { Effect = RunEffect.Blocked },
        new("656 by receipt", () => Decide.OnReceipt(Doubtful, Reply(656), null, Now), NoteState.Uncertain) { Effect = RunEffect.Blocked },
        new("252", () => Transmitted(Reply(252)), NoteState.Pending) { Effect = RunEffect.StoreMisconfigured },
        new("280", () => Transmitted(Reply(280)), NoteState.Pending) { Effect = RunEffect.StoreMisconfigured },
        new("291", () => Sent(291), NoteState.Pending) { Effect = RunEffect.StoreMisconfigured },
        new("281 consulted", () => Consulted(Reply(281)), NoteState.Uncertain) { Effect = RunEffect.StoreMisconfigured },

        // Content; a code that no manual names is content from 201 on.
        new("704", () => Sent(704), NoteState.Rejected),
        new("225", () => Transmitted(Reply(225)), NoteState.Rejected),
        new("230", () => Sent(230), NoteState.Rejected),
        new("unknown 4-digit code", () => Sent(9998), NoteState.Rejected),
    }.ToDictionary(row => row.Name);

    public static TheoryData<string> RowNames() => new(Rows.Keys);

    [Theory]
    [MemberData(nameof(RowNames))]
    public void What_happened_makes_the_note(string name)
    {
        Row row = Rows[name];
        Decision decision = row.Decide();

        Assert.Equal(row.State, decision.State);
        Assert.Equal(row.Effect, decision.Effect);
        Assert.Equal(row.Other, decision.OtherKey);
        Assert.Equal(row.NRec, decision.NRec);
        Assert.Equal(row.Kept, decision.Protocol is { } kept && kept.Span.SequenceEqual(ProtocolBytes.Span));
        if (row.Reason is not null || row.State is NoteState.Authorized or NoteState.Cancelled)
        {
            Assert.Equal(row.Reason, decision.ReasonId);
        }

        if (row.CStat is not null)
        {
            Assert.Equal(row.CStat, decision.CStat);
        }
    }

    [Fact]
    public void The_erps_nfeproc_is_the_protocol_of_a_note_too_old_to_be_consulted()
    {
        Decision decision = Decide.OnConsult(Doubtful with { Evidence = EvidenceBytes }, Reply(526), null);

        Assert.Equal(EvidenceBytes.ToArray(), decision.Protocol!.Value.ToArray());
        Assert.Equal(("143260000000009", "2026-03-24T09:00:00-03:00"), (decision.NProt, decision.DhRecbto));
    }

    [Fact]
    public void The_alert_of_a_120_is_shown()
    {
        Decision decision = Transmitted(Reply(104, Protocol(120) with { XMsg = "Verifique o CEST" }));

        Assert.Equal(120, decision.CStat);
        Assert.Contains("Verifique o CEST", decision.XMotivo, StringComparison.Ordinal);
    }

    [Fact]
    public void Registered_and_not_found_three_times_in_turn_is_a_conflict()
    {
        QueuedNote note = Note;
        for (int turn = 1; turn <= 3; turn++)
        {
            Assert.Equal(NoteState.Pending, note.State);
            note = note.After(Decide.OnTransmission(note, WireOutcome.Answered, Reply(104, Protocol(204)), null, Now));
            Assert.Equal(NoteState.Uncertain, note.State);

            // A lost answer between the two does not break the count.
            note = note.After(Decide.OnConsult(note, null, Failure("NfceSefazNoAnswer")));
            note = note.After(Decide.OnConsult(note, Reply(217), null));
        }

        Assert.Equal(NoteState.Conflict, note.State);
        Assert.Equal("NfceRegisteredAndNotFound", note.ReasonId);
    }

    [Fact]
    public void Not_found_after_a_lost_answer_is_no_turn()
    {
        QueuedNote note = Note;
        for (int turn = 1; turn <= 5; turn++)
        {
            note = note.After(Decide.OnTransmission(note, WireOutcome.NoAnswer, null, Failure("NfceSefazNoAnswer"), Now));
            note = note.After(Decide.OnConsult(note, Reply(217), null));
            Assert.Equal(NoteState.Pending, note.State);
        }
    }

    [Theory]
    [InlineData(703)]
    [InlineData(558)]
    public void A_note_ahead_of_sefazs_clock_waits_until_it_no_longer_is(int cStat)
    {
        // SEFAZ's clock shows 09:00, the note says 11:30: it may go in when SEFAZ's shows 11:25.
        SefazReply reply = Reply(104, Protocol(cStat) with { DhRecbto = "2026-11-24T06:00:00-03:00" });
        Decision decision = Transmitted(reply);

        Assert.Equal(NoteState.Pending, decision.State);
        Assert.Equal(Now.AddMinutes(145), decision.NotBefore);
        Assert.Equal(Disposition.Clock, decision.Disposition);
    }

    [Fact]
    public void Every_code_is_one_of_the_tables_rows_for_a_transmission()
    {
        foreach (CStatEntry entry in CStatCatalogue.Entries)
        {
            Decision decision = Sent(entry.Code);
            Disposition meaning = CStatCatalogue.Of(entry.Code, SefazAnswer.Transmission);
            NoteState expected = meaning switch
            {
                Disposition.Authorized => NoteState.Authorized,
                Disposition.Denied => NoteState.Denied,
                Disposition.OtherDocument => NoteState.Conflict,
                Disposition.Content => NoteState.Rejected,
                Disposition.Configuration or Disposition.ConfigurationInNote or Disposition.Misuse or Disposition.ServicePaused
                    or Disposition.Clock => NoteState.Pending,
                _ => NoteState.Uncertain,
            };
            Assert.True(expected == decision.State, $"{entry.Code}: {decision.State}, not {expected}");
        }
    }

    [Fact]
    public void No_reply_whatsoever_authorises_without_an_equal_digest() => Situations.Sample(
        situation =>
        {
            (QueuedNote note, SefazReply reply) = situation;
            Decision[] decisions =
            [
                Decide.OnTransmission(note, WireOutcome.Answered, reply, null, Now),
                Decide.OnReceipt(note, reply, null, Now),
                Decide.OnConsult(note, reply, null),
            ];
            foreach (Decision decision in decisions.Where(decision => decision.State == NoteState.Authorized))
            {
                bool proven = reply.Protocol is { } protocol && protocol.DigVal == Digest && protocol.ChNFe == Key.Value
                    && protocol.CStat is 100 or 120 or 150;

                // The ERP's own protocol was held against the digest when it was taken in.
                bool tooOld = note.Evidence is not null && reply.CStat == 526 && ReferenceEquals(decision, decisions[2]);
                Assert.True(proven || tooOld, reply.ToString());
                Assert.NotNull(decision.Protocol);
            }
        },
        iter: 20_000);

    [Fact]
    public void What_was_never_sent_is_never_uncertain() => Situations.Sample(
        situation => Assert.Equal(
            NoteState.Pending,
            Decide.OnTransmission(situation.Note, WireOutcome.NotSent, situation.Reply, Failure("NfceSefazUnreachable"), Now).State),
        iter: 2_000);

    [Fact]
    public void What_was_sent_without_a_valid_answer_is_never_pending() => Gen.Select(Situations, OneOf(WireOutcome.NoAnswer, WireOutcome.Answered, WireOutcome.Open)).Sample(
        (situation, outcome) =>
        {
            Assert.Equal(NoteState.Uncertain, Decide.OnTransmission(situation.Note, outcome, null, null, Now).State);
            Assert.Equal(NoteState.Uncertain, Decide.OnReceipt(situation.Note, null, null, Now).State);
            Assert.Equal(NoteState.Uncertain, Decide.OnConsult(situation.Note, null, null).State);
        },
        iter: 2_000);

    private static Gen<(QueuedNote Note, SefazReply Reply)> Situations
    {
        get
        {
            Gen<int> codes = Gen.OneOf(
                OneOf(CStatCatalogue.Entries.Select(entry => entry.Code).ToArray()), OneOf(100, 101, 120, 150, 204, 217, 526), Gen.Int[1, 9999]);
            Gen<SefazProtocol?> protocols = Gen.OneOf(
                Gen.Const((SefazProtocol?)null),
                Gen.Select(codes, OneOf(Key.Value, Key.Value, OtherKey, null), OneOf(Digest, Digest, OtherDigest, "", null)).Select(
                    (cStat, key, digVal) => (SefazProtocol?)Protocol(cStat, digVal, key)));
            Gen<QueuedNote> notes = Gen.Select(
                OneOf(NoteState.Pending, NoteState.Uncertain),
                OneOf<int?>(null, 204, 217, 635),
                OneOf(null, "NfceDigValMissing", "NfceSefazNoAnswer"),
                Gen.Int[0, 3],
                Gen.Bool).Select((state, cStat, reason, turns, evidence) => Note with
                {
                    State = state,
                    CStat = cStat,
                    ReasonId = reason,
                    ConsultTurns = turns,
                    Evidence = evidence ? (ReadOnlyMemory<byte>?)EvidenceBytes : null,
                });
            return Gen.Select(notes, codes, protocols).Select((note, cStat, protocol) => (note, Reply(cStat, protocol)));
        }
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Decision Transmitted(SefazReply reply) => Decide.OnTransmission(Note, WireOutcome.Answered, reply, null, Now);

    private static Decision Consulted(SefazReply reply) => Decide.OnConsult(Doubtful, reply, null);

    private static Decision Sent(int cStat, string? digVal = Digest, string? key = null, string? reason = null) =>
        Transmitted(Reply(104, Protocol(cStat, digVal, key ?? Key.Value) with { XMotivo = reason ?? "motivo" }));

    private static Decision Asked(int cStat, string? digVal = Digest, string? key = null, QueuedNote? note = null) =>
        Decide.OnConsult(note ?? Doubtful, Reply(cStat, Protocol(cStat, digVal, key ?? Key.Value)), null);

    private static NfceSyncException Failure(string errorId) => new(errorId, NfceErrorCategory.ConnectionError, null, "sefaz.example", "timed out");

    private static SefazReply Reply(int cStat, SefazProtocol? protocol = null, string reason = "motivo") =>
        new() { CStat = cStat, XMotivo = reason, TpAmb = 2, Protocol = protocol };

    private static SefazProtocol Protocol(int cStat, string? digVal = Digest, string? key = "") => new()
    {
        ChNFe = key is { Length: 0 } ? Key.Value : key,
        DigVal = digVal,
        CStat = cStat,
        XMotivo = "motivo",
        NProt = "143260000000001",
        DhRecbto = "2026-11-24T09:00:00-03:00",
        Bytes = ProtocolBytes,
    };

    private static AccessKey KeyOf(int number)
    {
        string first43 = "4326111234567800019565001" + number.ToString("000000000", CultureInfo.InvariantCulture) + "913572468";
        return Enumerable.Range(0, 10)
            .Select(digit => AccessKey.TryParse(first43 + digit, out AccessKey? key) ? key : null)
            .Single(key => key is not null)!;
    }

    private sealed record Row(string Name, Func<Decision> Decide, NoteState State)
    {
        public string? Reason { get; init; }

        public int? CStat { get; init; }

        public string? Other { get; init; }

        public string? NRec { get; init; }

        /// <summary>Whether SEFAZ's protocol is to be kept as it came.</summary>
        public bool Kept { get; init; }

        public RunEffect Effect { get; init; }
    }
}

using System;
using System.Globalization;
using System.Text.RegularExpressions;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;

namespace NfceSync.Core.Sync;

/// <summary>
/// The design's table "what happened, the note is then", without clock, disk or network. A code never decides alone: an
/// authorisation counts when its <c>digVal</c> equals the note's own digest.
/// </summary>
internal static class Decide
{
    /// <summary>After so many turns of "registered" (204) and "not found" (217) a person must look.</summary>
    public const int MostConsultTurns = 3;

    // The same bytes will hardly ever pass, whatever is set right outside of them.
    private const int MostRefusalsOfBytes = 3;

    private const int MostRefusalsOfConfiguration = 10;

    private static readonly TimeSpan ShortestClockWait = TimeSpan.FromMinutes(1);

    // A dhRecbto may be nonsense: a note is asked about once a day at least.
    private static readonly TimeSpan LongestClockWait = TimeSpan.FromHours(24);

    // 703 is given when dhEmi is more than five minutes ahead of SEFAZ's clock (Anexo I, B09-20).
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private static readonly Regex NamedKey = new(@"\[\s*chNFe\s*:\s*([0-9]{6}[0-9A-Z]{12}[0-9]{26})\s*\]", RegexOptions.CultureInvariant);

    /// <summary>The note's bytes were to be sent, and this came of it.</summary>
    public static Decision OnTransmission(QueuedNote note, WireOutcome outcome, SefazReply? reply, NfceSyncException? failure, DateTimeOffset now)
    {
        if (outcome == WireOutcome.NotSent)
        {
            return Stay(note, NoteState.Pending, failure);
        }

        if (reply is null)
        {
            return Stay(note, NoteState.Uncertain, failure);
        }

        return OnVerdict(note, reply, reply.Protocol?.CStat ?? reply.CStat, now);
    }

    /// <summary>It was asked by receipt what became of the batch.</summary>
    public static Decision OnReceipt(QueuedNote note, SefazReply? reply, NfceSyncException? failure, DateTimeOffset now)
    {
        if (reply is null)
        {
            return Stay(note, NoteState.Uncertain, failure);
        }

        if (reply.Protocol is { } protocol)
        {
            return OnVerdict(note, reply, protocol.CStat, now);
        }

        Disposition meaning = CStatCatalogue.Of(reply.CStat, SefazAnswer.Receipt);
        return Word(note, NoteState.Uncertain, reply, meaning) with
        {
            // Only "still in process" is worth asking by receipt again; after anything else the key is asked for.
            NRec = meaning == Disposition.InProcess ? note.NRec : null,
            Effect = EffectOf(meaning),
        };
    }

    /// <summary>It was asked by key what SEFAZ knows.</summary>
    public static Decision OnConsult(QueuedNote note, SefazReply? reply, NfceSyncException? failure)
    {
        // An answer about another key is none about this note.
        if (reply is null || (reply.ChNFe is { } key && key != note.Key.Value))
        {
            return Stay(note, NoteState.Uncertain, failure);
        }

        Disposition meaning = CStatCatalogue.Of(reply.CStat, SefazAnswer.Consult);
        Decision word = Word(note, NoteState.Uncertain, reply, meaning);
        return meaning switch
        {
            Disposition.Authorized => OnAuthorised(note, reply, word),

            // The protocol beside it still says authorised: the consultation's own code is the word.
            Disposition.Cancelled or Disposition.Denied =>
                OnOtherFinal(note, reply, word with { CStat = reply.CStat, XMotivo = reply.XMotivo }, meaning),
            Disposition.NotFound => OnNotFound(note, word),
            Disposition.TooOld when note.Evidence is { } evidence => Authorised(word, SefazProtocol.Read(evidence)),
            Disposition.TooOld => word with { State = NoteState.Conflict, ReasonId = ErrorIds.NfceTooOldToConsult },
            Disposition.OtherDocument => word with { State = NoteState.Conflict, OtherKey = KeyIn(reply.XMotivo) },
            Disposition.KeyRefused => word with { State = NoteState.Conflict },
            _ => word with { Effect = EffectOf(meaning) },
        };
    }

    /// <summary>
    /// A pending note, which would be sent again by itself, ends as rejected once SEFAZ has refused the same bytes alike too often: it counts
    /// equal rejections for ever, and blocks all calls for them (Anexo I §4.3.1).
    /// </summary>
    public static Decision Limited(Decision decision, Refusal? refused)
    {
        int most = decision.Disposition switch
        {
            Disposition.ConfigurationInNote => MostRefusalsOfBytes,
            Disposition.Configuration => MostRefusalsOfConfiguration,
            _ => Attempts.EqualRejections,
        };
        return refused is null || refused.Times < most ? decision : decision with
        {
            State = NoteState.Rejected,
            NotBefore = null,
            ReasonId = refused.Times < Attempts.EqualRejections ? ErrorIds.NfceRefusedRepeatedly : ErrorIds.NfceRefusedTooOften,
            ReasonArgs = refused.ToTexts(),
        };
    }

    private static Decision OnVerdict(QueuedNote note, SefazReply reply, int cStat, DateTimeOffset now)
    {
        Disposition meaning = CStatCatalogue.Of(cStat, SefazAnswer.Transmission);
        Decision word = Word(note, NoteState.Uncertain, reply, meaning);

        // A word about another key says nothing about this note, a rejection as little as an authorisation.
        if (reply.Protocol is { } protocol && protocol.ChNFe != note.Key.Value)
        {
            return OtherKeysWord(word, protocol);
        }

        switch (meaning)
        {
            case Disposition.Authorized:
                return OnAuthorised(note, reply, word);
            case Disposition.Denied:
                return OnOtherFinal(note, reply, word, meaning);
            case Disposition.InProcess:
                return word with { NRec = reply.NRec ?? note.NRec };
            case Disposition.OtherDocument:
                return word with { State = NoteState.Conflict, OtherKey = KeyIn(word.XMotivo) };
            case Disposition.Content:
                return word with { State = NoteState.Rejected };
            case Disposition.Configuration or Disposition.ConfigurationInNote:
                return word with { State = NoteState.Pending, Effect = RunEffect.StoreMisconfigured };
            case Disposition.Misuse:
                return word with { State = NoteState.Pending, Effect = RunEffect.Blocked };
            case Disposition.ServicePaused:
                return word with { State = NoteState.Pending, Effect = RunEffect.ServicePaused };
            case Disposition.CertificateNotChecked:
                return word with { State = NoteState.Pending, Effect = RunEffect.CertificateNotChecked };
            case Disposition.Clock:
                return word with { State = NoteState.Pending, NotBefore = WhenClockAllows(note, reply, now) };
            default:
                return word;
        }
    }

    private static Decision OnAuthorised(QueuedNote note, SefazReply reply, Decision word)
    {
        if (reply.Protocol is not { } protocol)
        {
            return MissingDigest(note, word);
        }

        if (protocol.ChNFe != note.Key.Value)
        {
            return OtherKeysWord(word, protocol);
        }

        if (CStatCatalogue.Of(protocol.CStat, SefazAnswer.Transmission) is var meaning && meaning != Disposition.Authorized)
        {
            return meaning == Disposition.Denied ? OnOtherFinal(note, reply, word, meaning) : word;
        }

        if (string.IsNullOrEmpty(protocol.DigVal))
        {
            // The same number names the same protocol, and in the ERP's nfeProc it has its digest.
            return note.Evidence is { } evidence && SefazProtocol.Read(evidence) is { NProt: { Length: > 0 } nProt } known && nProt == protocol.NProt
                ? Authorised(word, known)
                : MissingDigest(note, word);
        }

        return protocol.DigVal == note.DigestValue
            ? Authorised(word, protocol)
            : word with { State = NoteState.Conflict, ReasonId = ErrorIds.NfceDigValDiffers };
    }

    // Asked once more by key; what then still has no digest cannot be told to be about these bytes.
    private static Decision MissingDigest(QueuedNote note, Decision word) => word with
    {
        State = note.ReasonId == ErrorIds.NfceDigValMissing ? NoteState.Conflict : NoteState.Uncertain,
        ReasonId = ErrorIds.NfceDigValMissing,
    };

    private static Decision OnOtherFinal(QueuedNote note, SefazReply reply, Decision word, Disposition meaning)
    {
        if (reply.Protocol is { } protocol && protocol.ChNFe != note.Key.Value)
        {
            return OtherKeysWord(word, protocol);
        }

        // A key says nothing of the bytes: other bytes may have been cancelled or denied under it.
        if (reply.Protocol is not { DigVal: { Length: > 0 } digVal } kept)
        {
            return MissingDigest(note, word);
        }

        return digVal == note.DigestValue
            ? Keep(word, kept) with { State = meaning == Disposition.Cancelled ? NoteState.Cancelled : NoteState.Denied, Event = reply.Event }
            : word with { State = NoteState.Conflict, ReasonId = ErrorIds.NfceDigValDiffers };
    }

    private static Decision OtherKeysWord(Decision word, SefazProtocol protocol) => word with
    {
        State = NoteState.Conflict,
        ReasonId = ErrorIds.NfceOtherKeysProtocol,
        OtherKey = protocol.ChNFe,
        Disposition = Disposition.Uncertain,
    };

    private static Decision OnNotFound(QueuedNote note, Decision word)
    {
        if (note.Evidence is not null)
        {
            return word with { State = NoteState.Conflict, ReasonId = ErrorIds.NfceEvidenceNotRegistered };
        }

        bool registeredBefore = note.CStat is 204 or 205 or 218;
        int turns = note.ConsultTurns + (registeredBefore ? 1 : 0);
        return turns >= MostConsultTurns
            ? word with { State = NoteState.Conflict, ReasonId = ErrorIds.NfceRegisteredAndNotFound, ConsultTurns = turns }
            : word with { State = NoteState.Pending, ConsultTurns = turns };
    }

    private static DateTimeOffset WhenClockAllows(QueuedNote note, SefazReply reply, DateTimeOffset now)
    {
        string? dhRecbto = reply.Protocol?.DhRecbto ?? reply.DhRecbto;
        TimeSpan ahead = TryInstant(dhRecbto) is { } sefaz ? note.DhEmi - sefaz - ClockTolerance : TimeSpan.Zero;
        return now + (ahead < ShortestClockWait ? ShortestClockWait : ahead > LongestClockWait ? LongestClockWait : ahead);
    }

    /// <summary>SEFAZ's instant, or null where the text is none.</summary>
    public static DateTimeOffset? TryInstant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant) ? instant : null;

    private static Decision Stay(QueuedNote note, NoteState state, NfceSyncException? failure) => new(state)
    {
        ReasonId = failure?.ErrorId ?? (state == NoteState.Uncertain ? ErrorIds.NfceSefazInvalidAnswer : null),
        ReasonArgs = failure?.TextArgs ?? Array.Empty<string>(),
        CStat = note.CStat,
        XMotivo = note.XMotivo,
        NRec = note.NRec,
        ConsultTurns = note.ConsultTurns,
    };

    private static Decision Word(QueuedNote note, NoteState state, SefazReply reply, Disposition meaning) => new(state)
    {
        CStat = reply.Protocol?.CStat ?? reply.CStat,
        XMotivo = reply.Protocol?.XMotivo ?? reply.XMotivo,
        ConsultTurns = note.ConsultTurns,
        Disposition = meaning,
    };

    private static Decision Keep(Decision decision, SefazProtocol protocol) => decision with
    {
        Protocol = protocol.Bytes,
        NProt = protocol.NProt,
        DhRecbto = protocol.DhRecbto,
    };

    private static Decision Authorised(Decision word, SefazProtocol protocol) =>
        Keep(word, protocol) with { State = NoteState.Authorized, CStat = protocol.CStat, XMotivo = Alerted(protocol) };

    // 120: authorised, with an alert that the issuer must read (NT2026.002).
    private static string? Alerted(SefazProtocol protocol) =>
        protocol.XMsg is { Length: > 0 } alert ? protocol.XMotivo + " | " + alert : protocol.XMotivo;

    private static RunEffect EffectOf(Disposition meaning) => meaning switch
    {
        Disposition.Configuration or Disposition.ConfigurationInNote => RunEffect.StoreMisconfigured,
        Disposition.Misuse => RunEffect.Blocked,
        Disposition.ServicePaused => RunEffect.ServicePaused,
        Disposition.CertificateNotChecked => RunEffect.CertificateNotChecked,
        _ => RunEffect.None,
    };

    private static string? KeyIn(string? xMotivo) =>
        xMotivo is not null && NamedKey.Match(xMotivo) is { Success: true } match ? match.Groups[1].Value : null;
}

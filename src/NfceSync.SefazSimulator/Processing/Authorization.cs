using System;

namespace NfceSync.SefazSimulator;

/// <summary>NFeAutorizacao4 behind the form rules: batch, signature, content and duplicates, in the manual's order.</summary>
internal sealed class Authorization(SimulatorOptions options, Ledger ledger, SignerCache signers)
{
    private readonly NoteRules _rules = new(options);
    private readonly SchemaRule? _schema = options.SchemaFolder is { } folder ? new SchemaRule(folder) : null;

    public Verdict Judge(ReadOnlyMemory<byte> bytes, Payload payload, FaultRule? fault)
    {
        var batch = CheckBatch(payload);
        if (batch != 0)
        {
            return new Verdict(batch);
        }

        var note = payload.Notes[0];
        var slice = NoteSlices.Note(bytes);
        if (_schema is not null && !_schema.IsValid(bytes))
        {
            return new Verdict(225);
        }

        var now = options.TimeProvider.GetUtcNow();
        var broken = CheckSignature(note, slice, now);
        if (broken == 0)
        {
            broken = _rules.Check(note, now);
        }

        return broken == 0 ? Register(note, slice, now, fault) : Refuse(note.Key, broken);
    }

    private static int CheckBatch(Payload payload)
    {
        var idLote = payload.Field("idLote");
        var indSinc = payload.Field("indSinc");
        if (idLote.Length is < 1 or > 15 || idLote.AsSpan().ContainsAnyExceptInRange('0', '9') || indSinc is not ("0" or "1") || payload.Notes.Count is < 1 or > 50)
        {
            return 225;
        }

        foreach (var note in payload.Notes)
        {
            if (!NoteRules.LooksLikeLayout(note))
            {
                return 225;
            }
        }

        // NT 2023.002, GAP03a-4; NT 2020.005, GAP03a-3.
        return payload.Notes.Count > 1 ? 126 : indSinc == "0" ? 452 : 0;
    }

    // Groups E and F.
    private int CheckSignature(NoteFields note, ReadOnlyMemory<byte> bytes, DateTimeOffset now)
    {
        var signer = signers.Get(note.Certificate!);
        var broken = signer switch
        {
            null => 290,
            _ when !CertificateCheck.IsCurrent(signer.Certificate, now) => 291,
            { Holder: null } => 292,
            { Trusted: false } => 293,
            _ => SignatureCheck.Check(note, bytes, signer),
        };
        if (broken != 0)
        {
            return broken;
        }

        // F03 compares only the base: the head office signs for its branches.
        return signer!.Holder!.Length switch
        {
            14 when note.Cnpj is not null && signer.Holder[..8] != note.Cnpj[..8] => 213,
            11 when signer.Holder != note.Cpf => 227,
            14 when note.Cnpj is null => 213,
            _ => 0,
        };
    }

    private Verdict Register(NoteFields note, ReadOnlyMemory<byte> bytes, DateTimeOffset now, FaultRule? fault)
    {
        ledger.Touch(note.Key);
        var late = now - NoteRules.Time(note.DhEmi!) > TimeSpan.FromHours(24);
        var delay = fault?.Kind is FaultKind.DelayedProcessing or FaultKind.Receipt ? new ProcessingDelay(fault.Calls, fault.Duration) : null;
        var cStat = fault?.Kind == FaultKind.AuthorizedWithAlert ? 120 : late ? 150 : 100;
        var entry = ledger.Add(note.Key, note.DigestValue!, cStat, bytes.ToArray(), delay, out var added);
        if (!added)
        {
            return Duplicate(note, entry);
        }

        return fault?.Kind switch
        {
            FaultKind.DelayedProcessing => new Verdict(105) { Registered = true },
            FaultKind.Receipt => new Verdict(103) { Registered = true, NRec = entry.NRec },
            _ => Authorized(entry, registered: true),
        };
    }

    // Rules 2B08-10 to 2B08-50.
    private Verdict Duplicate(NoteFields note, LedgerEntry entry)
    {
        var receipt = $"[nRec:{entry.NRec}]";
        if (entry.ChNFe != note.Key)
        {
            return Refuse(note.Key, 539, $"{Reasons.Text(539)} [chNFe:{entry.ChNFe}]{receipt}");
        }

        if (entry.State == NoteState.Authorized && options.DuplicateReturnsProtocol && entry.DigVal == note.DigestValue)
        {
            return Authorized(entry, registered: false);
        }

        return entry.State switch
        {
            NoteState.Cancelled => Refuse(note.Key, 218, $"{Reasons.Text(218)} {receipt}"),
            NoteState.Denied => Refuse(note.Key, 205, $"{Reasons.Text(205)} {receipt}"),
            NoteState.Processing => Refuse(note.Key, 635),
            _ => Refuse(note.Key, 204, $"{Reasons.Text(204)} {receipt}"),
        };
    }

    private Verdict Authorized(LedgerEntry entry, bool registered) => new(entry.CStat)
    {
        Registered = registered,
        Protocol = new Protocol(options.TpAmb, entry.ChNFe, entry.DhRecbto, entry.NProt, entry.DigVal, entry.CStat, Reasons.Text(entry.CStat))
        {
            Alert = entry.CStat == 120 ? (1, "Alerta de treinamento: confira o cadastro do emitente") : null,
        },
    };

    private Verdict Refuse(string key, int cStat, string? reason = null) => new(cStat)
    {
        Protocol = new Protocol(options.TpAmb, key, ledger.Now(), null, null, cStat, reason ?? Reasons.Text(cStat)),
    };
}

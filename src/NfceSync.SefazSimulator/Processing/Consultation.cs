using System;
using System.Globalization;

namespace NfceSync.SefazSimulator;

/// <summary>The services that only tell: situation of a note, receipt of a batch, status of the service.</summary>
internal sealed class Consultation(SimulatorOptions options, Ledger ledger)
{
    private readonly int _uf = FederativeUnit.Of(options.Uf).Code;

    public int Status(Payload payload)
    {
        if (payload.Field("xServ") != "STATUS" || payload.Field("tpAmb") is not ("1" or "2") || payload.Field("cUF").Length != 2)
        {
            return 215;
        }

        return IsOtherEnvironment(payload) ? 252 : IsOtherUf(payload.Field("cUF")) ? 289 : 107;
    }

    public Reply Situation(CallRecord call, Payload payload, Reply reply)
    {
        var code = payload.Field("xServ") != "CONSULTAR" || payload.Field("tpAmb") is not ("1" or "2") || call.ChNFe is null
            ? 215
            : IsOtherEnvironment(payload) ? 252 : CheckKey(call.ChNFe);
        if (code != 0)
        {
            return With(reply, code);
        }

        var key = call.ChNFe!;
        ledger.Touch(key);
        var entry = ledger.FindNatural(key);
        if (entry is null || entry.State == NoteState.Processing)
        {
            return With(reply, 217);
        }

        if (entry.ChNFe != key)
        {
            return key switch
            {
                _ when !key.AsSpan(35, 8).SequenceEqual(entry.ChNFe.AsSpan(35, 8)) =>
                    With(reply, 562) with { XMotivo = $"{Reasons.Text(562)} [chNFe:{entry.ChNFe}]" },
                _ when !key.AsSpan(2, 4).SequenceEqual(entry.ChNFe.AsSpan(2, 4)) => With(reply, 561),
                _ => With(reply, 613),
            };
        }

        return Found(reply, entry);
    }

    public Reply Receipt(Payload payload, Reply reply)
    {
        var receipt = payload.Field("nRec");
        var code = receipt.Length != 15 || payload.Field("tpAmb") is not ("1" or "2") ? 215 : IsOtherEnvironment(payload) ? 252 : 0;
        if (code != 0)
        {
            return With(reply, code);
        }

        reply = reply with { NRec = receipt };
        var entry = ledger.FindReceipt(receipt) is { } known ? ledger.Touch(known.ChNFe) : null;
        return entry switch
        {
            null => With(reply, 106),
            { State: NoteState.Processing } => With(reply, 105),
            _ => With(reply, 104) with { Protocols = [ProtocolOf(entry)] },
        };
    }

    public Protocol ProtocolOf(LedgerEntry entry) =>
        new(options.TpAmb, entry.ChNFe, entry.DhRecbto, entry.NProt, entry.DigVal, entry.CStat, Reasons.Text(entry.CStat));

    private Reply Found(Reply reply, LedgerEntry entry)
    {
        var found = With(reply, entry.State == NoteState.Cancelled ? entry.CancellationCStat : entry.CStat) with
        {
            Protocols = [ProtocolOf(entry)],
        };
        return entry.State == NoteState.Cancelled ? found with { Events = [entry.CancellationEvent] } : found;
    }

    private int CheckKey(string key)
    {
        var now = ledger.Now();
        if (AccessKey.Check(key, now) is var broken && broken != 0)
        {
            return broken;
        }

        if (IsOtherUf(key[..2]))
        {
            return 249;
        }

        var age = (now.Year - 2000 - AccessKey.Number(key, 2, 2)) * 12 + now.Month - AccessKey.Number(key, 4, 2);
        return options.RefuseOldKeys && age > 6 ? 526 : 0;
    }

    private bool IsOtherEnvironment(Payload payload) => payload.Field("tpAmb") != options.TpAmb.ToString(CultureInfo.InvariantCulture);

    private bool IsOtherUf(string code) => code != _uf.ToString(CultureInfo.InvariantCulture);

    private static Reply With(Reply reply, int cStat) => reply with { CStat = cStat, XMotivo = Reasons.Text(cStat) };
}

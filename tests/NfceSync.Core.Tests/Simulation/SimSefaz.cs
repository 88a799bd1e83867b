using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>What SEFAZ makes of a set of bytes.</summary>
internal enum Nature
{
    Good,
    Alerted,
    Content,
    UnknownRejection,
    OtherNumberHolder,
    OtherCode,
    Denied,
    BadSettingInNote,
}

/// <summary>What SEFAZ holds under a key.</summary>
internal sealed class Registered
{
    public required string DigVal { get; init; }

    public required int CStat { get; init; }

    public required string NProt { get; init; }

    public required DateTimeOffset At { get; init; }

    public bool Cancelled { get; set; }

    /// <summary>From when on a consult finds it.</summary>
    public DateTimeOffset FoundFrom { get; init; }
}

/// <summary>An answer before it is written down: the code, and what the texts shall say.</summary>
internal sealed record Answer(string Body, int CStat);

/// <summary>
/// The simulated authoriser. It shares nothing with the core and is the truth that the queue is held against. It tells no
/// lies: those are the wire's.
/// </summary>
internal sealed class SimSefaz(World world)
{
    private const int ConsultsAnHour = 10;
    private const int OtherCallsAnHour = 40;
    private const int EqualRejections = 30;

    private readonly Dictionary<string, Registered> _register = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Nature> _natures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<DateTimeOffset>> _calls = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _rejections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Batch> _batches = new(StringComparer.Ordinal);
    private DateTimeOffset _blockedUntil;
    private int _number;

    /// <summary>How many times each key was authorised; more than once would be the worst that can happen.</summary>
    public Dictionary<string, int> Authorisations { get; } = new(StringComparer.Ordinal);

    public DateTimeOffset PausedUntil { get; set; }

    public DateTimeOffset MisconfiguredUntil { get; set; }

    /// <summary>How likely a batch is taken in without being decided at once (103, 105).</summary>
    public double AsyncRate { get; set; }

    /// <summary>How likely a registered note is found by consults only later, or never.</summary>
    public double LagRate { get; set; }

    /// <summary>How likely it answers 999 or another code that decides nothing.</summary>
    public double OddRate { get; set; }

    public HashSet<string> HidesDigVal { get; } = new(StringComparer.Ordinal);

    public HashSet<string> TooOld { get; } = new(StringComparer.Ordinal);

    public void Is(string digVal, Nature nature) => _natures[digVal] = nature;

    public Nature NatureOf(string digVal) => _natures.GetValueOrDefault(digVal);

    public Registered? Find(string key) => _register.GetValueOrDefault(key);

    /// <summary>Which note a receipt is about.</summary>
    public string KeyOf(string nRec) => _batches.TryGetValue(nRec, out Batch? batch) ? batch.Note.Key : string.Empty;

    public void Block() => _blockedUntil = world.Now + TimeSpan.FromHours(1);

    public Answer Process(SefazService service, string key, PoolVersion? note, string? nRec) => service switch
    {
        SefazService.Autorizacao => Transmission(note!),
        SefazService.ConsultaProtocolo => Consult(key),
        SefazService.RetAutorizacao => Receipt(nRec!),
        _ => Status(),
    };

    /// <summary>Another program sends a note.</summary>
    public Registered? TakeFromErp(PoolVersion note)
    {
        if (NatureOf(note.DigVal) is Nature.Good or Nature.Alerted && !_register.ContainsKey(note.Key))
        {
            Authorise(note, world.Now);
        }

        return Find(note.Key);
    }

    public void ConsultFromErp(string key)
    {
        if (world.Now >= _blockedUntil)
        {
            Consult(key);
        }
    }

    public string ProtocolOf(string key) => Protocol(key, _register[key]);

    public static string Protocol(string key, Registered held) =>
        ProtNFe(key, held.DigVal, held.CStat, "Autorizado o uso da NF-e", held.NProt, held.At);

    public static string ProtNFe(string key, string? digVal, int cStat, string xMotivo, string? nProt, DateTimeOffset at) =>
        "<protNFe versao=\"4.00\"><infProt><tpAmb>2</tpAmb><verAplic>SIM</verAplic><chNFe>" + key + "</chNFe><dhRecbto>" + Text(at)
        + "</dhRecbto>" + (nProt is null ? null : "<nProt>" + nProt + "</nProt>") + (digVal is null ? null : "<digVal>" + digVal + "</digVal>")
        + "<cStat>" + Text(cStat) + "</cStat><xMotivo>" + xMotivo + "</xMotivo></infProt></protNFe>";

    private Answer Transmission(PoolVersion note)
    {
        if (Refused("nfe", int.MaxValue) is { } refused)
        {
            if (refused == 280)
            {
                CountRejection(note, refused);
            }

            return Batched(refused);
        }

        if (world.Chance(OddRate))
        {
            return Batched(Odd());
        }

        if (_batches.Values.Any(batch => batch.Note.Key == note.Key && !batch.Decided))
        {
            return Verdict(note, 635);
        }

        if (world.Chance(AsyncRate))
        {
            return TakeIn(note);
        }

        return Decide(note);
    }

    private Answer TakeIn(PoolVersion note)
    {
        string nRec = "43" + (++_number).ToString("D13", CultureInfo.InvariantCulture);
        var batch = new Batch(note);
        _batches.Add(nRec, batch);
        bool lost = world.Chance(0.2);
        world.After(world.Between(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)), () =>
        {
            batch.Decided = true;
            batch.Lost = lost;
            batch.Result = lost ? null : Decide(note);
        });
        int cStat = world.Chance(0.5) ? 103 : 105;
        return new Answer(Root("retEnviNFe", cStat, $"<infRec><nRec>{nRec}</nRec><tMed>1</tMed></infRec>"), cStat);
    }

    private Answer Decide(PoolVersion note)
    {
        if (note.DhEmi > world.Now + TimeSpan.FromMinutes(5))
        {
            return Reject(note, 703);
        }

        if (_register.TryGetValue(note.Key, out Registered? held))
        {
            return Reject(note, held.Cancelled ? 218 : held.CStat == 302 ? 205 : 204);
        }

        switch (NatureOf(note.DigVal))
        {
            case Nature.Content:
                return Reject(note, 806);
            case Nature.UnknownRejection:
                return Reject(note, 1999);
            case Nature.OtherNumberHolder:
                return Reject(note, 539);
            case Nature.OtherCode:
                return Reject(note, 562);
            case Nature.BadSettingInNote:
                return Reject(note, 464);
            case Nature.Denied:
                _register.Add(note.Key, New(note, 302, world.Now));
                return Verdict(note, 302, _register[note.Key]);
            default:
                Registered authorised = Authorise(note, world.Now);
                return Verdict(note, authorised.CStat, authorised);
        }
    }

    private Registered Authorise(PoolVersion note, DateTimeOffset now)
    {
        int cStat = now > note.DhEmi.AddHours(24) ? 150 : NatureOf(note.DigVal) == Nature.Alerted ? 120 : 100;
        Registered authorised = New(note, cStat, now);
        _register.Add(note.Key, authorised);
        Authorisations[note.Key] = Authorisations.GetValueOrDefault(note.Key) + 1;
        world.Tally.Count("sefaz: authorised " + Text(cStat));
        return authorised;
    }

    private Registered New(PoolVersion note, int cStat, DateTimeOffset now) => new()
    {
        DigVal = note.DigVal,
        CStat = cStat,
        NProt = "143" + (++_number).ToString("D12", CultureInfo.InvariantCulture),
        At = now,
        FoundFrom = !world.Chance(LagRate) ? now : world.Chance(0.3) ? DateTimeOffset.MaxValue : now.AddMinutes(3),
    };

    private Answer Reject(PoolVersion note, int cStat)
    {
        CountRejection(note, cStat);
        return Verdict(note, cStat);
    }

    /// <summary>SEFAZ counts equal rejections by the note's key and for ever (Anexo I §4.3.1). Only our own calls are counted here.</summary>
    private void CountRejection(PoolVersion note, int cStat)
    {
        string counted = note.Key + Text(cStat);
        _rejections[counted] = _rejections.GetValueOrDefault(counted) + 1;
        if (_rejections[counted] > EqualRejections)
        {
            throw new InvariantBroken($"SEFAZ blocks us: {History.Short(note.Key)} was rejected with {cStat} {_rejections[counted]} times");
        }
    }

    private Answer Consult(string key)
    {
        if (Refused(key, ConsultsAnHour) is { } refused)
        {
            world.Tally.Count("sefaz: consult " + Text(refused));
            return new Answer(Root("retConsSitNFe", refused, null), refused);
        }

        int cStat;
        string? more = null;
        if (world.Chance(OddRate))
        {
            cStat = Odd();
        }
        else if (TooOld.Contains(key))
        {
            cStat = 526;
        }
        else if (!_register.TryGetValue(key, out Registered? held) || held.FoundFrom > world.Now)
        {
            cStat = 217;
        }
        else
        {
            cStat = held.Cancelled ? 101 : held.CStat;
            string? digVal = HidesDigVal.Contains(key) ? null : held.DigVal;
            more = ProtNFe(key, digVal, held.CStat, "Autorizado o uso da NF-e", held.NProt, held.At) + (held.Cancelled
                ? $"<procEventoNFe versao=\"1.00\"><evento><infEvento><chNFe>{key}</chNFe></infEvento></evento></procEventoNFe>"
                : null);
        }

        world.Tally.Count("sefaz: consult " + Text(cStat));
        return new Answer(Root("retConsSitNFe", cStat, more), cStat);
    }

    private Answer Receipt(string nRec)
    {
        if (Refused("receipt " + nRec, OtherCallsAnHour) is { } refused)
        {
            return new Answer(Root("retConsReciNFe", refused, null), refused);
        }

        Batch? batch = _batches.GetValueOrDefault(nRec);
        int cStat = batch is null || batch.Lost ? 106 : batch.Decided ? 104 : 105;
        world.Tally.Count("sefaz: receipt " + Text(cStat));
        return cStat == 104
            ? batch!.Result! with { Body = batch.Result!.Body.Replace("retEnviNFe", "retConsReciNFe", StringComparison.Ordinal) }
            : new Answer(Root("retConsReciNFe", cStat, null), cStat);
    }

    private Answer Status()
    {
        int cStat = Refused("status", OtherCallsAnHour) ?? (world.Chance(OddRate) ? 999 : 107);
        world.Tally.Count("sefaz: status " + Text(cStat));
        return new Answer(Root("retConsStatServ", cStat, null), cStat);
    }

    /// <summary>What stands before every service: the block, the pause, a setting that is wrong.</summary>
    private int? Refused(string subject, int limit)
    {
        if (world.Now < _blockedUntil)
        {
            // A call during the block renews it (Anexo I §4.3).
            Block();
            world.Tally.Count("sefaz: 656 during a block");
            return 656;
        }

        if (!_calls.TryGetValue(subject, out Queue<DateTimeOffset>? calls))
        {
            _calls.Add(subject, calls = new Queue<DateTimeOffset>());
        }

        while (calls.Count > 0 && world.Now - calls.Peek() >= TimeSpan.FromHours(1))
        {
            calls.Dequeue();
        }

        calls.Enqueue(world.Now);
        if (calls.Count > limit)
        {
            // The ERP asks for keys too, but only we ask for receipts and for the service.
            if (limit == OtherCallsAnHour)
            {
                throw new InvariantBroken($"SEFAZ blocks us: {calls.Count} calls within an hour about {subject}");
            }

            Block();
            world.Tally.Count("sefaz: 656 by its counters");
            return 656;
        }

        return world.Now < PausedUntil ? PausedUntil.Ticks % 2 == 0 ? 108 : 109
            : world.Now < MisconfiguredUntil ? 280
            : null;
    }

    private int Odd() => world.Dice.Next(3) switch { 0 => 999, 1 => 199, _ => 104 };

    private Answer Batched(int cStat)
    {
        world.Tally.Count("sefaz: batch " + Text(cStat));
        return new Answer(Root("retEnviNFe", cStat, null), cStat);
    }

    private Answer Verdict(PoolVersion note, int cStat, Registered? held = null)
    {
        world.Tally.Count("sefaz: verdict " + Text(cStat));
        string? digVal = held is null || HidesDigVal.Contains(note.Key) ? null : held.DigVal;
        string protocol = ProtNFe(note.Key, digVal, cStat, "Motivo " + Text(cStat), held?.NProt, world.Now);
        return new Answer(Root("retEnviNFe", 104, protocol), cStat);
    }

    private string Root(string name, int cStat, string? more) =>
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"><soap:Body>"
        + "<nfeResultMsg xmlns=\"http://www.portalfiscal.inf.br/nfe/wsdl/Sim\"><" + name
        + " versao=\"4.00\" xmlns=\"http://www.portalfiscal.inf.br/nfe\"><tpAmb>2</tpAmb><verAplic>SIM</verAplic><cStat>" + Text(cStat)
        + "</cStat><xMotivo>Motivo " + Text(cStat) + "</xMotivo><dhRecbto>" + Text(world.Now) + "</dhRecbto>" + more + "</" + name
        + "></nfeResultMsg></soap:Body></soap:Envelope>";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) =>
        time.ToOffset(TimeSpan.FromHours(-3)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    private sealed class Batch(PoolVersion note)
    {
        public PoolVersion Note { get; } = note;

        public bool Decided { get; set; }

        public bool Lost { get; set; }

        public Answer? Result { get; set; }
    }
}

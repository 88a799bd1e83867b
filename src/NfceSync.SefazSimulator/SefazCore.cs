using System;
using System.Collections.Generic;
using System.Globalization;

namespace NfceSync.SefazSimulator;

/// <summary>
/// A SEFAZ without network: envelope in, envelope out. With a fake <see cref="TimeProvider"/> and a seed it is
/// deterministic. Safe for any number of threads.
/// </summary>
public sealed class SefazCore : IDisposable
{
    private readonly SimulatorOptions _options;
    private readonly UsageMeter _meter;
    private readonly Authorization _authorization;
    private readonly Consultation _consultation;
    private readonly FederativeUnit _uf;
    private readonly StateFile? _state;
    private readonly object _pauseGate = new();
    private (int CStat, DateTimeOffset Until) _pause;

    /// <summary>Makes an authoriser.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="authority">Whose certificates it trusts.</param>
    public SefazCore(SimulatorOptions options, TestAuthority authority)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(authority);
        _options = options;
        _uf = FederativeUnit.Of(options.Uf);
        _meter = new UsageMeter(options.Limits);
        Authority = authority;
        _state = options.StateFile is { } path ? new StateFile(path) : null;
        Ledger = new Ledger(options, authority, _state);
        Faults = new FaultPlan(options.Seed);
        Counters = new SimulatorCounters(Ledger, _meter);
        _authorization = new Authorization(options, Ledger, new SignerCache(authority));
        _consultation = new Consultation(options, Ledger);
    }

    /// <summary>Whose certificates it trusts.</summary>
    public TestAuthority Authority { get; }

    /// <summary>What it knows and what it was asked.</summary>
    public Ledger Ledger { get; }

    /// <summary>The faults to come.</summary>
    public FaultPlan Faults { get; }

    /// <summary>Counts of what happened so far.</summary>
    public SimulatorCounters Counters { get; }

    internal SimulatorOptions Options => _options;

    /// <summary>Answers one request. Faults of the connection (cuts, latency, no answer) are the transport's and do nothing here.</summary>
    /// <param name="service">The service that is called.</param>
    /// <param name="request">The SOAP envelope.</param>
    /// <param name="certificateId">CNPJ or CPF of the client certificate.</param>
    /// <returns>The body of the reply.</returns>
    public byte[] Process(SefazService service, ReadOnlyMemory<byte> request, string certificateId)
    {
        var answer = Answer(service, request, new Transmitter(certificateId));
        answer.Call.Delivered = true;
        return answer.Body;
    }

    /// <inheritdoc/>
    public void Dispose() => _state?.Dispose();

    internal SefazAnswer Answer(SefazService service, ReadOnlyMemory<byte> request, Transmitter transmitter, string? action = null)
    {
        var contract = ServiceContract.Of(service);
        var call = Ledger.Begin(service, transmitter.Id);
        var bytes = SoapRequest.Payload(request, contract, out var reason);
        if (reason is null && action is not null && action != contract.Namespace + "/" + contract.Method)
        {
            reason = $"Ação desconhecida: '{action}'.";
        }

        if (bytes is null || reason is not null)
        {
            return new SefazAnswer(call, 500, SefazAnswer.Soap, ReplyWriter.SoapFault("Sender", reason!), null);
        }

        var payload = PayloadReader.Read(bytes.Value);
        call.ChNFe = KeyOf(service, payload);
        call.DigVal = payload.Notes is [{ } only] ? only.DigestValue : null;
        var fault = Faults.ForCall(service, call.ChNFe);
        var latency = Faults.Latency(service, call.ChNFe);
        call.Fault = fault?.Kind ?? (latency > TimeSpan.Zero ? FaultKind.Latency : null);
        return Struck(call, fault, bytes.Value, payload, transmitter) with { Latency = latency };
    }

    /// <summary>Records a call that a fault cut before it was read.</summary>
    internal CallRecord Unread(SefazService service, Transmitter transmitter, FaultRule fault)
    {
        var call = Ledger.Begin(service, transmitter.Id);
        call.Fault = fault.Kind;
        return call;
    }

    private SefazAnswer Struck(CallRecord call, FaultRule? fault, ReadOnlyMemory<byte> bytes, Payload payload, Transmitter transmitter)
    {
        var untouched = fault is not null
            && (fault.Kind is FaultKind.CutBeforeRequest or FaultKind.CutInRequest or FaultKind.CutAfterRequest
                || (!fault.AfterProcessing && fault.Kind is FaultKind.HttpUnavailable or FaultKind.HtmlPage or FaultKind.SoapFault or FaultKind.EmptyBody));
        var reply = untouched ? null : Reply(call, fault, bytes, payload, transmitter);
        call.CStat = reply?.EffectiveCStat ?? 0;
        return fault?.Kind switch
        {
            FaultKind.HttpUnavailable => new SefazAnswer(call, 503, SefazAnswer.Html, "Service Unavailable"u8.ToArray(), fault),
            FaultKind.HtmlPage => new SefazAnswer(call, 200, SefazAnswer.Html, "<html><body><h1>Em manutenção</h1><br></body></html>"u8.ToArray(), fault),
            FaultKind.SoapFault => new SefazAnswer(call, 500, SefazAnswer.Soap, ReplyWriter.SoapFault("Receiver", "Falha interna."), fault),
            FaultKind.EmptyBody => new SefazAnswer(call, 200, SefazAnswer.Soap, [], fault),
            _ when reply is null => new SefazAnswer(call, 503, SefazAnswer.Html, [], fault),
            FaultKind.InvalidReply => new SefazAnswer(call, 200, SefazAnswer.Soap, ReplyWriter.Envelope(call.Service, Disfigure(reply)), fault),
            _ => new SefazAnswer(call, 200, SefazAnswer.Soap, ReplyWriter.Envelope(call.Service, ReplyWriter.Payload(reply)), fault),
        };
    }

    private Reply Reply(CallRecord call, FaultRule? fault, ReadOnlyMemory<byte> bytes, Payload payload, Transmitter transmitter)
    {
        var now = _options.TimeProvider.GetUtcNow();
        if (Instead(call, fault, transmitter, now) is { } instead)
        {
            return instead;
        }

        var reply = Judge(call, fault, bytes, payload, transmitter, now);
        return fault is null ? reply : Falsify(reply, fault);
    }

    // Faults that keep the request from being processed.
    private Reply? Instead(CallRecord call, FaultRule? fault, Transmitter transmitter, DateTimeOffset now)
    {
        switch (fault?.Kind)
        {
            case FaultKind.PausedForNow or FaultKind.PausedIndefinitely:
                var code = fault.Kind == FaultKind.PausedForNow ? 108 : 109;
                lock (_pauseGate)
                {
                    _pause = (code, now + fault.Duration);
                }

                return Simple(call, code);
            case FaultKind.ConsumoIndevido:
                return Simple(call, 656, _meter.Block(transmitter.Name, call.Service, now, fault.Duration));
            case FaultKind.UnknownCode when !fault.AfterProcessing:
                return ForNote(call, fault.CStat, Reasons.Text(fault.CStat));
            case FaultKind.EndlessDuplicate when call.Service == SefazService.Autorizacao:
                return ForNote(call, 204, $"{Reasons.Text(204)} [nRec:{Ledger.NewReceipt()}]");
            default:
                return null;
        }
    }

    private Reply Judge(
        CallRecord call, FaultRule? fault, ReadOnlyMemory<byte> bytes, Payload payload, Transmitter transmitter, DateTimeOffset now)
    {
        var subject = call.Service == SefazService.RetAutorizacao ? payload.Field("nRec") : call.ChNFe;
        if (_meter.Enter(transmitter.Name, call.Service, subject ?? string.Empty, now) is { } blocked)
        {
            return Simple(call, 656, blocked);
        }

        if (transmitter.CStat != 0)
        {
            return Simple(call, transmitter.CStat);
        }

        var form = FormRules.Check(ServiceContract.Of(call.Service), bytes.Length, payload, Paused(now));
        if (form != 0)
        {
            return Simple(call, form);
        }

        switch (call.Service)
        {
            case SefazService.Status:
                return Simple(call, _consultation.Status(payload));
            case SefazService.Consulta:
                return _consultation.Situation(call, payload, Simple(call, 0));
            case SefazService.RetAutorizacao:
                return _consultation.Receipt(payload, Simple(call, 0));
        }

        var verdict = _authorization.Judge(bytes, payload, fault);
        call.Registered = verdict.Registered;
        if (verdict.IsMessage)
        {
            return Simple(call, verdict.CStat) with { NRec = verdict.NRec };
        }

        return verdict.CStat >= 200 && _meter.Rejected(transmitter.Name, call.ChNFe ?? string.Empty, verdict.CStat, now) is { } indevido
            ? Simple(call, 656, indevido)
            : Simple(call, 104) with { Protocols = [verdict.Protocol!] };
    }

    private Reply Falsify(Reply reply, FaultRule fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.WrongTpAmb:
                return reply with
                {
                    TpAmb = 3 - reply.TpAmb,
                    Protocols = [.. ProtocolsOf(reply, protocol => protocol with { TpAmb = 3 - protocol.TpAmb })],
                };
            case FaultKind.MissingDigVal:
                return reply with { Protocols = [.. ProtocolsOf(reply, protocol => protocol with { DigVal = null })] };
            case FaultKind.WrongDigVal:
                return reply with { Protocols = [.. ProtocolsOf(reply, protocol => protocol with { DigVal = EnvelopedSigner.Digest("another note") })] };
            case FaultKind.ForeignProtocol:
                return reply with { Protocols = [.. ProtocolsOf(reply, Foreign)] };
            case FaultKind.UnknownCode:
                return reply.Protocols.Count > 0
                    ? reply with { Protocols = [.. ProtocolsOf(reply, protocol => protocol with { CStat = fault.CStat, XMotivo = Reasons.Text(fault.CStat), NProt = null, DigVal = null })] }
                    : reply with { CStat = fault.CStat, XMotivo = Reasons.Text(fault.CStat) };
            default:
                return reply;
        }
    }

    private Protocol Foreign(Protocol protocol)
    {
        if (Ledger.AnyOther(protocol.ChNFe) is { } other)
        {
            return protocol with { ChNFe = other.ChNFe, NProt = other.NProt, DigVal = other.DigVal };
        }

        var number = (AccessKey.Number(protocol.ChNFe, 25, 9) + 1) % 1_000_000_000;
        var first43 = string.Create(CultureInfo.InvariantCulture, $"{protocol.ChNFe.AsSpan(0, 25)}{number:000000000}{protocol.ChNFe.AsSpan(34, 9)}");
        return protocol with { ChNFe = first43 + TaxIds.KeyDigit(first43), DigVal = EnvelopedSigner.Digest(first43) };
    }

    private static IEnumerable<Protocol> ProtocolsOf(Reply reply, Func<Protocol, Protocol> change)
    {
        foreach (var protocol in reply.Protocols)
        {
            yield return change(protocol);
        }
    }

    private string Disfigure(Reply reply)
    {
        var text = ReplyWriter.Payload(reply).Replace($"<cUF>{_uf.Code}</cUF>", "<cUF>XX</cUF>", StringComparison.Ordinal);
        var start = text.IndexOf("<chNFe>", StringComparison.Ordinal);
        while (start >= 0)
        {
            var end = text.IndexOf("</chNFe>", start, StringComparison.Ordinal) + "</chNFe>".Length;
            text = text.Remove(start, end - start);
            start = text.IndexOf("<chNFe>", StringComparison.Ordinal);
        }

        return text;
    }

    private int Paused(DateTimeOffset now)
    {
        lock (_pauseGate)
        {
            return now < _pause.Until ? _pause.CStat : 0;
        }
    }

    private Reply Simple(CallRecord call, int cStat, string? reason = null) => new(call.Service, cStat, reason ?? Reasons.Text(cStat))
    {
        TpAmb = _options.TpAmb,
        CUf = _uf.Code,
        At = Ledger.Now(),
        ChNFe = call.ChNFe,
    };

    // A verdict on a note stands in its protocol; everything else in the message.
    private Reply ForNote(CallRecord call, int cStat, string reason) => call is { Service: SefazService.Autorizacao, ChNFe: { } key }
        ? Simple(call, 104) with { Protocols = [new Protocol(_options.TpAmb, key, Ledger.Now(), null, null, cStat, reason)] }
        : Simple(call, cStat, reason);

    private static string? KeyOf(SefazService service, Payload payload)
    {
        var key = service switch
        {
            SefazService.Autorizacao => payload.Notes is [{ } note, ..] ? note.Key : null,
            SefazService.Consulta => payload.Field("chNFe"),
            _ => null,
        };
        return key is not null && AccessKey.IsWellFormed(key) ? key : null;
    }
}

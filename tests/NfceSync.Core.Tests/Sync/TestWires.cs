using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Tests.Sync;

/// <summary>Counts what is on the wire at a time.</summary>
internal sealed class CountingWire(ISefazTransport inner) : ISefazTransport
{
    private int _inFlight;
    private int _most;

    public int Most => _most;

    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        int now = Interlocked.Increment(ref _inFlight);
        int seen = _most;
        while (now > seen && Interlocked.CompareExchange(ref _most, now, seen) is var found && found != seen)
        {
            seen = found;
        }

        try
        {
            return await inner.SendAsync(service, envelope, cancel);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    public void Dispose() => inner.Dispose();
}

/// <summary>Holds back the answer to the first transmission until it is let go: the run behind it stands still.</summary>
internal sealed class HeldWire(ISefazTransport inner) : ISefazTransport
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>SEFAZ has processed the first transmission.</summary>
    public Task Arrived => _arrived.Task;

    public void Release() => _released.TrySetResult();

    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        WireReply reply = await inner.SendAsync(service, envelope, cancel);
        if (service == SefazService.Autorizacao)
        {
            _arrived.TrySetResult();
            await _released.Task;
        }

        return reply;
    }

    public void Dispose() => inner.Dispose();
}

/// <summary>A process that is no longer there.</summary>
internal sealed class DeadProcess : RunIdentity
{
    // Above the highest process id that Linux gives out (2^22).
    public override string Process => "99999999@0";
}

/// <summary>SEFAZ's service runs, and whatever is asked of it beside that is never answered.</summary>
internal sealed class HangingWire : ISefazTransport
{
    public int Transmissions { get; private set; }

    public int Questions { get; private set; }

    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        if (service == SefazService.StatusServico)
        {
            return CannedReplies.Running;
        }

        Transmissions += service == SefazService.Autorizacao ? 1 : 0;
        Questions += service == SefazService.Autorizacao ? 0 : 1;
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration giving = cancel.Register(given.SetResult);
        await given.Task;
        return new WireReply(
            WireOutcome.NoAnswer, null, default, new NfceSyncException(ErrorIds.NfceSefazNoAnswer, NfceErrorCategory.ConnectionError, "sefaz", "sefaz", "timeout"));
    }

    public void Dispose()
    {
    }
}

/// <summary>Rejects the content of the first note; at the second something fails that no network does.</summary>
internal sealed class BreakingWire : ISefazTransport
{
    public const string ErrorId = ErrorIds.NfceQueueUnavailable;

    private bool _rejected;

    public Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        if (service == SefazService.StatusServico)
        {
            return Task.FromResult(CannedReplies.Running);
        }

        if (_rejected)
        {
            throw new NfceSyncException(ErrorId, NfceErrorCategory.ResourceUnavailable, "queue", "queue", "broken");
        }

        _rejected = true;
        return Task.FromResult(CannedReplies.Of($"<retEnviNFe {CannedReplies.Xmlns}><tpAmb>2</tpAmb><cStat>225</cStat><xMotivo>Rejeição</xMotivo></retEnviNFe>"));
    }

    public void Dispose()
    {
    }
}

/// <summary>No transmission leaves; questions do.</summary>
internal sealed class NoTransmissionWire(ISefazTransport inner, Func<Task>? meanwhile = null) : ISefazTransport
{
    public int Refused { get; private set; }

    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        if (service != SefazService.Autorizacao)
        {
            return await inner.SendAsync(service, envelope, cancel);
        }

        Refused++;
        if (meanwhile is not null)
        {
            await meanwhile();
        }

        return new WireReply(
            WireOutcome.NotSent, null, default, new NfceSyncException(ErrorIds.NfceSefazUnreachable, NfceErrorCategory.ConnectionError, "sefaz", "sefaz", "refused"));
    }

    public void Dispose() => inner.Dispose();
}

/// <summary>Answers that are always the same.</summary>
internal static class CannedReplies
{
    public const string Xmlns = "xmlns=\"http://www.portalfiscal.inf.br/nfe\" versao=\"4.00\"";

    public static WireReply Running { get; } =
        Of($"<retConsStatServ {Xmlns}><tpAmb>2</tpAmb><cStat>107</cStat><xMotivo>Servico em Operacao</xMotivo></retConsStatServ>");

    public static WireReply Of(string xml) => new(WireOutcome.Answered, 200, Encoding.UTF8.GetBytes(xml), null);
}

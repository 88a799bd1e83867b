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

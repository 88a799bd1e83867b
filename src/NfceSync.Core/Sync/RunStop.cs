using System;
using System.Threading;

namespace NfceSync.Core.Sync;

/// <summary>Why a run takes nothing new any more; the first reason counts.</summary>
internal sealed class RunStop : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private NfceSyncException? _reason;

    public NfceSyncException? Reason => Volatile.Read(ref _reason);

    public bool IsSet => Reason is not null;

    /// <summary>Ends waits inside the run; calls on the wire go on.</summary>
    public CancellationToken Token => _source.Token;

    public void Set(NfceSyncException reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _source.Cancel();
        }
    }

    public void Dispose() => _source.Dispose();
}

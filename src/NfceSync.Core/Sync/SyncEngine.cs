using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>Brings the notes of a store home. How a run goes about it: <see cref="SyncRun"/>.</summary>
public static class SyncEngine
{
    /// <summary>Brings home every note of the store, or those named, as far as SEFAZ lets it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The registered store.</param>
    /// <param name="transport">The way to SEFAZ; stays the caller's.</param>
    /// <param name="certificateId">The CNPJ or CPF of the TLS certificate, or its thumbprint: SEFAZ counts by it.</param>
    /// <param name="options">How to go about it.</param>
    /// <param name="listener">Who hears of it.</param>
    /// <param name="only">The access keys to handle; null for all. Others are left as they are.</param>
    /// <param name="stop">Ends the run: nothing new is begun, what is on the wire gets a moment to end, the lease is given back.</param>
    /// <returns>What it did, and why it ended early where it did.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceSyncAlreadyRunning"/>: another run is at work; or the queue cannot be used.
    /// </exception>
    public static async Task<SyncReport> RunAsync(
        NfceQueue queue,
        Store store,
        ISefazTransport transport,
        string certificateId,
        SyncOptions options,
        ISyncListener listener,
        IReadOnlyCollection<string>? only,
        CancellationToken stop)
    {
        using var run = new SyncRun(queue, store, transport, certificateId, options, listener, new DiskArchiveFiles());
        return await run.RunAsync(only, stop);
    }

    /// <summary>Writes the archive files that earlier runs left unwritten. SEFAZ is not called, so no certificate is needed.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The registered store.</param>
    /// <param name="wait">As <see cref="SyncOptions.Wait"/>.</param>
    /// <param name="listener">Who hears of what could not be written.</param>
    /// <param name="stop">Ends the waiting for another run.</param>
    /// <exception cref="NfceSyncException">As <see cref="RunAsync"/>.</exception>
    public static async Task ArchiveAsync(NfceQueue queue, Store store, bool wait, ISyncListener listener, CancellationToken stop)
    {
        LeaseGrant lease = await queue.Leases.AcquireAsync(store.IssuerId, (int)store.Environment, wait, stop);
        try
        {
            var archive = new Archive(queue, store, new DiskArchiveFiles(), listener);
            await archive.FinishAsync(archive.RunAsync(lease));
        }
        finally
        {
            await queue.Leases.ReleaseAsync(lease);
        }
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.SefazSimulator;

namespace NfceSync.Benchmarks;

/// <summary>The same notes sent in three ways, each to a SEFAZ that does not know them, each after a few notes to warm up.</summary>
internal sealed class TransmitPass(Workload workload, SimulatorProcess sefaz, int notes, int concurrency, TimeSpan latency = default)
{
    private const int WarmUp = 48;
    private readonly IReadOnlyList<SignedNote> _notes = workload.Notes(notes + WarmUp);

    /// <summary>The bare client.</summary>
    public async Task<TimeSpan> BareAsync()
    {
        using var client = new BareClient(workload, await sefaz.FreshAsync(latency), concurrency);
        await client.PostAllAsync(BareClient.Envelopes(_notes.Take(WarmUp)));
        return await client.PostAllAsync(BareClient.Envelopes(_notes.Skip(WarmUp)));
    }

    /// <summary>The bare client with the least that durability needs.</summary>
    public async Task<TimeSpan> DurableLimitAsync()
    {
        string path = Path.Combine(workload.Folder, "least.db");
        using var client = new BareClient(workload, await sefaz.FreshAsync(latency), concurrency);
        await client.PostAllAsync(BareClient.Envelopes(_notes.Take(WarmUp)));
        TimeSpan took;
        using (var durability = new LeastDurability(path))
        {
            took = await client.PostAllAsync(BareClient.Envelopes(_notes.Skip(WarmUp)), durability.AroundAsync);
        }

        File.Delete(path);
        return took;
    }

    /// <summary>The engine, whole: queue, requests, decisions, archive.</summary>
    public async Task<TimeSpan> EngineAsync()
    {
        using StoreQueue queue = await workload.FilledQueueAsync(notes + WarmUp);
        using HttpSefazTransport transport = workload.NewTransport(queue, await sefaz.FreshAsync(latency), concurrency);
        string[] warmUp = _notes.Take(WarmUp).Select(note => note.ChNFe).ToArray();
        await queue.SyncAsync(transport, concurrency, WarmUp, only: warmUp);
        return await queue.SyncAsync(transport, concurrency, notes);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>What of one store is to be sent.</summary>
internal sealed class StoreRun(Store store, IReadOnlyCollection<string>? only) : IDisposable
{
    /// <summary>The store.</summary>
    public Store Store { get; } = store;

    /// <summary>The access keys to handle; null for all.</summary>
    public IReadOnlyCollection<string>? Only { get; } = only;

    /// <summary>The way to SEFAZ; null where nothing is to be sent.</summary>
    public StoreConnection? Connection { get; set; }

    /// <summary>Whether earlier runs left archive files unwritten, which need no SEFAZ.</summary>
    public bool ArchiveLags { get; set; }

    public void Dispose() => Connection?.Dispose();
}

/// <summary>
/// What the pipeline brought: whole stores, and single notes. Notes select themselves only; nothing at all selects nothing,
/// which is not the same as no selection.
/// </summary>
internal sealed class SyncSelection
{
    private readonly List<(string[]? Names, string[]? Keys)> _records = [];

    /// <summary>How names become stores.</summary>
    public delegate List<Store> StoreFinder(NfceQueue queue, IReadOnlyCollection<string>? names, Action<NfceSyncException> error);

    /// <summary>Takes one record.</summary>
    /// <param name="names">Names or patterns; null for all stores.</param>
    /// <param name="keys">Access keys; null for whole stores.</param>
    public void Add(string[]? names, string[]? keys) => _records.Add((names, keys?.Select(Bare).Where(key => key.Length > 0).ToArray()));

    /// <summary>
    /// A run a store, in the order in which they were named. Where nothing was named at all every store has a run that sends
    /// nothing: what is left is said all the same.
    /// </summary>
    public async Task<List<StoreRun>> RunsAsync(NfceQueue queue, StoreFinder find, PipelineWriter writer, CancellationToken stop)
    {
        // Nothing came through the pipeline, or keys were asked for and there are none: an empty list from a script.
        if (_records.TrueForAll(record => record.Names is null && record.Keys is { Length: 0 }))
        {
            writer.WriteVerbose(PowerShellTexts.Get(_records.Count == 0 ? "NothingCame" : "NothingNamed"));
            return find(queue, null, writer.WriteError).ConvertAll(store => new StoreRun(store, []));
        }

        var stores = new List<Store>();
        var whole = new HashSet<long>();
        var named = new HashSet<long>();
        var keys = new Dictionary<long, HashSet<string>>();
        var found = new Dictionary<string, List<Store>>(StringComparer.OrdinalIgnoreCase);
        var lookedInto = new HashSet<long>();
        foreach ((string[]? names, string[]? chosen) in _records)
        {
            List<Store> meant = Find(names);
            stores.AddRange(meant.Where(store => !stores.Exists(other => other.Id == store.Id)));
            if (chosen is null)
            {
                whole.UnionWith(meant.Select(store => store.Id));
                continue;
            }

            if (names is not null)
            {
                named.UnionWith(meant.Select(store => store.Id));
            }

            foreach (string key in chosen)
            {
                // A key may be that of a note that nobody has listed yet.
                if (Owner(queue, meant, key) is null)
                {
                    await LookIntoAsync(queue, meant.Where(store => lookedInto.Add(store.Id)), writer, stop);
                }

                Choose(queue, meant, key, keys, writer);
            }
        }

        return stores
            .Where(store => whole.Contains(store.Id) || named.Contains(store.Id) || keys.ContainsKey(store.Id))
            .Select(store => new StoreRun(store, whole.Contains(store.Id) ? null : Of(store)))
            .ToList();

        IReadOnlyCollection<string> Of(Store store) => keys.TryGetValue(store.Id, out HashSet<string>? chosen) ? chosen : [];

        List<Store> Find(string[]? names)
        {
            // Thousands of notes of one store name it thousands of times.
            string id = names is null ? "" : string.Join("\0", names);
            if (!found.TryGetValue(id, out List<Store>? known))
            {
                known = find(queue, names, writer.WriteError);
                found.Add(id, known);
            }

            return known;
        }
    }

    private static Store? Owner(NfceQueue queue, List<Store> stores, string key) =>
        stores.Find(store => queue.StateOf(store, key) is not null);

    private static async Task LookIntoAsync(
        NfceQueue queue, IEnumerable<Store> stores, PipelineWriter writer, CancellationToken stop)
    {
        foreach (Store store in stores)
        {
            try
            {
                await new Intake(queue, store).TakeInAsync(stop);
            }
            catch (NfceSyncException e)
            {
                writer.WriteError(e);
            }
        }
    }

    private static void Choose(
        NfceQueue queue, List<Store> stores, string key, Dictionary<long, HashSet<string>> keys, PipelineWriter writer)
    {
        Store? owner = Owner(queue, stores, key);
        if (owner is null)
        {
            if (stores.Count > 0)
            {
                writer.WriteError(new NfceSyncException(ErrorIds.NfceItemNotFound, NfceErrorCategory.ObjectNotFound, key, key));
            }

            return;
        }

        if (!keys.TryGetValue(owner.Id, out HashSet<string>? chosen))
        {
            keys.Add(owner.Id, chosen = new HashSet<string>(StringComparer.Ordinal));
        }

        chosen.Add(key);
    }

    // As it is printed on the note: in groups of four.
    private static string Bare(string? key) => new((key ?? "").Where(c => !char.IsWhiteSpace(c)).Select(char.ToUpperInvariant).ToArray());
}

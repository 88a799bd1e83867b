using System.Collections.Generic;
using System.Management.Automation;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.PowerShell;

/// <summary>Lists the registered stores.</summary>
[Cmdlet(VerbsCommon.Get, "NfceStore")]
[OutputType(typeof(NfceStore))]
public sealed class GetNfceStoreCommand : QueueCmdlet
{
    /// <summary>Names or patterns; all stores if not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOperation((writer, stop) =>
    {
        using NfceQueue? queue = OpenExistingQueue(writer.WriteError);
        IReadOnlyList<Store> all = queue?.Stores.All() ?? [];
        foreach (string name in queue is null ? [] : Name ?? ["*"])
        {
            Meant(all, name, writer.WriteError, mayBeNone: WildcardPattern.ContainsWildcardCharacters(name))
                .ForEach(store => writer.WriteObject(new NfceStore(store)));
        }

        return Task.CompletedTask;
    });
}

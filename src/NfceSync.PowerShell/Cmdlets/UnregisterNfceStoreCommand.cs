using System.Management.Automation;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Takes a store off the list. Its notes stay in the queue; with notes pending it is refused.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "NfceStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class UnregisterNfceStoreCommand : QueueCmdlet
{
    /// <summary>The store's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOperation(async (writer, stop) =>
    {
        using NfceQueue queue = OpenQueue();
        Store store = ExactStore(queue, Name);

        if (!IsWhatIf)
        {
            await TakeInBeforeLeavingAsync(queue, store, writer, stop);
        }

        if (await ProceedAsync(writer, store.Name, "UnregisterQuestion", "UnregisterAction"))
        {
            queue.Stores.Unregister(store.Name);
            queue.Secrets.Delete(StoreConnection.SecretKey(store));
        }
    });
}

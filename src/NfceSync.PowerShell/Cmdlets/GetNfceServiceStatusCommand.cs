using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Asks SEFAZ whether its service runs, at most every three minutes, and shows certificate and clock.</summary>
[Cmdlet(VerbsCommon.Get, "NfceServiceStatus")]
[OutputType(typeof(NfceServiceStatus))]
public sealed class GetNfceServiceStatusCommand : QueueCmdlet
{
    /// <summary>Names or patterns; all stores if not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOperation(async (writer, stop) =>
    {
        using NfceQueue? queue = OpenExistingQueue(writer.WriteError);
        if (queue is null)
        {
            return;
        }

        foreach (Store store in FindStores(queue, Name, writer.WriteError))
        {
            try
            {
                await AskAsync(queue, store, writer, stop);
            }
            catch (NfceSyncException e)
            {
                // One store's certificate says nothing about the others.
                writer.WriteError(e);
            }
        }
    });

    private async Task AskAsync(NfceQueue queue, Store store, PipelineWriter writer, CancellationToken stop)
    {
        using StoreConnection connection = await OpenConnectionAsync(queue, store, 1, writer);
        ServiceReport report = await ServiceQuery.AskAsync(queue, store, connection, stop);
        writer.WriteObject(new NfceServiceStatus(store, report, connection.Certificate, Now));
        if (report.Problem is { } problem)
        {
            writer.WriteError(problem);
        }
    }
}

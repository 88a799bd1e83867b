using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Takes the source folders in and lists what is pending, nearest deadline first. Nothing is sent.</summary>
[Cmdlet(VerbsCommon.Get, "NfcePending")]
[OutputType(typeof(NfcePendingItem))]
public sealed class GetNfcePendingCommand : QueueCmdlet
{
    /// <summary>Names or patterns; all stores if not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only items in these states.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public NfcePendingStatus[]? Status { get; set; }

    /// <summary>Shows what is in the queue, without a look into the source folders.</summary>
    [Parameter]
    public SwitchParameter NoScan { get; set; }

    /// <summary>Shows the items that a person's verdict took out, too.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

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
            if (!NoScan)
            {
                IntakeReport intake = await new Intake(queue, store).TakeInAsync(stop);
                writer.WriteVerbose(PowerShellTexts.Get("IntakeStory", store.Name, intake.FilesSeen, intake.FilesRead, intake.NewNotes));
                foreach (NfceSyncException problem in intake.Problems)
                {
                    writer.WriteError(problem);
                }
            }

            Write(queue.Pending(store), writer, stop);
            if (Detailed)
            {
                Write(queue.Excepted(store), writer, stop);
            }
        }
    });

    private void Write(IEnumerable<PendingItem> items, PipelineWriter writer, CancellationToken stop)
    {
        foreach (PendingItem item in items.Where(item => Status is null || Status.Contains((NfcePendingStatus)item.State)))
        {
            stop.ThrowIfCancellationRequested();
            writer.WriteObject(new NfcePendingItem(item, Now));
        }
    }
}

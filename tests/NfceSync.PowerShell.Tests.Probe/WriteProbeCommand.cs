using System;
using System.Globalization;
using System.Management.Automation;

using NfceSync.Core;

namespace NfceSync.PowerShell.Tests.Probe;

/// <summary>Writes from off the pipeline's thread to every stream.</summary>
[Cmdlet(VerbsCommunications.Write, "Probe")]
public sealed class WriteProbeCommand : NfceCmdlet
{
    [Parameter]
    public int Count { get; set; } = 1;

    [Parameter]
    public int ProgressCount { get; set; }

    [Parameter]
    public string? ItemErrorId { get; set; }

    [Parameter]
    public string? FinalErrorId { get; set; }

    protected override void ProcessRecord()
    {
        int pipelineThread = Environment.CurrentManagedThreadId;
        RunOperation(async (writer, stop) =>
        {
            // The rest runs on another thread, as after any real waiting.
            await System.Threading.Tasks.Task.Yield();
            writer.WriteVerbose("verbose");
            writer.WriteDebug("debug");
            writer.WriteWarning("warning");
            writer.WriteInformation("information", "tag");
            writer.WriteMessage($"message {CultureInfo.CurrentUICulture.Name} {Environment.CurrentManagedThreadId != pipelineThread}");
            for (int i = 0; i < Count; i++)
            {
                writer.WriteObject(i);
            }

            for (int i = 0; i < ProgressCount; i++)
            {
                writer.WriteProgress(new ProgressRecord(1, "activity", "note " + i));
            }

            if (ProgressCount > 0)
            {
                writer.WriteProgress(new ProgressRecord(1, "activity", "done") { RecordType = ProgressRecordType.Completed });
            }

            if (ItemErrorId is not null)
            {
                writer.WriteError(new NfceSyncException(ItemErrorId, NfceErrorCategory.InvalidData, "item", "item"));
            }

            if (FinalErrorId is not null)
            {
                throw new NfceSyncException(FinalErrorId, NfceErrorCategory.ResourceBusy, "all", "all");
            }
        });
    }
}

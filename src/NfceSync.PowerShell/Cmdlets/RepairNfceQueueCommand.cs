using System.IO;
using System.Management.Automation;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>
/// Rebuilds a damaged queue from what can still be read of it, the archives and the source folders. The damaged file is kept;
/// what may have been sent is asked of SEFAZ before anything is sent.
/// </summary>
[Cmdlet(VerbsDiagnostic.Repair, "NfceQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(NfceQueueRepair))]
public sealed class RepairNfceQueueCommand : QueueCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() => RunOperation(async (writer, stop) =>
    {
        QueueOptions options = Options;
        string path = Path.Combine(QueueHome.Resolve(options.Home), QueueHome.FileName);
        if (!await ProceedAsync(writer, path, "RepairQuestion", "RepairAction"))
        {
            return;
        }

        RepairReport report = await QueueRepair.RunAsync(options, stop);
        foreach (NfceSyncException problem in report.Problems)
        {
            writer.WriteError(problem);
        }

        writer.WriteObject(new NfceQueueRepair(report));
    });
}

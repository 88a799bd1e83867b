using System.IO;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace NfceSync.PowerShell.Tests.Probe;

/// <summary>
/// Has work in flight until it is stopped; brings it then, in the time given, to a safe state: the file. Without a time it
/// does not listen to the stop at all.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "Probe")]
public sealed class WaitProbeCommand : NfceCmdlet
{
    [Parameter]
    public int? SafeAfterMilliseconds { get; set; }

    [Parameter]
    public string? SafeFile { get; set; }

    [Parameter]
    public SwitchParameter Flood { get; set; }

    protected override void EndProcessing() => RunOperation(async (writer, stop) =>
    {
        writer.WriteObject("in flight");
        if (SafeAfterMilliseconds is not int time)
        {
            await new TaskCompletionSource<bool>().Task;
            return;
        }

        while (Flood && !stop.IsCancellationRequested)
        {
            writer.WriteObject("in flight");
        }

        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        finally
        {
            await Task.Delay(time, CancellationToken.None);
            for (int i = 0; i < 1000; i++)
            {
                // More than the queue takes: nobody reads it any more, and that must not hold up the work.
                writer.WriteVerbose("closing " + i);
            }

            await File.WriteAllTextAsync(SafeFile!, "safe", CancellationToken.None);
        }
    });
}

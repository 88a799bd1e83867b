using System.Management.Automation;

namespace NfceSync.PowerShell.Tests.Probe;

/// <summary>Asks a question for each item and writes the items that were confirmed.</summary>
[Cmdlet(VerbsLifecycle.Confirm, "Probe", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class ConfirmProbeCommand : NfceCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public string[] Item { get; set; } = [];

    /// <summary>Asks from within the operation instead of on the pipeline's thread.</summary>
    [Parameter]
    public SwitchParameter Inside { get; set; }

    protected override void EndProcessing()
    {
        if (IsWhatIf)
        {
            foreach (string item in Item)
            {
                ShouldProcess(item);
            }

            return;
        }

        if (!Inside)
        {
            foreach (string item in Item)
            {
                if (Confirm(item + "?", item))
                {
                    WriteObject(item);
                }
            }

            return;
        }

        RunOperation(async (writer, stop) =>
        {
            foreach (string item in Item)
            {
                if (await writer.AskAsync(() => Confirm(item + "?", item)))
                {
                    writer.WriteObject(item);
                }
            }
        });
    }
}

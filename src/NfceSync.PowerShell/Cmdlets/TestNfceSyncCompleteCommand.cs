using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>
/// Whether nothing is pending: exactly one Boolean, the AND over all stores. No store, a folder that cannot be read, any error:
/// false.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "NfceSyncComplete")]
[OutputType(typeof(bool), typeof(NfceCompleteness))]
public sealed class TestNfceSyncCompleteCommand : QueueCmdlet
{
    private readonly List<string> _names = [];
    private bool _all;
    private bool _failed;

    /// <summary>Names or patterns; all stores if not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [SupportsWildcards]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? Name { get; set; }

    /// <summary>Writes an object a store, with what stands against it, in place of the Boolean.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Not called at all where the pipeline brings nothing: that is no store, not every store.
        if (!MyInvocation.BoundParameters.ContainsKey(nameof(Name)) && !MyInvocation.ExpectingInput)
        {
            _all = true;
            return;
        }

        // A name that is empty comes from a script that went wrong: neither every store nor one less to look at.
        string[] names = Name is { Length: > 0 } ? Name : [""];
        foreach (string name in names)
        {
            if (string.IsNullOrWhiteSpace(name))
            {
                _failed = true;
                WriteError(NotFound(name));
            }
            else
            {
                _names.Add(name);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        bool complete = RunOperation(async (writer, stop) =>
        {
            try
            {
                return await VerifyAsync(writer, stop);
            }
            catch (NfceSyncException e)
            {
                writer.WriteError(e);
                return false;
            }
#pragma warning disable CA1031 // Whatever it was, nothing is proven.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                writer.WriteError(new NfceSyncException(e, ErrorIds.NfceVerificationFailed, NfceErrorCategory.InvalidOperation, null, e.Message));
                return false;
            }
        });
        if (!Detailed)
        {
            WriteObject(complete);
        }
    }

    private async Task<bool> VerifyAsync(PipelineWriter writer, CancellationToken stop)
    {
        using NfceQueue? queue = OpenExistingQueue(Fail);
        if (queue is null)
        {
            return false;
        }

        List<Store> stores = FindStores(queue, _all ? null : _names, Fail);
        bool complete = stores.Count > 0 && !_failed;
        foreach (Store store in stores)
        {
            VerificationReport report = await Verification.RunAsync(queue, store, stop);
            complete &= report.Complete;
            WriteProblems(report, writer);
            writer.WriteVerbose(PowerShellTexts.Get("VerificationStory", store.Name, report.FilesSeen, report.Pending, report.Unarchived));
            if (Detailed)
            {
                writer.WriteObject(new NfceCompleteness(report, Now));
            }
        }

        return complete;

        void Fail(NfceSyncException e)
        {
            _failed = true;
            writer.WriteError(e);
        }
    }
}

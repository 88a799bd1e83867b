using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>
/// Sends what is pending, after one question a store, and says whether anything is left. Stores come by name, single notes by
/// access key, both also from a remote session.
/// </summary>
[Cmdlet(VerbsData.Sync, "NfcePending", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(NfceSyncResult))]
public sealed class SyncNfcePendingCommand : QueueCmdlet
{
    private readonly SyncSelection _selection = new();

    /// <summary>Names or patterns; all stores if not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only the notes with these access keys; may be written in groups, as on the printed note.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AccessKeyCompleter))]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[]? ChNFe { get; set; }

    /// <summary>Comes with an item of <c>Get-NfcePending</c>: a quarantined document, which is never sent.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    public long DocumentId { get; set; }

    /// <summary>How many requests may be on the wire at a time.</summary>
    [Parameter]
    [PSDefaultValue(Value = 4)]
    [ValidateRange(1, 32)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Waits while another run is at work for the same store.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>
    /// Sends the rejected notes among those that are named again, with the same bytes: for a cause that lay outside of the note
    /// and is settled, e.g. the issuer's accreditation.
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeRejected { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool isItem = MyInvocation.BoundParameters.ContainsKey(nameof(ChNFe)) || MyInvocation.BoundParameters.ContainsKey(nameof(DocumentId));
        _selection.Add(Name, isItem ? (DocumentId == 0 ? ChNFe ?? [] : []) : null);
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => RunOperation(async (writer, stop) =>
    {
        using NfceQueue queue = OpenQueue();
        List<StoreRun> runs = await _selection.RunsAsync(queue, FindStores, writer, stop);
        if (IncludeRejected && runs.Find(run => run.Only is null) is { } whole)
        {
            // Whoever sends all rejected notes again has settled none of their causes, and SEFAZ counts.
            throw new NfceSyncException(
                ErrorIds.NfceRejectedNotNamed, NfceErrorCategory.InvalidArgument, whole.Store.Name, whole.Store.Name);
        }

        try
        {
            foreach (StoreRun run in runs)
            {
                await EachAsync(writer, () => PrepareAsync(queue, run, writer, stop));
            }

            foreach (StoreRun run in IsWhatIf ? [] : runs)
            {
                await EachAsync(writer, () => SendAsync(queue, run, writer, stop));
                await EachAsync(writer, () => ConcludeAsync(queue, run, writer, stop));
            }
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    });

    // One store's trouble must not keep the others from SEFAZ.
    private static async Task EachAsync(PipelineWriter writer, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (NfceSyncException e)
        {
            writer.WriteError(e);
        }
    }

    /// <summary>Takes the folders in, asks, and opens the certificate: all that may need a person, before anything is sent.</summary>
    private async Task PrepareAsync(NfceQueue queue, StoreRun run, PipelineWriter writer, CancellationToken stop)
    {
        Store store = run.Store;
        IntakeReport intake = await new Intake(queue, store).TakeInAsync(stop);
        writer.WriteVerbose(PowerShellTexts.Get("IntakeStory", store.Name, intake.FilesSeen, intake.FilesRead, intake.NewNotes));
        queue.HeedClock(store);
        if (IsWhatIf)
        {
            intake.Problems.ToList().ForEach(writer.WriteError);
            await TellWhatIfAsync(queue, run, writer, stop);
            return;
        }

        run.ArchiveLags = queue.CountUnarchived(store) > 0;

        // While nothing at all may be sent, nothing is asked either.
        queue.RequireUnblocked(store);
        var plan = SyncPlan.Of(queue, store, run.Only, IncludeRejected);
        if (plan.Notes > 0)
        {
            if (await writer.AskAsync(() => Confirm(Question(store, plan), store.Name)))
            {
                run.Connection = await OpenConnectionAsync(queue, store, ThrottleLimit, writer);
            }
            else
            {
                run.ArchiveLags = false;
            }
        }
    }

    private async Task TellWhatIfAsync(NfceQueue queue, StoreRun run, PipelineWriter writer, CancellationToken stop)
    {
        foreach (PendingItem item in SyncPlan.Items(queue, run.Store, run.Only, IncludeRejected))
        {
            stop.ThrowIfCancellationRequested();
            (int? number, int? serie) = DisplayText.NumberOf(item.ChNFe);
            string text = PowerShellTexts.Get(
                item.State is NoteState.Pending or NoteState.Rejected ? "WhatIfSend" : "WhatIfConsult",
                run.Store.Name,
                number,
                serie,
                DisplayText.Money(item.VNF ?? 0),
                item.ChNFe);
            await writer.AskAsync(() => ShouldProcess(text, text, ""));
        }
    }

    private async Task SendAsync(NfceQueue queue, StoreRun run, PipelineWriter writer, CancellationToken stop)
    {
        if (run.Connection is null && !run.ArchiveLags)
        {
            return;
        }

        var listener = new SyncListener(run.Store, writer);
        try
        {
            if (run.Connection is not { } connection)
            {
                await SyncEngine.ArchiveAsync(queue, run.Store, Wait, listener, stop);
                return;
            }

            SyncReport report = await SyncEngine.RunAsync(
                queue,
                run.Store,
                connection.Transport,
                connection.CertificateId,
                new SyncOptions { ThrottleLimit = ThrottleLimit, Wait = Wait, IncludeRejected = IncludeRejected },
                listener,
                run.Only,
                stop);
            if (report.Stop is { } reason)
            {
                throw reason;
            }
        }
        finally
        {
            listener.Complete();
        }
    }

    /// <summary>Says that nothing is left only where the store's test would be true; else what remains is an error.</summary>
    private async Task ConcludeAsync(NfceQueue queue, StoreRun run, PipelineWriter writer, CancellationToken stop)
    {
        VerificationReport report = await Verification.RunAsync(queue, run.Store, stop);
        WriteProblems(report, writer);
        if (report.Pending > 0)
        {
            string name = run.Store.Name;
            writer.WriteError(new NfceSyncException(
                ErrorIds.NfceNotesRemain,
                NfceErrorCategory.InvalidOperation,
                name,
                name,
                Texts.Count("ItemsRemain", report.Pending)));
        }
        else if (report.Complete)
        {
            writer.WriteMessage(PowerShellTexts.Get("NothingPending", run.Store.Name));
        }
    }

    private static string Question(Store store, SyncPlan plan)
    {
        string question = PowerShellTexts.Get(
            plan.Notes == 1 ? "SendQuestionOne" : "SendQuestion", store.Name, plan.Notes, DisplayText.Money(plan.Total));
        string[] remarks = new[]
        {
            plan.Corrections > 0 ? PowerShellTexts.Get("SendCorrections", plan.Corrections) : "",
            plan.Rejected > 0 ? PowerShellTexts.Get("SendRejected", plan.Rejected) : "",
            plan.Uncertain > 0 ? PowerShellTexts.Get("SendUncertain", plan.Uncertain) : "",
        };
        return string.Join(" ", remarks.Where(remark => remark.Length > 0).Prepend(question));
    }
}

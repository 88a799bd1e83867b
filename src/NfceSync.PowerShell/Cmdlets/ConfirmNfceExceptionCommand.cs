using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.PowerShell;

/// <summary>
/// Records a person's verdict on a rejected, conflicting or quarantined item: the only way out of the pending items beside
/// SEFAZ's word.
/// </summary>
[Cmdlet(VerbsLifecycle.Confirm, "NfceException", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, DefaultParameterSetName = "Verdict")]
[OutputType(typeof(NfcePendingItem))]
public sealed class ConfirmNfceExceptionCommand : QueueCmdlet
{
    /// <summary>The access key; may be written in groups, as on the printed note.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AccessKeyCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? ChNFe { get; set; }

    /// <summary>The number of a quarantined document, which comes with an item of <c>Get-NfcePending</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public long DocumentId { get; set; }

    /// <summary>A name or pattern; all stores if not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Why the item is no longer pending; kept with who said so and when.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Verdict")]
    [ValidateNotNullOrEmpty]
    public string? Reason { get; set; }

    /// <summary>Takes an earlier verdict back.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Undo")]
    public SwitchParameter Undo { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOperation(async (writer, stop) =>
    {
        using NfceQueue queue = OpenQueue();
        List<Store> stores = FindStores(queue, Name is null ? null : [Name], writer.WriteError);
        if (stores.Count == 0)
        {
            return;
        }

        List<PendingItem> items = stores.SelectMany(store => Candidates(queue, store)).ToList();
        List<PendingItem> decidable = items.FindAll(item => item.State.AwaitsPerson());
        if (items.Count == 0)
        {
            object target = string.IsNullOrEmpty(ChNFe) ? DocumentId : ChNFe!;
            writer.WriteError(new NfceSyncException(ErrorIds.NfceItemNotFound, NfceErrorCategory.ObjectNotFound, target, target));
        }

        // Where nothing can be decided the core says why not.
        foreach (PendingItem item in decidable.Count > 0 ? decidable : items)
        {
            await DecideAsync(queue, item, writer);
        }
    });

    private IEnumerable<PendingItem> Candidates(NfceQueue queue, Store store)
    {
        string key = new((ChNFe ?? "").Where(c => !char.IsWhiteSpace(c)).ToArray());
        return (Undo ? queue.Excepted(store) : queue.Pending(store)).Where(item => DocumentId != 0
            ? item.DocumentId == DocumentId
            : key.Length > 0 && key.Equals(item.ChNFe, StringComparison.OrdinalIgnoreCase));
    }

    private async Task DecideAsync(NfceQueue queue, PendingItem item, PipelineWriter writer)
    {
        try
        {
            string target = item.ChNFe ?? item.SourcePath ?? item.StoreName;
            if (!await ProceedAsync(writer, target, Undo ? "UndoQuestion" : "ExceptQuestion", Undo ? "UndoAction" : "ExceptAction"))
            {
                return;
            }

            string? reason = Undo ? null : Reason;
            string by = Environment.UserName;
            queue.Except(item, reason, by);
            writer.WriteObject(new NfcePendingItem(
                item with { Exception = reason, ExceptionBy = Undo ? null : by, ExceptionAt = Undo ? null : Now }, Now));
        }
        catch (NfceSyncException e)
        {
            writer.WriteError(e);
        }
    }
}

using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;

using NfceSync.Core;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Shows a run as it goes on: results, the story of each note, warnings, progress with the time that remains.</summary>
internal sealed class SyncListener(Store store, PipelineWriter writer) : ISyncListener
{
    private const int Activity = 65;

    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly HashSet<(string ErrorId, object? Target)> _warned = [];

    /// <inheritdoc/>
    public void Decided(SyncResult result) => writer.WriteObject(new NfceSyncResult(result));

    /// <inheritdoc/>
    public void Progress(int done, int total)
    {
        if (total == 0)
        {
            return;
        }

        var record = new ProgressRecord(
            Activity, PowerShellTexts.Get("ProgressActivity", store.Name), PowerShellTexts.Get("ProgressStatus", done, total))
        {
            PercentComplete = (int)(100L * done / total),
            SecondsRemaining = done == 0 ? -1 : (int)(_time.Elapsed.TotalSeconds / done * (total - done)),
        };
        writer.WriteProgress(record);
    }

    /// <inheritdoc/>
    public void Tell(string text) => writer.WriteVerbose(text);

    /// <inheritdoc/>
    public void Warn(NfceSyncException problem)
    {
        // A folder that cannot be written is the same news for each of two thousand notes.
        lock (_warned)
        {
            if (!_warned.Add((problem.ErrorId, problem.Target)))
            {
                return;
            }
        }

        writer.WriteWarning(problem.Message);
    }

    /// <summary>Takes the progress off the screen.</summary>
    public void Complete() => writer.WriteProgress(
        new ProgressRecord(Activity, PowerShellTexts.Get("ProgressActivity", store.Name), " ") { RecordType = ProgressRecordType.Completed });
}

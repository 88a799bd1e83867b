using System;
using System.Globalization;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core;

namespace NfceSync.PowerShell;

/// <summary>
/// The base of all cmdlets: runs operations of the core off the pipeline's thread, writes what they write on it, and on
/// Ctrl+C waits, for two seconds at most, until the work in flight has reached a state that is safe to leave.
/// </summary>
public abstract class NfceCmdlet : PSCmdlet, IDisposable
{
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(2);

    private readonly object _stopLock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ProgressThrottle _progress = new(TimeProvider.System);
    private ConfirmPrompt? _prompt;
    private bool _disposed;

    /// <summary>Whether <c>-WhatIf</c> or <c>$WhatIfPreference</c> is in force.</summary>
    protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? bound)
        ? LanguagePrimitives.IsTrue(bound)
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>Whether <c>-Debug</c> or <c>$DebugPreference</c> is in force: texts that nobody sees are not made.</summary>
    protected bool IsDebug => MyInvocation.BoundParameters.TryGetValue("Debug", out object? bound)
        ? LanguagePrimitives.IsTrue(bound)
        : IsShown(GetVariableValue("DebugPreference"));

    /// <summary>
    /// Runs an operation of the core to its end. Its error ends the command; errors of single items it writes itself.
    /// </summary>
    /// <param name="operation">Runs off the pipeline's thread, with its culture; the token is cancelled by Ctrl+C.</param>
    /// <exception cref="PipelineStoppedException">The user stopped the command.</exception>
    protected T RunOperation<T>(Func<PipelineWriter, CancellationToken, Task<T>> operation)
    {
        CancellationToken stop = _stop.Token;
        var writer = new PipelineWriter(ShowsProgress() ? _progress : null, stop);
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo uiCulture = CultureInfo.CurrentUICulture;
        Task<T> work = Task.Run(() =>
        {
            // The language of every text is chosen by the thread's UI culture.
            CultureInfo.CurrentCulture = culture;
            CultureInfo.CurrentUICulture = uiCulture;
            return operation(writer, stop);
        });
        _ = work.ContinueWith(_ => writer.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        using var giveUp = new CancellationTokenSource();
        using CancellationTokenRegistration abandoned = giveUp.Token.Register(writer.Complete);
        using CancellationTokenRegistration stopped = stop.Register(() => giveUp.CancelAfter(StopBudget));
        bool drained = false;
        try
        {
            writer.Drain(this);
            drained = true;
        }
        finally
        {
            if (!drained)
            {
                // The pipeline wants no more (Select-Object -First, -ErrorAction Stop, a prompt that cannot be shown).
                Stop();
                writer.Complete();
                _ = Task.WaitAny([work], StopBudget);
            }
        }

        return Result(work, stop);
    }

    /// <summary>As above, for an operation without a result.</summary>
    /// <param name="operation">Runs off the pipeline's thread.</param>
    /// <exception cref="PipelineStoppedException">The user stopped the command.</exception>
    protected void RunOperation(Func<PipelineWriter, CancellationToken, Task> operation) => RunOperation(async (writer, stop) =>
    {
        await operation(writer, stop);
        return true;
    });

    /// <summary>
    /// Asks the user before an act, in the user's language, with No as the default; honours <c>-Confirm</c>,
    /// <c>$ConfirmPreference</c> and "to all". For <c>-WhatIf</c> the caller asks <c>ShouldProcess</c> instead. Called on the
    /// pipeline's thread, which <see cref="PipelineWriter.AskAsync{T}"/> reaches from an operation.
    /// </summary>
    /// <param name="question">The whole question in the user's language.</param>
    /// <param name="target">The user's own value it is about, for the error where nobody can be asked.</param>
    /// <exception cref="PipelineStoppedException">Nobody can be asked here, or the user stopped the command.</exception>
    protected bool Confirm(string question, object? target) => (_prompt ??= new ConfirmPrompt(this)).Ask(question, target);

    /// <summary>Writes a non-terminating error of the core.</summary>
    protected void WriteError(NfceSyncException exception) => WriteError(ErrorRecords.From(exception));

    /// <summary>Writes to the information stream what the user is to see in any case, as <c>Write-Host</c> does.</summary>
    protected internal void WriteMessage(string text) => WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);

    /// <summary>Ctrl+C: cancels; the pipeline's thread then waits for the work in flight.</summary>
    protected override void StopProcessing() => Stop();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called once when the command has ended, however it ended.</summary>
    protected virtual void Dispose(bool disposing)
    {
        lock (_stopLock)
        {
            _disposed = true;
            _stop.Dispose();
        }
    }

    private T Result<T>(Task<T> work, CancellationToken stop)
    {
        if (!work.IsCompleted)
        {
            throw new PipelineStoppedException();
        }

        try
        {
            return work.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (NfceSyncException exception)
        {
            ThrowTerminatingError(ErrorRecords.From(exception));
            throw;
        }
    }

    // PowerShell may stop a command that has just ended.
    private void Stop()
    {
        lock (_stopLock)
        {
            if (!_disposed)
            {
                _stop.Cancel();
            }
        }
    }

    // Records that nobody sees must not cost a passage through the queue.
    private bool ShowsProgress() => IsShown(
        MyInvocation.BoundParameters.TryGetValue("ProgressAction", out object? bound) ? bound : GetVariableValue("ProgressPreference"));

    private static bool IsShown(object? preference) =>
        !LanguagePrimitives.TryConvertTo(preference, out ActionPreference action)
        || action is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
}

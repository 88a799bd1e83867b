using System;
using System.Management.Automation;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;

using NfceSync.Core;

namespace NfceSync.PowerShell;

/// <summary>
/// What an operation off the pipeline's thread writes to. Everything is queued and written by the cmdlet's own thread, in
/// order; when the pipeline is slower, writing waits. Once the command is stopped or has ended, writing does nothing: work
/// that is bringing a note to a safe state must not fail because nobody listens any more.
/// </summary>
public sealed class PipelineWriter
{
    private const int Capacity = 256;

    private readonly Channel<Action<NfceCmdlet>> _queue = Channel.CreateBounded<Action<NfceCmdlet>>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly ProgressThrottle? _progress;
    private readonly CancellationToken _stop;

    internal PipelineWriter(ProgressThrottle? progress, CancellationToken stop)
    {
        _progress = progress;
        _stop = stop;
    }

    /// <summary>Writes an object to the output.</summary>
    public void WriteObject(object value) => Post(cmdlet => cmdlet.WriteObject(value));

    /// <summary>Writes a non-terminating error.</summary>
    public void WriteError(NfceSyncException exception) => Post(cmdlet => cmdlet.WriteError(ErrorRecords.From(exception)));

    /// <summary>Writes a warning.</summary>
    public void WriteWarning(string text) => Post(cmdlet => cmdlet.WriteWarning(text));

    /// <summary>Writes for <c>-Verbose</c>.</summary>
    public void WriteVerbose(string text) => Post(cmdlet => cmdlet.WriteVerbose(text));

    /// <summary>Writes for <c>-Debug</c>.</summary>
    public void WriteDebug(string text) => Post(cmdlet => cmdlet.WriteDebug(text));

    /// <summary>Writes to the information stream, as <c>Write-Information</c> does.</summary>
    public void WriteInformation(object data, params string[] tags) => Post(cmdlet => cmdlet.WriteInformation(data, tags));

    /// <summary>Writes to the information stream what the user is to see in any case, as <c>Write-Host</c> does.</summary>
    public void WriteMessage(string text) => Post(cmdlet => cmdlet.WriteMessage(text));

    /// <summary>Shows progress: at most five times a second for each activity, and not at all where the user silenced it.</summary>
    public void WriteProgress(ProgressRecord record)
    {
        if (_progress?.Admit(record) == true)
        {
            Post(cmdlet => cmdlet.WriteProgress(record));
        }
    }

    /// <summary>Asks on the pipeline's thread (a prompt, <c>ShouldProcess</c>) and brings the answer.</summary>
    /// <param name="question">Run on the pipeline's thread.</param>
    /// <exception cref="OperationCanceledException">The command was stopped before the answer came.</exception>
    public async Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration stopped = _stop.Register(() => answer.TrySetCanceled(_stop));
        Post(_ => answer.TrySetResult(question()));
        return await answer.Task;
    }

    /// <summary>Nothing more is taken; whoever waits to write goes on.</summary>
    internal void Complete() => _queue.Writer.TryComplete();

    /// <summary>Writes what comes, on the calling thread, until <see cref="Complete"/>.</summary>
    internal void Drain(NfceCmdlet cmdlet)
    {
        while (Wait(_queue.Reader.WaitToReadAsync()))
        {
            while (_queue.Reader.TryRead(out Action<NfceCmdlet>? action))
            {
                // A stopped pipeline takes nothing more, but the work under way must be able to go on to a safe state.
                if (!_stop.IsCancellationRequested)
                {
                    action(cmdlet);
                }
            }
        }
    }

    private void Post(Action<NfceCmdlet> action)
    {
        while (!_queue.Writer.TryWrite(action) && Wait(_queue.Writer.WaitToWriteAsync()))
        {
        }
    }

    private static bool Wait(ValueTask<bool> ready) => ready.IsCompletedSuccessfully ? ready.Result : ready.AsTask().GetAwaiter().GetResult();
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NfceSync.Core.Tests.Sync;
using NfceSync.KillStorm;

namespace NfceSync.Core.Tests.Crash;

/// <summary>The process under test, with the marks that it left.</summary>
internal sealed class StormChild : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _marks = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StormChild(Process process)
    {
        _process = process;
        Ended = ReadAsync();
    }

    /// <summary>Ends when the queue is open and the work begins; never, where it does not come that far.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Ends when it stands still where it was told to; never, where it does not come there.</summary>
    public Task Halted => _halted.Task;

    /// <summary>Ends with the process, when all its marks are read.</summary>
    public Task Ended { get; }

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public IReadOnlyList<string> Marks
    {
        get
        {
            lock (_marks)
            {
                return _marks.ToList();
            }
        }
    }

    public IEnumerable<string> Errors => Marks.Where(mark => mark.StartsWith(KillStorm.Marks.Error, StringComparison.Ordinal));

    /// <summary>Starts it, as the last arguments of another program where one is given.</summary>
    public static StormChild Start(ChildOptions options, params string[] under)
    {
        var command = under.Append(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
            .Append(Path.Combine(AppContext.BaseDirectory, "NfceSync.KillStorm.dll"))
            .Concat(options.ToArguments())
            .ToList();
        var start = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        command.Skip(1).ToList().ForEach(start.ArgumentList.Add);
        start.Environment[ChildOptions.PasswordVariable] = TestStore.Password;
        // No diagnostics socket: quicker to start, and the only sockets in a trace are those of SEFAZ.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return new StormChild(Process.Start(start)!);
    }

    /// <summary>SIGKILL: nothing of the process runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } mark)
        {
            lock (_marks)
            {
                _marks.Add(mark);
            }

            if (mark == KillStorm.Marks.Ready)
            {
                _ready.TrySetResult();
            }
            else if (mark == KillStorm.Marks.Halted)
            {
                _halted.TrySetResult();
            }
        }

        await _process.WaitForExitAsync();
    }
}

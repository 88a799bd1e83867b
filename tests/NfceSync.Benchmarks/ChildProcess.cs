using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace NfceSync.Benchmarks;

/// <summary>This program once more, for what must not share a process.</summary>
internal static class ChildProcess
{
    public static Process Start(params string[] arguments)
    {
        string self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>What it writes to its standard output.</summary>
    /// <exception cref="InvalidOperationException">It failed; why is on the console.</exception>
    public static async Task<string> ReadAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{arguments[0]} ended with {process.ExitCode}.");
    }
}

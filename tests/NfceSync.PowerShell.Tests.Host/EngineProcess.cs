using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace NfceSync.PowerShell.Tests;

/// <summary>The engine in a process of its own, for what a process can be asked only once: its default load context.</summary>
public static class EngineProcess
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    /// <summary>Runs a script; a line an object.</summary>
    /// <exception cref="InvalidOperationException">The script wrote an error.</exception>
    public static async Task<string[]> RunAsync(string script, params string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        string file = Path.Combine(Path.GetTempPath(), $"nfce-{Guid.NewGuid():N}.ps1");
        await File.WriteAllTextAsync(file, script);
        try
        {
            using Process process = Start(["run", file, .. arguments]);
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(TimeLimit);
            return process.ExitCode == 0
                ? (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : throw new InvalidOperationException(await errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    internal static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(typeof(EngineProcess).Assembly.Location);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}

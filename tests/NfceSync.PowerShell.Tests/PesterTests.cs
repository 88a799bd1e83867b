using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation.Language;
using System.Threading.Tasks;

using Xunit;
using Xunit.Abstractions;

namespace NfceSync.PowerShell.Tests;

/// <summary>The scripts of the repository, and the Pester suite where there is a PowerShell that can run it.</summary>
public class PesterTests(ITestOutputHelper output)
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(30);
    private static readonly string[] ScriptFolders = ["examples", "module", "tests/Pester"];
    private static readonly string[] ScriptKinds = [".ps1", ".psd1", ".psm1", ".psrc", ".pssc"];
    private static readonly string[] DataKinds = [".psd1", ".psrc", ".pssc"];

    public static TheoryData<string> Scripts => [.. ScriptFolders
        .Select(folder => Path.Combine(Engine.RepositoryRoot(), folder))
        .SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        .Concat(Directory.GetFiles(Engine.RepositoryRoot()))
        .Where(file => ScriptKinds.Contains(Path.GetExtension(file)))
        .Select(file => Path.GetRelativePath(Engine.RepositoryRoot(), file))
        .Where(file => !file.Contains("obj", StringComparison.Ordinal) && !file.Contains("bin", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_parses(string script)
    {
        string path = Path.Combine(Engine.RepositoryRoot(), script);

        ScriptBlockAst ast = Parser.ParseFile(path, out _, out ParseError[] errors);

        Assert.Empty(errors.Select(error => error.ToString()));
        if (DataKinds.Contains(Path.GetExtension(script)))
        {
            Assert.NotNull(ast.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue());
        }

        // Windows PowerShell 5.1 takes a file without a byte order mark for one in the system's old code page.
        byte[] bytes = File.ReadAllBytes(path);
        Assert.True(bytes.All(b => b < 128) || bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]), "Neither ASCII nor with a byte order mark.");
    }

    [Fact]
    public void Every_command_of_the_manifest_has_its_Pester_tests()
    {
        ScriptBlockAst manifest = Parser.ParseFile(Engine.ModulePath, out _, out _);
        var data = (System.Collections.Hashtable)manifest.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();

        Assert.All(((object[])data["CmdletsToExport"]!).Cast<string>(), command =>
            Assert.True(File.Exists(Path.Combine(Engine.RepositoryRoot(), "tests", "Pester", command + ".Tests.ps1")), command));
    }

    /// <summary>
    /// Runs tests/Pester with the PowerShell on the path, or the one that NFCESYNC_TEST_SHELL names (<c>powershell</c> for
    /// Windows PowerShell).
    /// </summary>
    [SkippableFact]
    public async Task The_Pester_suite_passes()
    {
        string shell = Environment.GetEnvironmentVariable("NFCESYNC_TEST_SHELL") ?? "pwsh";
        Skip.IfNot(OnPath(shell), $"There is no {shell} on this machine's path.");
        (int found, string version) = await RunAsync(
            shell,
            "Get-Module Pester -ListAvailable | Where-Object { $_.Version.Major -eq 5 } | Sort-Object Version | Select-Object -Last 1 | ForEach-Object { [string] $_.Version }");
        Skip.If(found != 0 || version.Trim().Length == 0, $"{shell} has no Pester 5.");

        (int failed, string text) = await RunAsync(
            shell,
            $$"""
            Import-Module Pester -RequiredVersion {{version.Trim()}}
            $configuration = New-PesterConfiguration
            $configuration.Run.Path = '{{Path.Combine(Engine.RepositoryRoot(), "tests", "Pester").Replace("'", "''", StringComparison.Ordinal)}}'
            $configuration.Run.Exit = $true
            $configuration.Output.Verbosity = 'Detailed'
            $configuration.Output.RenderMode = 'Plaintext'
            Invoke-Pester -Configuration $configuration
            """);

        output.WriteLine(text);
        Assert.True(failed == 0, text);
    }

    private static bool OnPath(string shell) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, shell)) || File.Exists(Path.Combine(folder, shell + ".exe")));

    private static async Task<(int ExitCode, string Text)> RunAsync(string shell, string script)
    {
        var start = new ProcessStartInfo(shell) { RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (IEnumerable<string>)["-NoProfile", "-NonInteractive", "-Command", script])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> text = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeLimit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await text + await errors);
    }
}

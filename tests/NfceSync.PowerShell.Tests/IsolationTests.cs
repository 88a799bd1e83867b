using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

using Xunit;

namespace NfceSync.PowerShell.Tests;

public sealed class IsolationTests
{
    [Theory]
    [InlineData("Import-Module $args[0]; Get-Probe; Import-Module $args[1]; Get-Other; Get-Probe", new[] { 0, 2 }, 1)]
    [InlineData("Import-Module $args[1]; Get-Other; Import-Module $args[0]; Get-Probe; Get-Other", new[] { 1 }, 2)]
    public async Task The_module_and_another_with_other_versions_of_its_dependencies_work_in_either_order(string script, int[] ours, int other)
    {
        string[] lines = await EngineProcess.RunAsync(script, ProbeModule.ManifestPath, OtherModule());

        Assert.Equal(3, lines.Length);
        Assert.All(ours, line =>
        {
            Assert.Contains("Microsoft.Data.Sqlite=10.0.15.0 isolated=True", lines[line], StringComparison.Ordinal);
            Assert.Contains("SQLitePCLRaw.core=3.0.5", lines[line], StringComparison.Ordinal);
            Assert.Contains("Polly.Core=8.0.0.0 isolated=True polly=executed", lines[line], StringComparison.Ordinal);
        });
        Assert.Contains("Microsoft.Data.Sqlite=9.0.23.0 default=True", lines[other], StringComparison.Ordinal);
        Assert.Contains("SQLitePCLRaw.core=2.1.13", lines[other], StringComparison.Ordinal);
        Assert.Contains("Polly.Core=8.0.0.0 default=True polly=executed", lines[other], StringComparison.Ordinal);
        Assert.NotEqual(lines[ours[0]].Split(' ')[0], lines[other].Split(' ')[0]);
    }

    // With its native library beside it, as a module for one platform is laid out.
    private static string OtherModule()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "other");
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string platform = $"{system}-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant();
        string native = Directory.GetFiles(Path.Combine(folder, "runtimes", platform, "native")).Single();
        File.Copy(native, Path.Combine(folder, Path.GetFileName(native)), overwrite: true);
        return Path.Combine(folder, "OtherModule.dll");
    }
}

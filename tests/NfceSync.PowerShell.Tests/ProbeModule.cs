using System;
using System.IO;

namespace NfceSync.PowerShell.Tests;

/// <summary>
/// A copy of the built module under another name whose cmdlets are those of the probe: the module's own psm1, loader, base
/// class and dependencies, driven by tests.
/// </summary>
public sealed class ProbeModule : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nfce-probe-");

    public ProbeModule()
    {
        string built = Path.GetDirectoryName(Engine.ModulePath)!;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(built, "bin", "net8.0"), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_folder.FullName, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.Copy(Path.Combine(built, "NfceSync.PowerShell.psm1"), Path.Combine(_folder.FullName, "NfceSync.Probe.psm1"));
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "probe", "NfceSync.Probe.dll"),
            Path.Combine(_folder.FullName, "bin", "net8.0", "NfceSync.Probe.dll"));
        ManifestPath = Path.Combine(_folder.FullName, "NfceSync.Probe.psd1");
        File.WriteAllText(
            ManifestPath,
            """
            @{
                RootModule        = 'NfceSync.Probe.psm1'
                ModuleVersion     = '0.1.0'
                GUID              = '6d5d3f6b-1c5d-4d53-8a3c-0f8d2f1f7a11'
                FunctionsToExport = @()
                CmdletsToExport   = @('Write-Probe', 'Wait-Probe', 'Confirm-Probe', 'Get-Probe')
                VariablesToExport = @()
                AliasesToExport   = @()
            }
            """);
    }

    /// <summary>What to import.</summary>
    public string ManifestPath { get; }

    /// <summary>The module's folder.</summary>
    public string Folder => _folder.FullName;

    // A loaded assembly cannot be deleted on Windows; the temporary folder is the system's to clear there.
    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            _folder.Delete(recursive: true);
        }
    }
}

using System;
using System.IO;

namespace NfceSync.PowerShell.Tests;

/// <summary>
/// The built module under another name whose cmdlets are those of the probe: the module's own psm1, loader, base class and
/// dependencies, driven by tests. The project file puts it together.
/// </summary>
internal static class ProbeModule
{
    /// <summary>What to import.</summary>
    public static readonly string ManifestPath = Path.Combine(AppContext.BaseDirectory, "probe", "NfceSync.Probe.psd1");
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace NfceSync.Core.Stores;

/// <summary>The system it runs on; <c>OperatingSystem.IsWindows</c> is not in .NET Framework.</summary>
internal static class Platform
{
    [SupportedOSPlatformGuard("windows")]
    public static bool IsWindows { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

    [SupportedOSPlatformGuard("linux")]
    public static bool IsLinux { get; } = RuntimeInformation.IsOSPlatform(OSPlatform.Linux);
}

#if NET
using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace NfceSync.PowerShell.Loader;

/// <summary>
/// PowerShell 7: a load context for one folder. What lies in the folder is loaded from it, whatever version the process has
/// already; what does not (PowerShell itself, the framework) comes from the default context, so that its types are shared.
/// </summary>
internal sealed class IsolatedFolder(string folder) : AssemblyLoadContext("NfceSync.PowerShell: " + folder)
{
    private static readonly string Rid =
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
#pragma warning disable CA1308 // A runtime identifier is written in lower case.
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    // Some packages (System.Security.Cryptography.Pkcs) have an implementation of their own for Windows.
    private readonly string[] _folders = OperatingSystem.IsWindows()
        ? [Path.Combine(folder, "runtimes", "win", "lib", "net8.0"), folder]
        : [folder];

    public Assembly LoadFile(string fileName) => LoadFromAssemblyPath(Path.Combine(folder, fileName));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string file = Path.Combine(assemblyName.CultureName ?? "", assemblyName.Name + ".dll");
        string? path = _folders.Select(candidate => Path.Combine(candidate, file)).FirstOrDefault(File.Exists);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    // PowerShell's own probing for native libraries works only in the default context.
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string native = Path.Combine(folder, "runtimes", Rid, "native");
        string[] names = OperatingSystem.IsWindows() ? [unmanagedDllName + ".dll", unmanagedDllName]
            : OperatingSystem.IsMacOS() ? [$"lib{unmanagedDllName}.dylib", unmanagedDllName]
            : [$"lib{unmanagedDllName}.so", unmanagedDllName];
        string? path = names.Select(name => Path.Combine(native, name)).FirstOrDefault(File.Exists);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }
}
#endif

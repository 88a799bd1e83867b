#if NETFRAMEWORK
using System;
using System.ComponentModel;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

namespace NfceSync.PowerShell.Loader;

/// <summary>
/// Windows PowerShell 5.1 has no load contexts, and powershell.exe ignores binding redirects: what an assembly of this folder
/// asks for and the framework does not find is loaded from this folder. Requests of other modules are left to them.
/// </summary>
internal sealed class IsolatedFolder
{
    private readonly string _folder;

    public IsolatedFolder(string folder)
    {
        _folder = folder;

        // First what may fail: an import that has failed must leave no handler behind.
        LoadNativeSqlite();
        AppDomain.CurrentDomain.AssemblyResolve += Resolve;
    }

    // Not LoadFrom: that gives another module's copy of the same version, whose own dependencies are not ours to resolve.
    public Assembly LoadFile(string fileName) => Assembly.LoadFile(Path.Combine(_folder, fileName));

    private Assembly? Resolve(object sender, ResolveEventArgs request)
    {
        var name = new AssemblyName(request.Name);
        bool ours = request.RequestingAssembly is { IsDynamic: false } requester
            ? requester.Location.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.OrdinalIgnoreCase)
            : name.Name.StartsWith("NfceSync.", StringComparison.Ordinal);
        if (!ours)
        {
            return null;
        }

        string path = Path.Combine(_folder, name.CultureName ?? "", name.Name + ".dll");
        return File.Exists(path) ? Assembly.LoadFile(path) : null;
    }

    // Once loaded by its path, the library is found by its name: the search path knows nothing of a module's folder. Where
    // somebody else has loaded one of that name before, Windows gives theirs, and nothing can be done about it here.
    private void LoadNativeSqlite()
    {
        if (Environment.OSVersion.Platform != PlatformID.Win32NT)
        {
            return;
        }

#pragma warning disable CA1308 // A runtime identifier is written in lower case.
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
#pragma warning restore CA1308
        string path = Path.Combine(_folder, "native", "win-" + architecture, "e_sqlite3.dll");
        if (LoadLibrary(path) == IntPtr.Zero)
        {
            throw new DllNotFoundException(path, new Win32Exception(Marshal.GetLastWin32Error()));
        }
    }

    [DllImport("kernel32.dll", EntryPoint = "LoadLibraryW", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern IntPtr LoadLibrary(string path);
}
#endif

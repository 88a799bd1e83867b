using System.Collections.Concurrent;
using System.IO;
using System.Reflection;

namespace NfceSync.PowerShell.Loader;

/// <summary>
/// Loads the cmdlets' assembly with its own dependencies beside whatever other modules have loaded. Called by the psm1.
/// </summary>
public static class ModuleLoader
{
    private static readonly ConcurrentDictionary<string, IsolatedFolder> Folders = new();

    /// <summary>
    /// The cmdlets' assembly. Asked again for the same file (<c>Import-Module -Force</c>, a second runspace) it gives the same
    /// assembly, since a process keeps what it has once loaded.
    /// </summary>
    /// <param name="assemblyPath">The absolute path of the assembly; its dependencies lie beside it.</param>
    /// <exception cref="FileNotFoundException">The assembly is not there.</exception>
    public static Assembly Load(string assemblyPath)
    {
        string fullPath = Path.GetFullPath(assemblyPath);
        return Folders.GetOrAdd(Path.GetDirectoryName(fullPath)!, static folder => new IsolatedFolder(folder))
            .LoadFile(Path.GetFileName(fullPath));
    }
}

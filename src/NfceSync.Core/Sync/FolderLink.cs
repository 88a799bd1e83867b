using System.IO;
#if !NET
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

using NfceSync.Core.Stores;
#endif

namespace NfceSync.Core.Sync;

/// <summary>A folder that is a link (symbolic link, junction) to another one.</summary>
internal static class FolderLink
{
    /// <summary>
    /// The folder that really is listed: where a link leads to, else <paramref name="folder"/> itself. A cloud drive marks its
    /// folders as Windows marks links, and they lead nowhere else.
    /// </summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static DirectoryInfo Follow(DirectoryInfo folder) =>
        (folder.Attributes & FileAttributes.ReparsePoint) != 0 && Target(folder) is { } target ? target : folder;

#if NET
    private static DirectoryInfo? Target(DirectoryInfo link) => link.ResolveLinkTarget(returnFinalTarget: true) as DirectoryInfo;
#else
    private const int OpenExisting = 3;
    private const int BackupSemantics = 0x02000000;

    private static DirectoryInfo? Target(DirectoryInfo link)
    {
        if (!Platform.IsWindows)
        {
            return null;
        }

        // A folder can be opened only this way; no right is asked for, since only its name is (CreateFileW).
        using SafeFileHandle handle = CreateFile(
            link.FullName, 0, FileShare.ReadWrite | FileShare.Delete, IntPtr.Zero, OpenExisting, BackupSemantics, IntPtr.Zero);
        var path = new char[short.MaxValue];
        int length = handle.IsInvalid ? 0 : GetFinalPathNameByHandle(handle, path, path.Length, 0);
        if (length == 0 || length > path.Length)
        {
            throw new IOException(link.FullName, new Win32Exception(Marshal.GetLastWin32Error()));
        }

        // \\?\C:\… and \\?\UNC\server\share\…
        var target = new string(path, 0, length);
        return new DirectoryInfo(
            target.StartsWith(@"\\?\UNC\", StringComparison.Ordinal) ? @"\\" + target.Substring(8)
            : target.StartsWith(@"\\?\", StringComparison.Ordinal) ? target.Substring(4)
            : target);
    }

    [DllImport("kernel32.dll", EntryPoint = "CreateFileW", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern SafeFileHandle CreateFile(
        string name, int access, FileShare share, IntPtr security, int disposition, int flags, IntPtr template);

    [DllImport("kernel32.dll", EntryPoint = "GetFinalPathNameByHandleW", CharSet = CharSet.Unicode, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int GetFinalPathNameByHandle(SafeFileHandle file, [Out] char[] path, int length, int flags);
#endif
}

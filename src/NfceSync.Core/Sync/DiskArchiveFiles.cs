using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>The archive on a disk: a temporary file beside its place, then renamed.</summary>
internal sealed class DiskArchiveFiles : IArchiveFiles
{
    public bool Put(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var file = new FileInfo(path);
        if (file.Exists)
        {
            return HasBytes(file, parts);
        }

        string draft = path + "." + Guid.NewGuid().ToString("N") + ".tmp";
        try
        {
            Write(draft, parts);
            File.Move(draft, path);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
            return HasBytes(file, parts);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    public void Sync(IReadOnlyList<string> paths)
    {
        if (Platform.IsLinux)
        {
            // One call for all of them: syncfs also writes the folders, and with them the new names (syncfs(2)).
            foreach (string folder in paths.Select(path => Path.GetDirectoryName(path)!).Distinct())
            {
                SyncFileSystem(folder);
            }

            return;
        }

        foreach (string path in paths)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.Flush(flushToDisk: true);
        }
    }

    private static void Write(string draft, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        try
        {
            WriteTo(draft, parts);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(draft)!);
            WriteTo(draft, parts);
        }
    }

    private static void WriteTo(string draft, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        byte[] whole = Join(parts);
        using var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
        file.Write(whole, 0, whole.Length);
    }

    private static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var whole = new byte[parts.Sum(part => part.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.CopyTo(whole.AsMemory(at));
            at += part.Length;
        }

        return whole;
    }

    private static bool HasBytes(FileInfo file, IReadOnlyList<ReadOnlyMemory<byte>> parts) =>
        File.ReadAllBytes(file.FullName).AsSpan().SequenceEqual(Join(parts));

    private static void SyncFileSystem(string folder)
    {
        const int ReadOnlyFolder = 0x10000;
        int handle = OpenFolder(folder, ReadOnlyFolder);
        if (handle < 0)
        {
            throw new IOException($"open {folder}: errno {Marshal.GetLastWin32Error()}");
        }

        using var folderHandle = new SafeFileHandle((IntPtr)handle, ownsHandle: true);
        if (SyncFs(handle) != 0)
        {
            throw new IOException($"syncfs {folder}: errno {Marshal.GetLastWin32Error()}");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenFolder([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SyncFs(int handle);
}

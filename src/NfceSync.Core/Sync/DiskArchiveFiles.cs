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
        byte[] whole = Join(parts);
        if (File.Exists(path))
        {
            byte[] found = File.ReadAllBytes(path);
            if (found.AsSpan().SequenceEqual(whole))
            {
                return true;
            }

            if (!IsTorn(found, whole))
            {
                return false;
            }

            string mended = Draft(path, whole);
            File.Replace(mended, path, null);
            return true;
        }

        string draft = Draft(path, whole);
        try
        {
            File.Move(draft, path);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
            return File.ReadAllBytes(path).AsSpan().SequenceEqual(whole);
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

    // A name that can be told beforehand: the draft of a killed process is written over by the next run, not left behind.
    private static string Draft(string path, byte[] whole)
    {
        string draft = path + ".tmp";
        try
        {
            WriteTo(draft, whole);
        }
        catch (DirectoryNotFoundException)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(draft)!);
            WriteTo(draft, whole);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }

        return draft;
    }

    private static void WriteTo(string draft, byte[] whole)
    {
        // Not FileMode.Create, which cuts the new file to nothing first: ext4 then writes it to the disk when it is closed.
        if (File.Exists(draft))
        {
            File.Delete(draft);
        }

        using var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
        file.Write(whole, 0, whole.Length);
    }

    /// <summary>
    /// What a power failure may leave of these very bytes when the name reached the disk before them: their beginning, and
    /// nothing or zeros after it. Anything else is somebody's document and stays.
    /// </summary>
    private static bool IsTorn(byte[] found, byte[] whole)
    {
        if (found.Length > whole.Length)
        {
            return false;
        }

        int same = 0;
        while (same < found.Length && found[same] == whole[same])
        {
            same++;
        }

        return found.Skip(same).All(rest => rest == 0);
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

    /// <summary>Has what was written to a folder's file system, names included, on the disk; only on Linux.</summary>
    public static void SyncFileSystem(string folder)
    {
        // O_RDONLY and nothing else: what the other flags are worth differs from one kind of processor to the next.
        const int ReadOnly = 0;
        int handle = OpenFolder(folder, ReadOnly);
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

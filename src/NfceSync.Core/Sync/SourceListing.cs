using System;
using System.Collections.Generic;
using System.IO;
#if NET
using System.Linq;
#endif

using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>Lists the files of a source folder or an archive, one after the other, and goes on past a folder that cannot be listed.</summary>
internal static class SourceListing
{
    /// <summary>The files whose names fit the folder's pattern, without regard to case.</summary>
    public static IEnumerable<FileInfo> Files(SourceFolder folder, Action<NfceSyncException> problem)
    {
        var root = new DirectoryInfo(folder.Path);
        if (!root.Exists)
        {
            problem(new NfceSyncException(ErrorIds.NfceSourceFolderMissing, NfceErrorCategory.ObjectNotFound, folder.Path, folder.Path));
            yield break;
        }

        var folders = new Stack<DirectoryInfo>();
        folders.Push(root);

        // A link may lead back up, or to where something is listed anyway.
        var seen = new HashSet<string>(Platform.IsWindows ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal) { NameOf(root) };
        while (folders.Count > 0)
        {
            DirectoryInfo next = folders.Pop();
            foreach (FileInfo file in Listed(next, problem, () => Matching(next, folder.Pattern)))
            {
                yield return file;
            }

            if (!folder.Recursive)
            {
                continue;
            }

            foreach (DirectoryInfo below in Listed(next, problem, next.EnumerateDirectories))
            {
                if (Try(below, problem, () => FolderLink.Follow(below)) is { } real && seen.Add(NameOf(real)))
                {
                    folders.Push(real);
                }
            }
        }
    }

    private static string NameOf(DirectoryInfo folder) => folder.FullName.TrimEnd(Path.DirectorySeparatorChar);

    private static IEnumerable<FileInfo> Matching(DirectoryInfo folder, string pattern)
    {
#if NET
        var options = new EnumerationOptions
        {
            MatchCasing = MatchCasing.CaseInsensitive,
            MatchType = MatchType.Win32,
            IgnoreInaccessible = false,
            AttributesToSkip = 0,
        };

        // Windows lists sizes and times with the names. Elsewhere each file is asked for them, when they are wanted.
        return OperatingSystem.IsWindows()
            ? folder.EnumerateFiles(pattern, options)
            : Directory.EnumerateFiles(folder.FullName, pattern, options).Select(path => new FileInfo(path));
#else
        return folder.EnumerateFiles(pattern);
#endif
    }

    private static IEnumerable<T> Listed<T>(DirectoryInfo folder, Action<NfceSyncException> problem, Func<IEnumerable<T>> list)
    {
        using IEnumerator<T>? entries = Try(folder, problem, () => list().GetEnumerator());
        while (entries is not null && Try(folder, problem, () => (object)entries.MoveNext()) is true)
        {
            yield return entries.Current;
        }
    }

    private static T? Try<T>(DirectoryInfo folder, Action<NfceSyncException> problem, Func<T> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem(new NfceSyncException(
                e, ErrorIds.NfceSourceFolderUnreadable, NfceErrorCategory.PermissionDenied, folder.FullName, folder.FullName, e.Message));
            return null;
        }
    }
}

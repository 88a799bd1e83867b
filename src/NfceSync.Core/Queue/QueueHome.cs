using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>Where the queue lies on this machine.</summary>
public static class QueueHome
{
    /// <summary>The environment variable that names another home.</summary>
    public const string Variable = "NFCESYNC_HOME";

    /// <summary>The database's file name in its home.</summary>
    public const string FileName = "nfcesync.db";

    // File systems on which SQLite's WAL, which needs shared memory, does not work between machines.
    private static readonly string[] NetworkFormats = { "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "fuse.sshfs", "afs", "ncpfs" };

    /// <summary>
    /// The home folder: what was given, else <c>NFCESYNC_HOME</c>, else <c>%ProgramData%\NfceSync</c> on Windows,
    /// <c>/var/lib/nfcesync</c> for root elsewhere, and the user's data folder without root.
    /// </summary>
    /// <param name="given">The <c>-QueuePath</c> of the user, or null.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceQueueOnNetworkShare"/>: WAL needs a local disk.</exception>
    public static string Resolve(string? given)
    {
        string named = Coalesce(given, Environment.GetEnvironmentVariable(Variable)) ?? Usual();
        string home = Path.GetFullPath(named);

        // The name as it was given: off Windows a share's name would become that of a local folder.
        if (IsShare(named) || IsShare(home) || IsOnNetwork(home))
        {
            throw new NfceSyncException(ErrorIds.NfceQueueOnNetworkShare, NfceErrorCategory.InvalidArgument, home, home);
        }

        return home;
    }

    /// <summary>Whether a queue lies in a home, or something that only opening it can tell; nothing is made.</summary>
    /// <param name="home">The folder, as <see cref="Resolve"/> gives it.</param>
    public static bool Exists(string home)
    {
        try
        {
            // Unlike File.Exists it tells what is not there from what may not be seen.
            _ = File.GetAttributes(Path.Combine(home, FileName));
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return File.Exists(home) || RepairFiles.IsUnfinished(home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>
    /// Makes the home where it is not there yet; only its owner may look into it. Refuses one in which others can leave files
    /// (the user's own addresses and deadlines among them) or read the queue.
    /// </summary>
    internal static void Make(string home)
    {
        try
        {
            if (!Directory.Exists(home))
            {
                SecretFiles.CreateFolder(home);
            }

            if (!SecretFiles.IsPrivateFolder(home))
            {
                throw new NfceSyncException(
                    ErrorIds.NfceQueueHomeUnsafe, NfceErrorCategory.SecurityError, home, home, SecretFiles.CommandToClose(home));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Explain(e, Path.Combine(home, FileName));
        }
    }

    private static string? Coalesce(params string?[] values) => values.FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));

    private static string Usual()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "NfceSync");
        }

        return Environment.UserName == "root"
            ? "/var/lib/nfcesync"
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "NfceSync");
    }

    private static bool IsShare(string path) => path.StartsWith(@"\\", StringComparison.Ordinal);

    private static bool IsOnNetwork(string home)
    {
        try
        {
            // On Unix a DriveInfo names the mount that holds the path; it must exist to be found.
            string existing = home;
            while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { Length: > 0 } parent)
            {
                existing = parent;
            }

            var drive = new DriveInfo(RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? Path.GetPathRoot(existing)! : existing);
            return drive.DriveType == DriveType.Network || NetworkFormats.Contains(drive.DriveFormat, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // What cannot be told is left to SQLite, which refuses WAL where it cannot work.
            return false;
        }
    }
}

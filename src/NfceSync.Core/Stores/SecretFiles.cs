using System.IO;
#if NET
using System.Runtime.InteropServices;
#endif
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace NfceSync.Core.Stores;

/// <summary>
/// Files that only their owner (on Windows Administrators and SYSTEM too) may read. They are made with their rights: rights
/// taken away after the writing would leave a moment in which anybody reads.
/// </summary>
internal static class SecretFiles
{
    public static void CreateFolder(string path)
    {
#if NET
        if (!Platform.IsWindows)
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return;
        }
#endif
        CreateWindowsFolder(path);
    }

    public static void Write(string path, byte[] content)
    {
        using FileStream file = Create(path);
        file.Write(content, 0, content.Length);
        file.Flush(flushToDisk: true);
    }

    public static void Copy(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using FileStream target = Create(to);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
#if NET
        if (!Platform.IsWindows)
        {
            RequireOnlyOwner(file, path);
        }
#endif
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }

    private static FileStream Create(string path)
    {
#if NET
        if (!Platform.IsWindows)
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
#endif
        return CreateWindowsFile(path);
    }

    [SupportedOSPlatform("windows")]
    private static void CreateWindowsFolder(string path)
    {
        var security = new DirectorySecurity();
        Restrict(security, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit);
#if NET
        security.CreateDirectory(path);
#else
        Directory.CreateDirectory(path, security);
#endif
    }

    [SupportedOSPlatform("windows")]
    private static FileStream CreateWindowsFile(string path)
    {
        var security = new FileSecurity();
        Restrict(security, InheritanceFlags.None);
#if NET
        return new FileInfo(path).Create(
            FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, FileOptions.None, security);
#else
        return new FileStream(
            path, FileMode.CreateNew, FileSystemRights.Write, FileShare.None, 4096, FileOptions.None, security);
#endif
    }

    [SupportedOSPlatform("windows")]
    private static void Restrict(FileSystemSecurity security, InheritanceFlags inheritance)
    {
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using WindowsIdentity owner = WindowsIdentity.GetCurrent();
        foreach (IdentityReference who in new IdentityReference[]
        {
            owner.User!,
            new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, domainSid: null),
            new SecurityIdentifier(WellKnownSidType.LocalSystemSid, domainSid: null),
        })
        {
            security.AddAccessRule(new FileSystemAccessRule(
                who, FileSystemRights.FullControl, inheritance, PropagationFlags.None, AccessControlType.Allow));
        }
    }

#if NET
    // The handle is asked, not the path: what was judged is what is read.
    [UnsupportedOSPlatform("windows")]
    private static void RequireOnlyOwner(FileStream file, string path)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        bool wider = (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0;
        if (wider || (Platform.IsLinux && Owner(file.SafeFileHandle) != GetEffectiveUser()))
        {
            throw new NfceSyncException(ErrorIds.NfceSecretFileUnsafe, NfceErrorCategory.SecurityError, path, path);
        }
    }

    // .NET tells no file's owner on Unix. statx lays its answer out alike on every architecture of Linux (statx(2)).
    private static uint Owner(SafeHandle file)
    {
        const int EmptyPath = 0x1000;
        const uint WantUser = 0x8;
        const int UserOffset = 20;
        byte[] answer = new byte[256];
        if (StatX(file, new byte[1], EmptyPath, WantUser, answer) != 0)
        {
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }

        return System.BitConverter.ToUInt32(answer, UserOffset);
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(SafeHandle file, byte[] path, int flags, uint mask, [Out] byte[] answer);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUser();
#endif
}

using System.IO;
using System.Linq;
#if NET
using System.Runtime.InteropServices;
#endif
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
#if NET
using System.Text;
#endif

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

    /// <summary>
    /// Whether nobody plants files in a folder that was there already, or reads what is made in it. On Unix a file has its own
    /// mode; on Windows one that SQLite makes has the rights that its folder hands down.
    /// </summary>
    public static bool IsPrivateFolder(string path)
    {
#if NET
        if (!Platform.IsWindows)
        {
            return IsPrivateUnixFolder(path);
        }
#endif
        return !Platform.IsWindows || IsPrivateWindowsFolder(path);
    }

    /// <summary>What an administrator types in PowerShell to make such a folder the user's own.</summary>
    public static string CommandToClose(string path)
    {
        string name = "'" + path.Replace("'", "''") + "'";
        return Platform.IsWindows
            ? CommandToCloseWindowsFolder(name)
            : $"chown {System.Environment.UserName} {name}; chmod go-w {name}";
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

    // Accounts and groups that somebody has chosen may have rights. Groups that everybody is in may not, and a foreign owner
    // could take any right at any time.
    [SupportedOSPlatform("windows")]
    private static bool IsPrivateWindowsFolder(string path)
    {
        DirectorySecurity security = new DirectoryInfo(path).GetAccessControl(AccessControlSections.Owner | AccessControlSections.Access);
        using WindowsIdentity user = WindowsIdentity.GetCurrent();
        var owner = (SecurityIdentifier)security.GetOwner(typeof(SecurityIdentifier))!;
        if (owner != user.User
            && !owner.IsWellKnown(WellKnownSidType.BuiltinAdministratorsSid)
            && !owner.IsWellKnown(WellKnownSidType.LocalSystemSid))
        {
            return false;
        }

        WellKnownSidType[] everybodys =
        {
            WellKnownSidType.WorldSid,
            WellKnownSidType.AuthenticatedUserSid,
            WellKnownSidType.BuiltinUsersSid,
            WellKnownSidType.BuiltinGuestsSid,
            WellKnownSidType.InteractiveSid,
            WellKnownSidType.NetworkSid,
            WellKnownSidType.AnonymousSid,
            WellKnownSidType.AccountDomainUsersSid,
            WellKnownSidType.AccountDomainGuestsSid,
        };
        AuthorizationRuleCollection rules = security.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier));
        return rules.Cast<FileSystemAccessRule>().All(rule =>
            rule.AccessControlType == AccessControlType.Deny
            || !everybodys.Any(((SecurityIdentifier)rule.IdentityReference).IsWellKnown));
    }

    [SupportedOSPlatform("windows")]
    private static string CommandToCloseWindowsFolder(string name)
    {
        using WindowsIdentity user = WindowsIdentity.GetCurrent();
        return $"icacls {name} /setowner '*S-1-5-32-544' /T; icacls {name} /reset /T; "
            + $"icacls {name} /inheritance:r /grant:r '*S-1-5-32-544:(OI)(CI)F' '*S-1-5-18:(OI)(CI)F' '*{user.User}:(OI)(CI)F'";
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
    private const uint WantUserAndGroup = 0x18;
    private const int AnswerLength = 256;

    // The handle is asked, not the path: what was judged is what is read.
    [UnsupportedOSPlatform("windows")]
    private static void RequireOnlyOwner(FileStream file, string path)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        bool wider = (File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0;
        if (wider || (Platform.IsLinux && Owners(file.SafeFileHandle).User != GetEffectiveUser()))
        {
            throw new NfceSyncException(ErrorIds.NfceSecretFileUnsafe, NfceErrorCategory.SecurityError, path, path);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static bool IsPrivateUnixFolder(string path)
    {
        const uint Root = 0;
        UnixFileMode mode = File.GetUnixFileMode(path);
        bool groupWrites = (mode & UnixFileMode.GroupWrite) != 0;
        if ((mode & UnixFileMode.OtherWrite) != 0 || !Platform.IsLinux)
        {
            return (mode & UnixFileMode.OtherWrite) == 0 && !groupWrites;
        }

        // Many a Linux gives each user a group to himself, with the user's own number, and lets it write in what he makes.
        (uint owner, uint group) = Owners(path);
        return (owner == Root || owner == GetEffectiveUser()) && (!groupWrites || group == owner);
    }

    // .NET tells no file's owner on Unix.
    private static (uint User, uint Group) Owners(SafeHandle file)
    {
        const int EmptyPath = 0x1000;
        byte[] answer = new byte[AnswerLength];
        return OwnersIn(answer, StatX(file, new byte[1], EmptyPath, WantUserAndGroup, answer));
    }

    private static (uint User, uint Group) Owners(string path)
    {
        const int WorkingFolder = -100;
        byte[] answer = new byte[AnswerLength];
        return OwnersIn(answer, StatX(WorkingFolder, Encoding.UTF8.GetBytes(path + '\0'), 0, WantUserAndGroup, answer));
    }

    // statx lays its answer out alike on every architecture of Linux (statx(2)).
    private static (uint User, uint Group) OwnersIn(byte[] answer, int error)
    {
        const int UserOffset = 20;
        const int GroupOffset = 24;
        return error == 0
            ? (System.BitConverter.ToUInt32(answer, UserOffset), System.BitConverter.ToUInt32(answer, GroupOffset))
            : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(SafeHandle file, byte[] path, int flags, uint mask, [Out] byte[] answer);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, [Out] byte[] answer);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUser();
#endif
}

using System;
using System.IO;

namespace NfceSync.Core.Queue;

/// <summary>What it means to a user that one of the queue's files could not be opened, copied or put in its place.</summary>
internal static class FileFailure
{
    // Windows: ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL. Elsewhere .NET hands
    // the errno on: EWOULDBLOCK (Linux, macOS), ENOSPC.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int LockViolation = unchecked((int)0x80070021);
    private const int HandleDiskFull = unchecked((int)0x80070027);
    private const int DiskFull = unchecked((int)0x80070070);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int NoSpace = 28;

    public static bool IsInUse(Exception e) => e is IOException { HResult: SharingViolation or LockViolation or WouldBlockLinux or WouldBlockMac };

    public static NfceSyncException Explain(Exception e, string path) => e switch
    {
        _ when IsInUse(e) => new(e, ErrorIds.NfceQueueInUse, NfceErrorCategory.ResourceBusy, path, path, e.Message),
        IOException { HResult: HandleDiskFull or DiskFull or NoSpace } =>
            new(e, ErrorIds.NfceQueueDiskFull, NfceErrorCategory.ResourceUnavailable, path, path),
        _ => new(e, ErrorIds.NfceQueueUnavailable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message),
    };
}

using System;
using System.IO;

namespace NfceSync.Core.Queue;

/// <summary>What it means to a user that one of the queue's files could not be opened, copied or put in its place.</summary>
internal static class FileFailure
{
    // Windows: ERROR_SHARING_VIOLATION, ERROR_DISK_FULL. Elsewhere .NET hands the errno on: EWOULDBLOCK (Linux, macOS), ENOSPC.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int DiskFull = unchecked((int)0x80070070);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;
    private const int NoSpace = 28;

    public static bool IsInUse(Exception e) => e is IOException { HResult: SharingViolation or WouldBlockLinux or WouldBlockMac };

    public static NfceSyncException Explain(Exception e, string path) => e switch
    {
        _ when IsInUse(e) => new(e, ErrorIds.NfceQueueInUse, NfceErrorCategory.ResourceBusy, path, path, e.Message),
        IOException { HResult: DiskFull or NoSpace } =>
            new(e, ErrorIds.NfceQueueDiskFull, NfceErrorCategory.ResourceUnavailable, path, path),
        _ => new(e, ErrorIds.NfceQueueUnavailable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message),
    };
}

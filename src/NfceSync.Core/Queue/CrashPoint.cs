namespace NfceSync.Core.Queue;

/// <summary>
/// The steps between which a process may be killed. A test that is told of each (see <see cref="QueueOptions.Probe"/>)
/// can kill the process there, or let a simulated one die there.
/// </summary>
internal enum CrashPoint
{
    BeforeCommit,
    AfterCommit,
    BeforeSend,
    Sent,
    Answered,
    BeforeArchiveWrite,
    AfterArchiveWrite,
    ArchiveSynced,
}

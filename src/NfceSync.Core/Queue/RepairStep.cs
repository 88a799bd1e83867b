namespace NfceSync.Core.Queue;

/// <summary>The steps of a repair between which it may be killed; see <see cref="QueueOptions.RepairProbe"/>.</summary>
internal enum RepairStep
{
    Begun,
    Kept,
    StoresCarried,
    NotesCarried,
    ArchiveRead,
    SourcesRead,
    Built,
    LogsDeleted,
    Swapped,
}

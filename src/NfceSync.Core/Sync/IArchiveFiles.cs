using System;
using System.Collections.Generic;

namespace NfceSync.Core.Sync;

/// <summary>The files of the archive; the simulation has its own, which forgets what was not synced.</summary>
internal interface IArchiveFiles
{
    /// <summary>
    /// Puts a file in place as a whole or not at all. False where one of that name has other bytes: it is never overwritten.
    /// </summary>
    bool Put(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts);

    /// <summary>Returns only when the files, and their names, are on the disk.</summary>
    void Sync(IReadOnlyList<string> paths);
}

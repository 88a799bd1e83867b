using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

using NfceSync.Core.Sync;

namespace NfceSync.Core.Tests.Simulation;

/// <summary>The archive's disk: what was not synced is gone after a power failure.</summary>
internal sealed class SimArchive(World world)
{
    private readonly Dictionary<string, (byte[] Bytes, bool Synced)> _files = new(StringComparer.Ordinal);

    /// <summary>How likely a write or a sync fails.</summary>
    public double Trouble { get; set; }

    public byte[]? SyncedBytes(string path) => _files.TryGetValue(path, out var file) && file.Synced ? file.Bytes : null;

    public void PowerFails()
    {
        foreach (string path in _files.Where(file => !file.Value.Synced).Select(file => file.Key).ToList())
        {
            _files.Remove(path);
            world.Tally.Count("archive: file forgotten at a power failure");
        }
    }

    /// <summary>A file of another program under the name that a note's file is to have.</summary>
    public void Squat(string path) => _files[path] = ("something else"u8.ToArray(), true);

    public void Unsquat(string path) => _files.Remove(path);

    public IArchiveFiles For(SimProcess process) => new Files(this, process);

    private bool Put(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        if (world.Chance(Trouble))
        {
            world.Tally.Count("archive: write fails");
            throw new IOException("There is not enough space on the disk.");
        }

        byte[] bytes = parts.SelectMany(part => part.ToArray()).ToArray();
        if (_files.TryGetValue(path, out var there))
        {
            world.Tally.Count(there.Bytes.AsSpan().SequenceEqual(bytes) ? "archive: same file again" : "archive: other bytes kept");
            return there.Bytes.AsSpan().SequenceEqual(bytes);
        }

        _files.Add(path, (bytes, false));
        return true;
    }

    private void Sync(IReadOnlyList<string> paths)
    {
        if (world.Chance(Trouble))
        {
            world.Tally.Count("archive: sync fails");
            throw new IOException("The device is not ready.");
        }

        foreach (string path in paths)
        {
            _files[path] = (_files[path].Bytes, true);
        }
    }

    private sealed class Files(SimArchive archive, SimProcess process) : IArchiveFiles
    {
        public bool Put(string path, IReadOnlyList<ReadOnlyMemory<byte>> parts)
        {
            process.MustLive();
            return archive.Put(path, parts);
        }

        public void Sync(IReadOnlyList<string> paths)
        {
            process.MustLive();
            archive.Sync(paths);
        }
    }
}

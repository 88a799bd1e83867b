using System;
using System.Collections.Generic;
using System.IO;

using Microsoft.Data.Sqlite;

namespace NfceSync.Core.Tests.Crash;

/// <summary>
/// The queue's files as its system calls made them: what was written so far, and what the disk is bound to hold because a
/// sync has returned. The second is what is left if the power fails at that instant.
/// </summary>
internal sealed class DiskImage
{
    private readonly Dictionary<string, byte[]> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _synced = new(StringComparer.Ordinal);
    private readonly Dictionary<int, byte[]> _syncing = new();

    public DiskImage(string database, byte[] bytes)
    {
        Database = database;
        foreach (Dictionary<string, byte[]> files in new[] { _written, _synced })
        {
            files[database] = bytes;
            files[Wal] = Array.Empty<byte>();
        }
    }

    public string Database { get; }

    public string Wal => Database + "-wal";

    public bool Concerns(SystemCall call) => call.Path is not null && _written.ContainsKey(call.Path);

    /// <summary>A call begins: what a sync covers is what was written before it.</summary>
    public void Begin(SystemCall call)
    {
        if (call.IsSync && Concerns(call))
        {
            _syncing[call.Begin] = _written[call.Path!];
        }
    }

    /// <summary>A call has returned.</summary>
    public void End(SystemCall call)
    {
        if (!Concerns(call) || call.Result < 0)
        {
            return;
        }

        string path = call.Path!;
        if (call.IsSync)
        {
            _synced[path] = _syncing[call.Begin];
        }
        else if (call.Name == "ftruncate")
        {
            byte[] resized = _written[path];
            Array.Resize(ref resized, (int)call.Numbers[0]);
            _written[path] = resized;
        }
        else if (call.Name == "pwrite64")
        {
            _written[path] = Patched(_written[path], call.Data[0], (int)call.Numbers[^1]);
        }
        else
        {
            throw new InvalidOperationException($"{call.Name} on {path}: this call is not understood.");
        }
    }

    /// <summary>Asks the database that would be found after a power failure now.</summary>
    public IReadOnlyList<string> AskSynced(string sql) => Ask(_synced, sql);

    /// <summary>Asks the database as it is written, synced or not.</summary>
    public IReadOnlyList<string> AskWritten(string sql) => Ask(_written, sql);

    private List<string> Ask(Dictionary<string, byte[]> files, string sql)
    {
        string folder = Directory.CreateTempSubdirectory("nfcesync-image-").FullName;
        try
        {
            string path = Path.Combine(folder, "image.db");
            File.WriteAllBytes(path, files[Database]);
            File.WriteAllBytes(path + "-wal", files[Wal]);
            using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<string>();
            while (reader.Read())
            {
                rows.Add(reader.GetString(0));
            }

            return rows;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Patched(byte[] file, byte[] bytes, int offset)
    {
        var patched = new byte[Math.Max(file.Length, offset + bytes.Length)];
        file.CopyTo(patched, 0);
        bytes.CopyTo(patched, offset);
        return patched;
    }
}

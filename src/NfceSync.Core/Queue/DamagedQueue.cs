using System;
using System.Collections.Generic;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>What can still be read from a damaged database: rows from the front up to the damage, and from the back down to it.</summary>
internal sealed class DamagedQueue : IDisposable
{
    private readonly SqlSession? _session;

    public DamagedQueue(string path)
    {
        Path = path;
        _session = TryOpen(path);
    }

    public string Path { get; }

    public IReadOnlyList<Store> Stores()
    {
        try
        {
            return _session is null ? Array.Empty<Store>() : StoreRegistry.Read(_session, "unregistered_at IS NULL ORDER BY name");
        }
        catch (SqliteException)
        {
            return Array.Empty<Store>();
        }
    }

    public IEnumerable<(byte[] Bytes, string? SourcePath)> Versions()
    {
        var seen = new HashSet<long>();
        foreach (string order in new[] { "ASC", "DESC" })
        {
            foreach ((long id, byte[] bytes, string? path) in UntilDamage(
                $"SELECT version_id, bytes, source_path FROM note_version ORDER BY version_id {order}"))
            {
                if (!seen.Add(id))
                {
                    break;
                }

                yield return (bytes, path);
            }
        }
    }

    public void Dispose() => _session?.Dispose();

    private IEnumerable<(long Id, byte[] Bytes, string? Path)> UntilDamage(string sql)
    {
        if (_session is null)
        {
            yield break;
        }

        using IEnumerator<(long, byte[], string?)> rows = _session.Query(
            sql, row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.Text(2))).GetEnumerator();
        while (TryNext(rows))
        {
            yield return rows.Current;
        }
    }

    private static bool TryNext<T>(IEnumerator<T> rows)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (SqliteException)
        {
            // Here the damage begins.
            return false;
        }
    }

    private static SqlSession? TryOpen(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return new SqlSession(connection);
        }
        catch (SqliteException)
        {
            connection.Dispose();
            return null;
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.Data.Sqlite;

namespace NfceSync.Core.Queue;

/// <summary>
/// What can still be read from a damaged database: of each table the rows before the damage and behind it. The file is only
/// read.
/// </summary>
internal sealed class DamagedQueue : IDisposable
{
    // A table of which nothing can be read is given up after so many tries.
    private const int MostFailures = 4096;

    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);
    private readonly SqlSession? _session;
    private int _failures;

    public DamagedQueue(string path) => _session = TryOpen(path);

    /// <summary>Whether rows of one of these tables may be missing from what was read of it.</summary>
    public bool IsIncomplete(params string[] tables) => tables.Any(_incomplete.Contains);

    /// <summary>Rows of the table are missing, or are not what they claim to be.</summary>
    public void Missing(string table) => _incomplete.Add(table);

    /// <summary>The rows of a table that can be read, the key first. One table is read to its end before the next one.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">Its integer key.</param>
    /// <param name="columns">The other columns that are wanted.</param>
    public IEnumerable<object?[]> Rows(string table, string key, string columns)
    {
        _failures = 0;
        return Rows(new Source(table, key, columns), 0, long.MaxValue);
    }

    public void Dispose() => _session?.Dispose();

    private IEnumerable<object?[]> Rows(Source source, long low, long high)
    {
        foreach (bool forwards in new[] { true, false })
        {
            using IEnumerator<object?[]> rows = Query(source, low, high, forwards).GetEnumerator();
            bool? more;
            while ((more = TryNext(rows)) is true)
            {
                if (rows.Current[0] is not long id)
                {
                    Missing(source.Table);
                    continue;
                }

                (low, high) = forwards ? (id + 1, high) : (low, id - 1);
                yield return rows.Current;
            }

            if (more is false)
            {
                yield break;
            }

            Missing(source.Table);
        }

        // Damage at both ends. What lies between may be whole, as where two notes far apart were hit.
        if (low >= high || _failures >= MostFailures)
        {
            yield break;
        }

        long middle = low + ((high - low) / 2);
        foreach (object?[] row in Rows(source, low, middle).Concat(Rows(source, middle + 1, high)))
        {
            yield return row;
        }
    }

    private IEnumerable<object?[]> Query(Source source, long low, long high, bool forwards)
    {
        if (_session is null)
        {
            Missing(source.Table);
            return Array.Empty<object?[]>();
        }

        return _session.Query(
            $"""
            SELECT {source.Key}, {source.Columns} FROM {source.Table} WHERE {source.Key} BETWEEN $1 AND $2
            ORDER BY {source.Key} {(forwards ? "ASC" : "DESC")}
            """,
            Values,
            low,
            high);
    }

    /// <summary>Whether there is another row; null where the damage begins.</summary>
    private bool? TryNext(IEnumerator<object?[]> rows)
    {
        try
        {
            return rows.MoveNext();
        }
        catch (SqliteException)
        {
            _failures++;
            return null;
        }
    }

    private static object?[] Values(SqliteDataReader row) =>
        Enumerable.Range(0, row.FieldCount).Select(column => row.IsDBNull(column) ? null : row.GetValue(column)).ToArray();

    private static SqlSession? TryOpen(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
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

    private sealed record Source(string Table, string Key, string Columns);
}

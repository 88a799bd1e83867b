using System;
using System.Collections.Generic;

using Microsoft.Data.Sqlite;

using SQLitePCL;

namespace NfceSync.Core.Queue;

/// <summary>
/// One connection with its statements prepared once. SQL placeholders are <c>$1</c>, <c>$2</c> …, filled in order.
/// Not thread-safe: one owner at a time.
/// </summary>
internal sealed class SqlSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    public SqlSession(SqliteConnection connection) => _connection = connection;

    public int Execute(string sql, params object?[] args) => Prepare(sql, args).ExecuteNonQuery();

    public T? Scalar<T>(string sql, params object?[] args)
    {
        object? value = Prepare(sql, args).ExecuteScalar();
        return value is null or DBNull ? default : (T)value;
    }

    /// <summary>The id that SQLite gave to the row inserted last on this connection.</summary>
    public long LastId => raw.sqlite3_last_insert_rowid(_connection.Handle);

    /// <summary>Inserts a row and gives back the id that SQLite gave to it.</summary>
    public long Insert(string sql, params object?[] args)
    {
        Execute(sql, args);
        return LastId;
    }

    /// <summary>Rows one after the other, as SQLite finds them; nothing is collected.</summary>
    public IEnumerable<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params object?[] args)
    {
        SqliteCommand command = Prepare(sql, args);

        // Nobody else's while its reader is open: the same could be asked for again meanwhile.
        _prepared.Remove(sql);
        try
        {
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                yield return map(reader);
            }
        }
        finally
        {
            GiveBack(sql, command);
        }
    }

    /// <summary>The first row, or default.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> map, params object?[] args)
    {
        using SqliteDataReader reader = Prepare(sql, args).ExecuteReader();
        return reader.Read() ? map(reader) : default;
    }

    /// <summary>Undoes the transaction, or leaves it at that where SQLite has undone it by itself.</summary>
    public void Rollback()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 1)
        {
            // After a full disk or a failed read there may be no transaction left (https://sqlite.org/lang_transaction.html).
        }
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private SqliteCommand Prepare(string sql, object?[] args)
    {
        if (!_prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            command = NewCommand(sql, args.Length);
            _prepared.Add(sql, command);
        }

        Bind(command, args);
        return command;
    }

    private void GiveBack(string sql, SqliteCommand command)
    {
        if (_prepared.TryGetValue(sql, out SqliteCommand? other))
        {
            other.Dispose();
        }

        _prepared[sql] = command;
    }

    private SqliteCommand NewCommand(string sql, int parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 1; i <= parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
        }

        return command;
    }

    private static void Bind(SqliteCommand command, object?[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            command.Parameters[i].Value = args[i] ?? DBNull.Value;
        }
    }
}

/// <summary>Reading columns that may be NULL.</summary>
internal static class ReaderExtensions
{
    public static string? Text(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? Long(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static int? Int(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt32(column);

    public static DateTimeOffset? Instant(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public static byte[]? Bytes(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
}

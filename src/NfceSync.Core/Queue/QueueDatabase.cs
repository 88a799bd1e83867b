using System;
using System.IO;
using System.Text;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>Opens the SQLite file: settings, migrations, and what its errors mean to a user.</summary>
internal sealed class QueueDatabase
{
    private const int Version = 1;

    // SQLite's primary result codes, https://sqlite.org/rescode.html
    private const int Busy = 5;
    private const int Locked = 6;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NotADatabase = 26;

    private static readonly TimeSpan UsualBusyTimeout = TimeSpan.FromSeconds(15);

    private readonly string _dataSource;
    private readonly bool _inMemory;
    private readonly TimeSpan _busyTimeout;

    private QueueDatabase(string path, string dataSource, bool inMemory, TimeSpan? busyTimeout = null)
    {
        Path = path;
        _dataSource = dataSource;
        _inMemory = inMemory;
        _busyTimeout = busyTimeout ?? UsualBusyTimeout;
    }

    /// <summary>The database file.</summary>
    public string Path { get; }

    /// <summary>The database of a simulation, ready for sessions.</summary>
    public static QueueDatabase InMemory(QueueOptions options, string dataSource)
    {
        var simulated = new QueueDatabase(dataSource, dataSource, inMemory: true, options.BusyTimeout);
        simulated.Migrate();
        return simulated;
    }

    /// <summary>Creates or migrates the database of that path, whose folder is there, and leaves it ready for sessions.</summary>
    public static QueueDatabase Create(QueueOptions options, string path)
    {
        try
        {
            // Made here and not by SQLite, so that its rights are right from the first moment; WAL and shm inherit them.
            if (!File.Exists(path))
            {
                SecretFiles.Write(path, Array.Empty<byte>());
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process has just made it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Explain(e, path);
        }

        var database = new QueueDatabase(path, path, inMemory: false, options.BusyTimeout);
        database.Migrate();
        return database;
    }

    /// <summary>A database that is only read, as it is.</summary>
    public static QueueDatabase Existing(string path) => new(path, path, inMemory: false, new QueueOptions().BusyTimeout);

    /// <summary>A connection with the settings that durability rests on.</summary>
    public SqlSession Open(bool readOnly = false)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _dataSource,
            Mode = readOnly && !_inMemory ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            // A pooled connection would keep the file open after the cmdlet has ended.
            Pooling = false,
            // The provider waits in a loop of its own beside SQLite's busy timeout; both count from the same moment.
            DefaultTimeout = (int)_busyTimeout.TotalSeconds,
        }.ToString());
        return Guard(() =>
        {
            try
            {
                connection.Open();
                var session = new SqlSession(connection);
                session.Execute($"PRAGMA busy_timeout = {(long)_busyTimeout.TotalMilliseconds}");
                session.Execute("PRAGMA foreign_keys = ON");

                // In KiB. More is no quicker, since the system has the file's pages, too, and would grow with the queue.
                session.Execute("PRAGMA cache_size = -2048");
                session.Execute(_inMemory ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = FULL");
                return session;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });
    }

    /// <summary>Writes the log into the database file. Nobody else may have it open.</summary>
    public long MakeOneFile()
    {
        using SqlSession session = Open();
        return session.Scalar<long>("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>How long another program may hold the queue before that is an error.</summary>
    public static TimeSpan PatienceOf(QueueOptions options) => options.BusyTimeout ?? UsualBusyTimeout;

    /// <summary>Runs <paramref name="work"/> and gives SQLite's failures the name and advice that a user needs.</summary>
    public T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>What a failure of SQLite means to a user.</summary>
    public NfceSyncException Explain(SqliteException e) => e.SqliteErrorCode switch
    {
        Corrupt or NotADatabase => new(e, ErrorIds.NfceQueueDamaged, NfceErrorCategory.InvalidData, Path, Path),
        Busy or Locked => new(e, ErrorIds.NfceQueueLocked, NfceErrorCategory.ResourceBusy, Path, Path),
        Full => new(e, ErrorIds.NfceQueueDiskFull, NfceErrorCategory.ResourceUnavailable, Path, Path),
        _ => new(e, ErrorIds.NfceQueueUnavailable, NfceErrorCategory.ResourceUnavailable, Path, Path, e.Message),
    };

    /// <summary>Whether a failure is the database's or the disk's, and not the one statement's that met it.</summary>
    public static bool IsEverybodys(SqliteException e) => e.SqliteErrorCode is Busy or Locked or InputOutput or Full;

    /// <summary>SQLite's own full check of the file: null when it is whole, else its first finding.</summary>
    public static string? FindDamage(string path)
    {
        try
        {
            // Read only: what may be damaged is not written to, its log included.
            using SqlSession session = Existing(path).Open(readOnly: true);
            string? verdict = session.Scalar<string>("PRAGMA integrity_check(1)");
            return verdict == "ok" ? null : verdict;
        }
        catch (NfceSyncException e) when (e.ErrorId == ErrorIds.NfceQueueDamaged)
        {
            return e.InnerException?.Message ?? e.Message;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NotADatabase)
        {
            return e.Message;
        }
    }

    private void Migrate()
    {
        using SqlSession session = Open();
        Guard(() =>
        {
            session.Scalar<string>(_inMemory ? "PRAGMA journal_mode = MEMORY" : "PRAGMA journal_mode = WAL");
            if (session.Scalar<long>("PRAGMA user_version") is var found && found == Version)
            {
                return found;
            }

            session.Execute("BEGIN IMMEDIATE");
            try
            {
                // Asked again under the write lock: another process may have migrated meanwhile.
                found = session.Scalar<long>("PRAGMA user_version");
                if (found > Version)
                {
                    throw new NfceSyncException(ErrorIds.NfceQueueNewer, NfceErrorCategory.InvalidOperation, Path, Path, found, Version);
                }

                for (long next = found + 1; next <= Version; next++)
                {
                    session.Execute(ReadSchema(next));
                    session.Execute($"PRAGMA user_version = {next}");
                }

                session.Execute("COMMIT");
            }
            catch
            {
                session.Rollback();
                throw;
            }

            return found;
        });
    }

    private static string ReadSchema(long version)
    {
        string name = $"NfceSync.Core.Queue.Schema{version}.sql";
        using Stream stream = typeof(QueueDatabase).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

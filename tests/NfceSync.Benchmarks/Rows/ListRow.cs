using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Notes;
using NfceSync.Core.Queue;
using NfceSync.SefazSimulator;

namespace NfceSync.Benchmarks.Rows;

/// <summary>The list of what is pending, against a bare reader of the same columns in the same order.</summary>
internal static class ListRow
{
    private const string SameColumns =
        """
        SELECT s.name, n.store_id, n.note_id, n.ch_nfe, n.state, n.dh_emi, n.v_nf, n.deadline_at, n.attempts, n.c_stat, n.x_motivo,
            n.reason_id, n.reason_args, n.other_key, n.not_before, n.corrected, v.source_path, n.exception, n.exception_at, n.exception_by
        FROM note n JOIN store s USING (store_id) JOIN note_version v USING (version_id)
        WHERE n.store_id = $1 AND n.state NOT IN (6, 7, 8) AND n.exception IS NULL ORDER BY n.deadline_at, n.note_id
        """;

    public static async IAsyncEnumerable<Figure> RunAsync(Workload workload)
    {
        int rows = workload.Quick ? 20_000 : 100_000;
        using StoreQueue queue = workload.NewQueue(1);
        await FillAsync(queue, workload.Notes(1)[0], rows);
        List<(Listing Bare, Listing Ours)> passes = [];
        for (int i = 0; i <= workload.Passes; i++)
        {
            passes.Add((Bare(queue), List(queue)));
            if (passes[i].Bare.Rows != rows || passes[i].Ours.Rows != rows)
            {
                throw new InvalidOperationException("Not all rows were listed.");
            }
        }

        passes.RemoveAt(0);
        yield return new Figure(
            $"list of {rows} pending notes: of a bare reader",
            passes.Select(took => took.Ours.All / took.Bare.All).ToList(),
            Note: $"bare {Figure.MedianOf(passes.Select(took => took.Bare.All.TotalMilliseconds)):0} ms, list {Figure.MedianOf(passes.Select(took => took.Ours.All.TotalMilliseconds)):0} ms")
        { AtMost = 2 };
        yield return new Figure(
            "its first row: of the whole list",
            passes.Select(took => took.Ours.First / took.Ours.All).ToList(),
            Note: $"{Figure.MedianOf(passes.Select(took => took.Ours.First.TotalMilliseconds)):0.0} ms")
        { AtMost = 0.05 };
    }

    private static Listing List(StoreQueue queue)
    {
        var watch = Stopwatch.StartNew();
        TimeSpan first = default;
        int rows = 0;
        foreach (PendingItem item in queue.Queue.Pending(queue.Store))
        {
            first = rows++ == 0 ? watch.Elapsed : first;
        }

        return new Listing(rows, first, watch.Elapsed);
    }

    private static Listing Bare(StoreQueue queue)
    {
        var watch = Stopwatch.StartNew();
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = queue.DatabasePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using (SqliteCommand settings = connection.CreateCommand())
        {
            // The queue's own: what is compared is the reading, not the cache.
            settings.CommandText = "PRAGMA cache_size = -2048";
            settings.ExecuteNonQuery();
        }

        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = SameColumns;
        command.Parameters.Add(new SqliteParameter("$1", queue.Store.Id));
        using SqliteDataReader reader = command.ExecuteReader();
        TimeSpan first = default;
        int rows = 0;
        while (reader.Read())
        {
            for (int column = 0; column < reader.FieldCount; column++)
            {
                if (reader.IsDBNull(column))
                {
                    continue;
                }

                if (column is 0 or 3 or 5 or 10 or 11 or 12 or 13 or 16 or 17 or 19)
                {
                    reader.GetString(column);
                }
                else
                {
                    reader.GetInt64(column);
                }
            }

            first = rows++ == 0 ? watch.Elapsed : first;
        }

        return new Listing(rows, first, watch.Elapsed);
    }

    // Straight into the tables: to make and sign that many notes would take minutes, and a list does not look at their bytes.
    private static async Task FillAsync(StoreQueue queue, SignedNote model, int rows)
    {
        var factory = model.ChNFe[..25];
        byte[] bytes = model.Bytes.ToArray();
        const int AtATime = 1000;
        for (int start = 0; start < rows; start += AtATime)
        {
            int from = start;
            await queue.Queue.Committer.CommitAsync(session =>
            {
                for (int number = from + 1; number <= from + AtATime; number++)
                {
                    string first43 = $"{factory}{number:000000000}912345678"[..43];
                    string key = first43 + AccessKey.ComputeCheckDigit(first43);
                    long version = session.Insert(
                        "INSERT INTO note_version (ch_nfe, digest_value, bytes, source_path, seen_at) VALUES ($1, $2, $3, $4, 0)",
                        key,
                        model.DigestValue,
                        bytes,
                        $"/erp/XML/Pendentes/{key}-nfe.xml");
                    session.Execute(
                        """
                        INSERT INTO note (ch_nfe, store_id, state, version_id, digest_value, dh_emi, v_nf, deadline_at, first_seen_at, changed_at)
                        VALUES ($1, $2, 1, $3, $4, $5, 3456, $6, 0, 0)
                        """,
                        key,
                        queue.Store.Id,
                        version,
                        model.DigestValue,
                        Times.Write(model.DhEmi),
                        model.DhEmi.AddMinutes(number % 5000).ToUnixTimeMilliseconds());
                }

                return true;
            });
        }
    }

    private sealed record Listing(int Rows, TimeSpan First, TimeSpan All);
}

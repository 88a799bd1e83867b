using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NfceSync.Core.Queue;

/// <summary>Names for completion at the prompt: read without making, migrating or locking anything.</summary>
public static class QueueNames
{
    /// <summary>The names of the registered stores; none where there is no queue yet.</summary>
    /// <param name="home">The queue's folder; null for the usual one.</param>
    /// <exception cref="NfceSyncException">The queue cannot be read.</exception>
    public static IReadOnlyList<string> Stores(string? home) =>
        Read(home, "SELECT name FROM store WHERE unregistered_at IS NULL ORDER BY name");

    /// <summary>Access keys of pending notes that begin so, nearest deadline first.</summary>
    /// <param name="home">The queue's folder; null for the usual one.</param>
    /// <param name="prefix">The key's first characters.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="NfceSyncException">The queue cannot be read.</exception>
    public static IReadOnlyList<string> PendingKeys(string? home, string prefix, int most) => Read(
        home,
        """
        SELECT n.ch_nfe FROM note n JOIN store s USING (store_id)
        WHERE s.unregistered_at IS NULL AND n.state NOT IN (6, 7, 8) AND n.exception IS NULL AND substr(n.ch_nfe, 1, length($1)) = $1
        ORDER BY n.deadline_at LIMIT $2
        """,
        prefix,
        most);

    private static IReadOnlyList<string> Read(string? home, string sql, params object?[] args)
    {
        string folder = QueueHome.Resolve(home);
        string path = Path.Combine(folder, QueueHome.FileName);
        if (!File.Exists(path) || RepairFiles.IsUnfinished(folder))
        {
            return Array.Empty<string>();
        }

        QueueDatabase database = QueueDatabase.Existing(path);
        using SqlSession session = database.Open(readOnly: true);
        return database.Guard(() => session.Query(sql, row => row.GetString(0), args).ToList());
    }
}

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.Data.Sqlite;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Queue;

/// <summary>The stores of this machine. No row is ever deleted: a store that was unregistered keeps its notes.</summary>
public sealed class StoreRegistry
{
    private const string Columns =
        "store_id, name, issuer_id, tp_amb, uf, system, archive_path, pfx_path, thumbprint, service_base, trusted_root_path";

    private readonly QueueDatabase _database;
    private readonly GroupCommitter _committer;
    private readonly TimeProvider _clock;

    internal StoreRegistry(QueueDatabase database, GroupCommitter committer, TimeProvider clock)
    {
        _database = database;
        _committer = committer;
        _clock = clock;
    }

    /// <summary>The registered stores, by name.</summary>
    public IReadOnlyList<Store> All()
    {
        using SqlSession session = _database.Open(readOnly: true);
        return _database.Guard(() => Read(session, "unregistered_at IS NULL ORDER BY name"));
    }

    /// <summary>The registered store of that name, without regard to case.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceStoreNotFound"/>.</exception>
    public Store Get(string name) =>
        All().FirstOrDefault(store => store.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw NotFound(name);

    /// <summary>Registers a store; one that was unregistered under the same CNPJ and environment comes back with its notes.</summary>
    /// <param name="store">The store; its rules are checked (<see cref="StoreRules.Validate"/>).</param>
    /// <returns>The store with its id.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceStoreNameTaken"/>, <see cref="ErrorIds.NfceStoreAlreadyRegistered"/>, or a rule of the store.
    /// </exception>
    public Store Register(Store store)
    {
        StoreRules.Validate(store);
        return _committer.Commit(session => Enter(session, store));
    }

    /// <summary>
    /// Changes a store. With another CNPJ or environment it is another store: the one before is unregistered, and its pending
    /// notes wait until it is registered again; they are never sent as the other's.
    /// </summary>
    /// <param name="store">The store as it shall be; its <see cref="Store.Id"/> says which.</param>
    /// <param name="force">Allows another folder, environment, CNPJ or UF while notes are pending.</param>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceStoreHasPending"/>, or as <see cref="Register"/>.</exception>
    public Store Update(Store store, bool force)
    {
        StoreRules.Validate(store);
        return _committer.Commit(session =>
        {
            Store old = Read(session, "unregistered_at IS NULL AND store_id = $1", store.Id).FirstOrDefault() ?? throw NotFound(store.Name);
            if (Moves(old, store) && !force)
            {
                RefusePending(session, old, "PendingNeedsForce");
            }

            if (old.Environment != store.Environment || old.IssuerId != store.IssuerId)
            {
                Leave(session, old);
                HandOver(session, old, store);
                return Enter(session, store with { Id = 0 });
            }

            if (Read(session, "unregistered_at IS NULL AND store_id <> $1 AND name = $2", store.Id, store.Name).FirstOrDefault() is { } other)
            {
                throw NameTaken(other.Name);
            }

            return Write(session, store);
        });
    }

    /// <summary>Whether notes that are pending now could be left behind by a change.</summary>
    /// <param name="old">The store as it is.</param>
    /// <param name="store">The store as it shall be.</param>
    public static bool Moves(Store old, Store store) =>
        old.Environment != store.Environment || old.IssuerId != store.IssuerId || old.Uf != store.Uf
        || !old.Sources.SequenceEqual(store.Sources);

    /// <summary>Takes a store off the list; its rows stay.</summary>
    /// <param name="name">The store's name.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceStoreNotFound"/>; <see cref="ErrorIds.NfceStoreHasPending"/> while notes are pending.
    /// </exception>
    public void Unregister(string name)
    {
        Store store = Get(name);
        _committer.Commit(session =>
        {
            RefusePending(session, store, "PendingKeepsStore");
            return Leave(session, store);
        });
    }

    // What was put aside only because it is not of the old store is judged anew by the one that looks into the same folders.
    private void HandOver(SqlSession session, Store old, Store store)
    {
        if (old.Sources.All(store.Sources.Contains))
        {
            session.Execute(
                $"""
                UPDATE source_document SET replaced_at = $1
                WHERE replaced_at IS NULL AND reason_id IN ({Arrivals.PassingReasonsSql})
                    AND file_id IN (SELECT file_id FROM source_file WHERE store_id = $2)
                """,
                Now(),
                old.Id);
        }
    }

    private int Leave(SqlSession session, Store store) =>
        session.Execute("UPDATE store SET unregistered_at = $1 WHERE store_id = $2", Now(), store.Id);

    /// <summary>Enters a store; one that was unregistered under the same CNPJ and environment comes back with its notes.</summary>
    private Store Enter(SqlSession session, Store store)
    {
        if (Read(session, "unregistered_at IS NULL AND name = $1", store.Name).Count > 0)
        {
            throw NameTaken(store.Name);
        }

        if (Read(session, "unregistered_at IS NULL AND issuer_id = $1 AND tp_amb = $2", store.IssuerId, (int)store.Environment)
                .FirstOrDefault() is { } other)
        {
            throw new NfceSyncException(
                ErrorIds.NfceStoreAlreadyRegistered, NfceErrorCategory.InvalidArgument, store.Name, other.Name, store.Environment);
        }

        long id = session.Scalar<long>(
            "SELECT store_id FROM store WHERE issuer_id = $1 AND tp_amb = $2", store.IssuerId, (int)store.Environment);
        Store written = Write(session, store with { Id = id });
        if (id == 0)
        {
            Repairs.NewStore(session, written.Id, _clock.GetUtcNow());
        }

        return written;
    }

    private static void RefusePending(SqlSession session, Store store, string wayOutId)
    {
        long pending = PendingItems.Count(session, store.Id);
        if (pending > 0)
        {
            throw new NfceSyncException(
                ErrorIds.NfceStoreHasPending,
                NfceErrorCategory.InvalidOperation,
                store.Name,
                store.Name,
                Texts.Count("PendingItems", pending),
                Texts.Get(wayOutId));
        }
    }

    private Store Write(SqlSession session, Store store)
    {
        object?[] values =
        {
            store.Name, store.IssuerId, (int)store.Environment, store.Uf, store.System.ToString(), store.ArchivePath,
            store.Certificate.PfxPath, store.Certificate.Thumbprint, store.ServiceBaseAddress?.ToString(), store.TrustedRootPath,
            Now(), store.Id,
        };
        long id = store.Id;
        if (id == 0)
        {
            id = session.Insert(
                """
                INSERT INTO store (name, issuer_id, tp_amb, uf, system, archive_path, pfx_path, thumbprint, service_base,
                    trusted_root_path, registered_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """,
                values.Take(values.Length - 1).ToArray());
        }
        else
        {
            // With another address it counts as registered anew: what the old one answered says nothing of it.
            session.Execute(
                """
                UPDATE store SET name = $1, issuer_id = $2, tp_amb = $3, uf = $4, system = $5, archive_path = $6, pfx_path = $7,
                    thumbprint = $8, service_base = $9, trusted_root_path = $10,
                    registered_at = CASE WHEN unregistered_at IS NULL AND service_base IS $9 THEN registered_at ELSE $11 END,
                    unregistered_at = NULL
                WHERE store_id = $12
                """,
                values);
            session.Execute("DELETE FROM source_folder WHERE store_id = $1", id);
        }

        for (int i = 0; i < store.Sources.Count; i++)
        {
            SourceFolder folder = store.Sources[i];
            session.Execute(
                "INSERT INTO source_folder (store_id, ordinal, path, recursive, pattern) VALUES ($1, $2, $3, $4, $5)",
                id,
                i,
                folder.Path,
                folder.Recursive,
                folder.Pattern);
        }

        return store with { Id = id };
    }

    internal static List<Store> Read(SqlSession session, string where, params object?[] args)
    {
        List<Store> stores = session.Query($"SELECT {Columns} FROM store WHERE {where}", ReadStore, args).ToList();
        return stores.ConvertAll(store => store with
        {
            Sources = session.Query(
                "SELECT path, recursive, pattern FROM source_folder WHERE store_id = $1 ORDER BY ordinal",
                row => new SourceFolder(row.GetString(0), row.GetBoolean(1), row.GetString(2)),
                store.Id).ToList(),
        });
    }

    private static Store ReadStore(SqliteDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Name = row.GetString(1),
        IssuerId = row.GetString(2),
        Environment = (SefazEnvironment)row.GetInt32(3),
        Uf = row.GetString(4),
        System = Enum.TryParse(row.GetString(5), out StoreSystem system) ? system : default,
        Sources = Array.Empty<SourceFolder>(),
        ArchivePath = row.GetString(6),
        Certificate = new CertificateReference(row.Text(7), row.Text(8)),
        ServiceBaseAddress = row.Text(9) is { } address ? new Uri(address) : null,
        TrustedRootPath = row.Text(10),
    };

    private static NfceSyncException NameTaken(string name) =>
        new(ErrorIds.NfceStoreNameTaken, NfceErrorCategory.InvalidArgument, name, name);

    private static NfceSyncException NotFound(string name) =>
        new(ErrorIds.NfceStoreNotFound, NfceErrorCategory.ObjectNotFound, name, name);

    private long Now() => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}

using System;
using System.Threading;
using System.Threading.Tasks;

namespace NfceSync.Core.Queue;

/// <summary>One run at a time per CNPJ and environment, held in the database.</summary>
internal sealed class Leases
{
    /// <summary>How long a lease holds without renewal.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);

    /// <summary>How often a working run renews it.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AskAgainEvery = TimeSpan.FromSeconds(1);

    private readonly GroupCommitter _committer;
    private readonly TimeProvider _clock;
    private readonly RunIdentity _identity;

    public Leases(GroupCommitter committer, TimeProvider clock, RunIdentity identity)
    {
        _committer = committer;
        _clock = clock;
        _identity = identity;
    }

    /// <summary>Takes the lease, or waits for it where <paramref name="wait"/> says so.</summary>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceSyncAlreadyRunning"/>: who holds it, and since when.</exception>
    public async Task<LeaseGrant> AcquireAsync(string issuerId, int tpAmb, bool wait, CancellationToken cancel)
    {
        while (true)
        {
            (LeaseGrant? granted, Held? holder) = await _committer.CommitAsync(session => Take(session, issuerId, tpAmb));
            if (granted is not null)
            {
                return granted;
            }

            if (!wait)
            {
                throw new NfceSyncException(
                    ErrorIds.NfceSyncAlreadyRunning,
                    NfceErrorCategory.ResourceBusy,
                    issuerId,
                    holder!.Owner,
                    holder.Machine,
                    holder.Process.Split('@')[0],
                    holder.StartedAt.ToLocalTime());
            }

            await _clock.Delay(AskAgainEvery, cancel);
        }
    }

    /// <summary>Puts the expiry off; fails where the lease was lost.</summary>
    public async Task RenewAsync(LeaseGrant grant) => grant.Renewed(await _committer.CommitAsync(
        session =>
        {
            // Measured when it is written: one that waited for its turn must not take back what came before it.
            LeaseTerm term = TermFromNow();
            session.Execute(
                "UPDATE lease SET expires_at = $1 WHERE issuer_id = $2 AND tp_amb = $3",
                term.ExpiresAt.ToUnixTimeMilliseconds(),
                grant.IssuerId,
                grant.TpAmb);
            return term;
        },
        grant));

    /// <summary>
    /// Whether the lease may have passed to another run, by the wall clock or by the time that really went by: nothing may be
    /// sent before <see cref="RenewAsync"/> has shown that it has not.
    /// </summary>
    public bool MayBeLost(LeaseGrant grant)
    {
        LeaseTerm term = grant.Term;
        return _clock.GetUtcNow() >= term.ExpiresAt || _clock.GetElapsedTime(term.RenewedAt) >= Duration;
    }

    /// <summary>Gives the lease back; nothing to do where it was lost.</summary>
    public Task ReleaseAsync(LeaseGrant grant) => _committer.CommitAsync(session => session.Execute(
        "UPDATE lease SET released_at = $1 WHERE issuer_id = $2 AND tp_amb = $3 AND token = $4",
        _clock.GetUtcNow().ToUnixTimeMilliseconds(),
        grant.IssuerId,
        grant.TpAmb,
        grant.Token));

    private (LeaseGrant? Granted, Held? Holder) Take(SqlSession session, string issuerId, int tpAmb)
    {
        Held? found = Find(session, issuerId, tpAmb);
        if (found is not null && IsLive(found))
        {
            Shorten(session, issuerId, tpAmb);
            return (null, found);
        }

        DateTimeOffset now = _clock.GetUtcNow();
        LeaseTerm term = TermFromNow();
        long token = (found?.Token ?? 0) + 1;
        session.Execute(
            """
            INSERT INTO lease (issuer_id, tp_amb, token, owner, machine, process, started_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT DO UPDATE SET token = excluded.token, owner = excluded.owner, machine = excluded.machine,
                process = excluded.process, started_at = excluded.started_at, expires_at = excluded.expires_at, released_at = NULL
            """,
            issuerId,
            tpAmb,
            token,
            _identity.Owner,
            _identity.Machine,
            _identity.Process,
            now.ToUnixTimeMilliseconds(),
            term.ExpiresAt.ToUnixTimeMilliseconds());
        return (new LeaseGrant(issuerId, tpAmb, token, term), null);
    }

    private LeaseTerm TermFromNow() => new(_clock.GetUtcNow() + Duration, _clock.GetTimestamp());

    // A lease that ends later than a lease can last was written before the clock was put back. A run that lives renews it by
    // the new clock; one that does not is waited for no longer than for any other lease.
    private void Shorten(SqlSession session, string issuerId, int tpAmb) => session.Execute(
        "UPDATE lease SET expires_at = $1 WHERE issuer_id = $2 AND tp_amb = $3 AND expires_at > $1",
        (_clock.GetUtcNow() + Duration).ToUnixTimeMilliseconds(),
        issuerId,
        tpAmb);

    private bool IsLive(Held held) =>
        !held.Released && held.ExpiresAt > _clock.GetUtcNow() && !_identity.IsDead(held.Machine, held.Process);

    private static Held? Find(SqlSession session, string issuerId, int tpAmb) => session.First(
        "SELECT token, owner, machine, process, started_at, expires_at, released_at FROM lease WHERE issuer_id = $1 AND tp_amb = $2",
        row => new Held(
            row.GetInt64(0),
            row.GetString(1),
            row.GetString(2),
            row.GetString(3),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            !row.IsDBNull(6)),
        issuerId,
        tpAmb);

    private sealed record Held(
        long Token, string Owner, string Machine, string Process, DateTimeOffset StartedAt, DateTimeOffset ExpiresAt, bool Released);
}

using System;

namespace NfceSync.Core.Queue;

/// <summary>The right to work for one CNPJ and environment. Its token fences: once another run was granted, ours is void.</summary>
internal sealed class LeaseGrant
{
    private readonly object _gate = new();
    private LeaseTerm _term;

    public LeaseGrant(string issuerId, int tpAmb, long token, LeaseTerm term)
    {
        IssuerId = issuerId;
        TpAmb = tpAmb;
        Token = token;
        _term = term;
    }

    public string IssuerId { get; }

    public int TpAmb { get; }

    public long Token { get; }

    /// <summary>How long it holds without renewal.</summary>
    public LeaseTerm Term
    {
        get
        {
            lock (_gate)
            {
                return _term;
            }
        }
    }

    /// <summary>The database has the new term. Of two that come at the same time the one that was written last counts.</summary>
    public void Renewed(LeaseTerm term)
    {
        lock (_gate)
        {
            _term = term.RenewedAt >= _term.RenewedAt ? term : _term;
        }
    }

    /// <summary>Refuses the write that is under way unless the lease is still this run's.</summary>
    /// <exception cref="NfceSyncException"><see cref="ErrorIds.NfceLeaseLost"/>.</exception>
    public void Check(SqlSession session)
    {
        long held = session.Scalar<long>(
            "SELECT token FROM lease WHERE issuer_id = $1 AND tp_amb = $2 AND released_at IS NULL", IssuerId, TpAmb);
        if (held != Token)
        {
            throw Lost();
        }
    }

    /// <summary>The error of a run that lost its lease.</summary>
    public NfceSyncException Lost() => new(ErrorIds.NfceLeaseLost, NfceErrorCategory.ResourceBusy, IssuerId);
}

/// <summary>How long a lease holds.</summary>
/// <param name="ExpiresAt">Until when without renewal, by the wall clock; nothing may be sent after it.</param>
/// <param name="RenewedAt">
/// The clock's timestamp when it was granted or renewed: it does not move when the wall clock is put back.
/// </param>
internal readonly record struct LeaseTerm(DateTimeOffset ExpiresAt, long RenewedAt);

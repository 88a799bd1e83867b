using System;

namespace NfceSync.Core.Queue;

/// <summary>The right to work for one CNPJ and environment. Its token fences: once another run was granted, ours is void.</summary>
internal sealed class LeaseGrant
{
    public LeaseGrant(string issuerId, int tpAmb, long token, DateTimeOffset expiresAt, long renewedAt)
    {
        IssuerId = issuerId;
        TpAmb = tpAmb;
        Token = token;
        ExpiresAt = expiresAt;
        RenewedAt = renewedAt;
    }

    public string IssuerId { get; }

    public int TpAmb { get; }

    public long Token { get; }

    /// <summary>Until when it holds without renewal; nothing may be sent after it.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>The clock's timestamp when it was granted or renewed: it does not move when the wall clock is put back.</summary>
    public long RenewedAt { get; private set; }

    public void Renewed(DateTimeOffset expiresAt, long renewedAt)
    {
        ExpiresAt = expiresAt;
        RenewedAt = renewedAt;
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

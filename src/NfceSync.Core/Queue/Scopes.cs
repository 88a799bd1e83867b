using System;

using NfceSync.Core.Sefaz;

namespace NfceSync.Core.Queue;

/// <summary>Whom SEFAZ counts as one: authoriser, environment, the certificate's and the emitter's CNPJ.</summary>
/// <param name="Authoriser">The authoriser's name.</param>
/// <param name="TpAmb">The environment.</param>
/// <param name="CertificateId">The CNPJ or CPF of the TLS certificate, or its thumbprint where it has none.</param>
/// <param name="IssuerId">The emitter's CNPJ or CPF.</param>
internal sealed record SefazScope(string Authoriser, int TpAmb, string CertificateId, string IssuerId);

/// <summary>The limits that SEFAZ puts on a scope, kept on disk and so across restarts.</summary>
internal static class Scopes
{
    /// <summary>How long nothing is sent after a 656; the block lasts up to an hour and every call renews it (Anexo I §4.3).</summary>
    public static readonly TimeSpan BlockDuration = TimeSpan.FromMinutes(65);

    /// <summary>How long a 107 is believed: the status is not asked for more often than every three minutes (VG §5.5.3).</summary>
    public static readonly TimeSpan StatusHolds = TimeSpan.FromMinutes(3);

    public static long IdOf(SqlSession session, SefazScope scope)
    {
        session.Execute(
            "INSERT INTO scope (authoriser, tp_amb, certificate_id, issuer_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            scope.Authoriser,
            scope.TpAmb,
            scope.CertificateId,
            scope.IssuerId);
        return session.Scalar<long>(
            "SELECT scope_id FROM scope WHERE authoriser = $1 AND tp_amb = $2 AND certificate_id = $3 AND issuer_id = $4",
            scope.Authoriser,
            scope.TpAmb,
            scope.CertificateId,
            scope.IssuerId);
    }

    public static void Block(SqlSession session, long scopeId, DateTimeOffset now) => session.Execute(
        "UPDATE scope SET blocked_at = $1, blocked_until = $2, blocks = blocks + 1 WHERE scope_id = $3",
        now.ToUnixTimeMilliseconds(),
        (now + BlockDuration).ToUnixTimeMilliseconds(),
        scopeId);

    /// <summary>
    /// Until when nothing may be sent; null: free. A block holds for whoever shares the certificate's or the emitter's CNPJ
    /// with the blocked one, since SEFAZ does not say which of them it blocked; what a repair holds is held for all.
    /// </summary>
    public static DateTimeOffset? BlockedUntil(SqlSession session, SefazScope scope, DateTimeOffset now)
    {
        long until = session.Scalar<long>(
            """
            SELECT coalesce(max(until), 0) FROM (
                SELECT blocked_until AS until FROM scope
                WHERE authoriser = $1 AND tp_amb = $2 AND (certificate_id = $3 OR issuer_id = $4)
                UNION ALL SELECT held_until FROM repair)
            """,
            scope.Authoriser,
            scope.TpAmb,
            scope.CertificateId,
            scope.IssuerId);
        DateTimeOffset end = DateTimeOffset.FromUnixTimeMilliseconds(until);
        return end > now ? end : null;
    }

    /// <summary>The end of the last block of a store, known by the certificates that it has used; null: never blocked.</summary>
    public static DateTimeOffset? BlockedUntil(SqlSession session, long storeId) => session.First(
        """
        SELECT max(until) FROM (
            SELECT c.blocked_until AS until FROM store s
            JOIN scope own ON own.issuer_id = s.issuer_id AND own.tp_amb = s.tp_amb
            JOIN scope c ON c.authoriser = own.authoriser AND c.tp_amb = own.tp_amb
                AND (c.certificate_id = own.certificate_id OR c.issuer_id = own.issuer_id)
            WHERE s.store_id = $1
            UNION ALL SELECT held_until FROM repair)
        """,
        row => row.Instant(0),
        storeId);

    /// <summary>
    /// Ends the blocks that would last longer than a block can: the clock was put back since they were written. A whole block
    /// from now is enough in any case.
    /// </summary>
    public static void Shorten(SqlSession session, DateTimeOffset now)
    {
        long longest = (now + BlockDuration).ToUnixTimeMilliseconds();
        session.Execute("UPDATE scope SET blocked_until = $1 WHERE blocked_until > $1", longest);
        session.Execute("UPDATE repair SET held_until = $1 WHERE held_until > $1", longest);
    }

    public static void Running(SqlSession session, long scopeId, DateTimeOffset now) =>
        session.Execute("UPDATE scope SET running_at = $1 WHERE scope_id = $2", now.ToUnixTimeMilliseconds(), scopeId);

    /// <summary>Keeps what an answer about the service says: that it runs, that it blocks us, how far the clock is off.</summary>
    public static void Learn(SqlSession session, long scopeId, Disposition meaning, TimeSpan? skew, DateTimeOffset now)
    {
        if (meaning == Disposition.InService)
        {
            Running(session, scopeId, now);
        }
        else if (meaning == Disposition.Misuse)
        {
            Block(session, scopeId, now);
        }

        if (skew is { } measured)
        {
            SetClockSkew(session, scopeId, measured);
        }
    }

    /// <summary>Whether a 107 of the store's present address still holds.</summary>
    public static bool IsRunning(SqlSession session, long storeId, long scopeId, DateTimeOffset now)
    {
        DateTimeOffset asked = DateTimeOffset.FromUnixTimeMilliseconds(
            session.Scalar<long>("SELECT coalesce(running_at, 0) FROM scope WHERE scope_id = $1", scopeId));
        return asked <= now && asked > StatusHoldsSince(session, storeId, now);
    }

    /// <summary>From when on a word about the service holds: three minutes, and not what came from an earlier address of the store.</summary>
    public static DateTimeOffset StatusHoldsSince(SqlSession session, long storeId, DateTimeOffset now)
    {
        DateTimeOffset addressedAt = DateTimeOffset.FromUnixTimeMilliseconds(
            session.Scalar<long>("SELECT registered_at FROM store WHERE store_id = $1", storeId));
        DateTimeOffset since = now - StatusHolds;
        return addressedAt > since && addressedAt <= now ? addressedAt : since;
    }

    /// <summary>Remembers how far the machine's clock is from SEFAZ's.</summary>
    public static void SetClockSkew(SqlSession session, long scopeId, TimeSpan skew) =>
        session.Execute("UPDATE scope SET clock_skew = $1 WHERE scope_id = $2", (long)skew.TotalMilliseconds, scopeId);

    /// <summary>How far the machine's clock was from SEFAZ's when it was last measured.</summary>
    public static TimeSpan? ClockSkew(SqlSession session, long scopeId) =>
        session.Scalar<long?>("SELECT clock_skew FROM scope WHERE scope_id = $1", scopeId) is { } skew
            ? TimeSpan.FromMilliseconds(skew)
            : null;
}

using System;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>What is known of SEFAZ's service for a store.</summary>
public sealed record ServiceReport
{
    /// <summary>The authoriser's name, e.g. <c>SVRS</c>.</summary>
    public required string Authoriser { get; init; }

    /// <summary>The address of the status service.</summary>
    public required Uri Address { get; init; }

    /// <summary>Whether SEFAZ says that it runs (107).</summary>
    public bool Available => CStat is { } code && CStatCatalogue.Of(code, SefazAnswer.Status) == Disposition.InService;

    /// <summary>SEFAZ's code; null where it did not answer or was not asked.</summary>
    public int? CStat { get; init; }

    /// <summary>SEFAZ's <c>xMotivo</c>.</summary>
    public string? XMotivo { get; init; }

    /// <summary><c>verAplic</c>.</summary>
    public string? VerAplic { get; init; }

    /// <summary>When it was asked; null where it was not.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>How long the answer took.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How far this machine's clock is ahead of SEFAZ's; negative: behind.</summary>
    public TimeSpan? ClockSkew { get; init; }

    /// <summary>Until when nothing may be asked (656); null: not blocked.</summary>
    public DateTimeOffset? BlockedUntil { get; init; }

    /// <summary>Why it is not available; null where it is.</summary>
    public NfceSyncException? Problem { get; init; }
}

/// <summary>Asks whether SEFAZ's service runs, outside of a run; kept in the log and held to the limits like every call.</summary>
public static class ServiceQuery
{
    private const long NoLease = 0;

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Asks, unless SEFAZ has blocked the calls, or was asked less than three minutes ago (VG §5.5.3): then what became of that
    /// is given again, unless the store's address has changed since.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="store">The registered store.</param>
    /// <param name="connection">The store's way to SEFAZ.</param>
    /// <param name="cancel">Gives up waiting.</param>
    /// <exception cref="NfceSyncException">The queue cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<ServiceReport> AskAsync(NfceQueue queue, Store store, StoreConnection connection, CancellationToken cancel)
    {
        string authoriser = queue.Endpoints.AuthoriserOf(store.Uf);
        var scope = new SefazScope(authoriser, (int)store.Environment, connection.CertificateId, store.IssuerId);
        var report = new ServiceReport
        {
            Authoriser = authoriser,
            Address = queue.Endpoints.For(store.Uf, store.Environment, SefazService.StatusServico, store.ServiceBaseAddress),
        };
        // To the millisecond, as the queue keeps it: the answer that is given again names the same instant.
        var asked = DateTimeOffset.FromUnixTimeMilliseconds(queue.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        Begun begun = await queue.Committer.CommitAsync(session => Begin(session, store, scope, report, asked));
        if (begun.AttemptId == 0)
        {
            return begun.Known with
            {
                Problem = begun.Known.BlockedUntil is null && !begun.Known.Available && begun.Last is { } last
                    ? ServiceProblem.Remembered(store, authoriser, last)
                    : Problem(store, begun.Known),
            };
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(CallTimeout);
        WireReply wire = await connection.Transport.SendAsync(
            SefazService.StatusServico, SefazEnvelope.Status(store.Environment, Uf.Get(store.Uf)), limit.Token);
        DateTimeOffset now = queue.Clock.GetUtcNow();
        SefazReply? reply = wire.Outcome == WireOutcome.Answered
            ? SefazReply.Read(SefazService.StatusServico, store.Environment, wire.Body)
            : null;
        report = report with
        {
            CStat = reply?.CStat,
            XMotivo = reply?.XMotivo,
            VerAplic = reply?.VerAplic,
            AskedAt = asked,
            Duration = now - asked,
            ClockSkew = reply is not null && Decide.TryInstant(reply.DhRecbto) is { } sefaz ? now - sefaz : null,
        };
        await queue.Committer.CommitAsync(session => End(session, begun, wire, reply, report, now));
        cancel.ThrowIfCancellationRequested();
        if (reply is null)
        {
            return report with { Problem = ServiceProblem.Unreachable(store, authoriser, wire.Failure) };
        }

        report = Meaning(reply.CStat) == Disposition.Misuse ? report with { BlockedUntil = now + Scopes.BlockDuration } : report;
        return report with { Problem = Problem(store, report) };
    }

    private static Begun Begin(SqlSession session, Store store, SefazScope scope, ServiceReport report, DateTimeOffset now)
    {
        Scopes.Shorten(session, now);
        long scopeId = Scopes.IdOf(session, scope);
        if (Scopes.BlockedUntil(session, scope, now) is { } until)
        {
            return new Begun(0, scopeId, report with { BlockedUntil = until });
        }

        return Attempts.LastStatus(session, store.Id, scopeId, now) is { } last
            ? new Begun(0, scopeId, report with
            {
                CStat = last.CStat,
                XMotivo = last.XMotivo,
                VerAplic = last.VerAplic,
                AskedAt = last.StartedAt,
                Duration = last.EndedAt - last.StartedAt,
                ClockSkew = Scopes.ClockSkew(session, scopeId),
            })
            { Last = last }
            : new Begun(Attempts.Begin(session, null, scopeId, SefazService.StatusServico, NoLease, now), scopeId, report);
    }

    private static bool End(SqlSession session, Begun begun, WireReply wire, SefazReply? reply, ServiceReport report, DateTimeOffset now)
    {
        Disposition meaning = reply is null ? Disposition.Uncertain : Meaning(reply.CStat);
        Attempts.End(session, begun.AttemptId, wire, reply, meaning, now);
        Scopes.Learn(session, begun.ScopeId, meaning, report.ClockSkew, now);
        return true;
    }

    private static NfceSyncException? Problem(Store store, ServiceReport report) =>
        report.BlockedUntil is { } until ? ServiceProblem.Blocked(store, until)
        : report.Available ? null
        : ServiceProblem.NotInService(store, Meaning(report.CStat!.Value), report.CStat.Value, report.XMotivo);

    private static Disposition Meaning(int cStat) => CStatCatalogue.Of(cStat, SefazAnswer.Status);

    private sealed record Begun(long AttemptId, long ScopeId, ServiceReport Known)
    {
        public StatusAnswer? Last { get; init; }
    }
}

using System;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace NfceSync.Core.Sync;

/// <summary>
/// Calls SEFAZ for one run: writes each call down before it is made, keeps to the limits that are counted on disk, and makes
/// a call again only where that can do no harm.
/// </summary>
internal sealed class SefazCaller : IDisposable
{
    private readonly NfceQueue _queue;
    private readonly Store _store;
    private readonly ISefazTransport _transport;
    private readonly SefazScope _scope;
    private readonly SyncPacing _pacing;
    private readonly RunStop _stop;
    private readonly ISyncListener _listener;
    private readonly ResiliencePipeline<SefazAnswered> _transmissions;
    private readonly ResiliencePipeline<SefazAnswered> _questions;
    private readonly ResiliencePipeline<SefazAnswered> _status;
    private readonly ResiliencePipeline _limit;
    private readonly CancellationTokenSource _abort = new();
    private ITimer? _drain;
    private LeaseGrant _lease = null!;
    private long _scopeId;
    private int _clockTold;

    public SefazCaller(
        NfceQueue queue,
        Store store,
        ISefazTransport transport,
        string certificateId,
        SyncPacing pacing,
        RunStop stop,
        ISyncListener listener)
    {
        _queue = queue;
        _store = store;
        _transport = transport;
        _pacing = pacing;
        _stop = stop;
        _listener = listener;
        string authoriser = queue.Endpoints.AuthoriserOf(store.Uf);
        _scope = new SefazScope(authoriser, (int)store.Environment, certificateId, store.IssuerId);
        ResiliencePipeline<SefazAnswered> breaker = queue.Breakers.Of(authoriser, _scope.TpAmb);

        // Bytes of a note that may have arrived are never sent again by themselves; a question may be asked again.
        _transmissions = Pipeline(breaker, answered => answered.Wire.Outcome == WireOutcome.NotSent, pacing.Retries);
        _questions = Pipeline(breaker, answered => answered.Reply is null, pacing.Retries);

        // Three minutes must lie between two questions about the service (VG §5.5.3), answered or not.
        _status = Pipeline(breaker, answered => answered.Wire.Outcome == WireOutcome.NotSent, retries: 1);

        // Around the wire alone: a call that waited long for its turn at the disk still has its whole time there.
        _limit = new ResiliencePipelineBuilder { TimeProvider = queue.Clock }.AddTimeout(pacing.CallTimeout).Build();
    }

    /// <summary>Makes the store's notes ready: what a crashed run left Transmitting is uncertain now.</summary>
    public async Task BeginRunAsync(LeaseGrant lease)
    {
        _lease = lease;
        DateTimeOffset now = Now();
        _scopeId = await _queue.Committer.CommitAsync(
            session =>
            {
                NoteWrites.Recover(session, _store, now);
                NoteWrites.ShortenWaits(session, _store, now);
                Scopes.Shorten(session, now);
                return Scopes.IdOf(session, _scope);
            },
            lease);
    }

    /// <summary>Makes a call, unless the run ends, a limit holds or the note has moved.</summary>
    public async Task<SefazCall> CallAsync(QueuedNote? note, SefazService service, Func<long, byte[]> envelope)
    {
        SefazCall call = default;
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, _abort.Token);
        try
        {
            ResiliencePipeline<SefazAnswered> pipeline = service switch
            {
                SefazService.Autorizacao => _transmissions,
                SefazService.StatusServico => _status,
                _ => _questions,
            };
            await pipeline.ExecuteAsync(
                async _ =>
                {
                    SefazCall next = await CallOnceAsync(note, service, envelope, call.Answered);

                    // Where none is made any more, what the call before said still counts.
                    call = new SefazCall(next.Answered ?? call.Answered, next.HeldUntil);
                    return next.Answered ?? SefazAnswered.NotBegun;
                },
                context);
        }
        catch (BrokenCircuitException)
        {
            _stop.Set(Unreachable(call.Answered?.Wire.Failure));
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            // Stopped while waiting to call again: what the last call said still counts.
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        return call;
    }

    /// <summary>
    /// Writes down what a call made of a note, with the next note's announcement or when the queue is flushed. Gives back what
    /// was written: too many equal refusals end a note that would else be sent again.
    /// </summary>
    public Task<Decision> SaveAsync(QueuedNote note, SefazAnswered answered, Decision decision)
    {
        DateTimeOffset now = Now();
        TimeSpan? skew = Skew(answered.Reply, now);
        return _queue.Committer.Add(
            session =>
            {
                Attempts.End(session, answered.AttemptId, answered.Wire, answered.Reply, decision.Disposition, now);
                Decision written = decision.State == NoteState.Pending
                    ? Decide.Limited(decision, Attempts.Refused(session, note.NoteId, note.VersionId, decision.CStat))
                    : decision;
                NoteState state = NoteWrites.Settle(session, note, written, now);
                if (decision.Effect == RunEffect.Blocked)
                {
                    Scopes.Block(session, _scopeId, now);
                }

                if (decision.Disposition == Disposition.Clock && skew is { } measured)
                {
                    Scopes.SetClockSkew(session, _scopeId, measured);
                }

                return written with { State = state };
            },
            _lease);
    }

    /// <summary>
    /// Whether the service runs; where it does not, the run is stopped with the reason. What the last run or query learnt
    /// within three minutes holds, also that no answer came: runs may follow each other every minute.
    /// </summary>
    public async Task<bool> ServiceRunsAsync()
    {
        DateTimeOffset now = Now();
        (bool runs, StatusAnswer? last) = await _queue.Committer.CommitAsync(
            session => Scopes.IsRunning(session, _store.Id, _scopeId, now)
                ? (true, null)
                : (false, Attempts.LastStatus(session, _store.Id, _scopeId, now)),
            _lease);
        Disposition? known = last?.CStat is { } said ? CStatCatalogue.Of(said, SefazAnswer.Status) : null;
        if (runs || known == Disposition.InService)
        {
            return true;
        }

        if (last is not null && known != Disposition.Misuse)
        {
            _stop.Set(ServiceProblem.Remembered(_store, _scope.Authoriser, last));
            return false;
        }

        SefazCall call = await CallAsync(
            null, SefazService.StatusServico, _ => SefazEnvelope.Status(_store.Environment, Uf.Get(_store.Uf)));
        if (call.Answered is not { } answered)
        {
            return false;
        }

        now = Now();
        TimeSpan? skew = Skew(answered.Reply, now);
        Disposition meaning = answered.Reply is { } reply ? CStatCatalogue.Of(reply.CStat, SefazAnswer.Status) : Disposition.Uncertain;
        await _queue.Committer.CommitAsync(
            session =>
            {
                Attempts.End(session, answered.AttemptId, answered.Wire, answered.Reply, meaning, now);
                Scopes.Learn(session, _scopeId, meaning, skew, now);
                return true;
            },
            _lease);
        if (meaning == Disposition.InService)
        {
            return true;
        }

        _stop.Set(answered.Reply is null ? Unreachable(answered.Wire.Failure) : NotInService(meaning, answered.Reply));
        return false;
    }

    /// <summary>The error of a run that SEFAZ's block stops.</summary>
    public NfceSyncException Blocked(DateTimeOffset until) => ServiceProblem.Blocked(_store, until);

    /// <summary>Gives what is on the wire a moment to end; then its waiting ends and the notes are uncertain.</summary>
    public void AbortAfterDrain() =>
        _drain = _queue.Clock.CreateTimer(_ => _abort.Cancel(), null, _pacing.Drain, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _drain?.Dispose();
        _abort.Dispose();
    }

    private async Task<SefazCall> CallOnceAsync(
        QueuedNote? note, SefazService service, Func<long, byte[]> envelope, SefazAnswered? before)
    {
        Begun begun = await BeginAsync(note, service, before);
        while (begun.AttemptId > 0 && _queue.Leases.MayBeLost(_lease))
        {
            // The run stood still, or the clock was put forward. Where nobody took the lease it is renewed, and the call is
            // written down anew: what forbids it may have come in meanwhile.
            await _queue.Leases.RenewAsync(_lease);
            begun = await BeginAsync(note, service, Withheld(begun.AttemptId));
        }

        if (begun.BlockedUntil is { } until)
        {
            _stop.Set(Blocked(until));
        }

        if (begun.AttemptId == 0)
        {
            return new SefazCall(null, begun.HeldUntil);
        }

        if (_stop.IsSet)
        {
            // The reason came while this call was written down: a block would be renewed by it.
            await WithdrawAsync(note, service, begun.AttemptId);
            return default;
        }

        _queue.Probe?.Invoke(CrashPoint.BeforeSend);
        WireReply wire = await SendAsync(service, envelope(begun.AttemptId));
        _queue.Probe?.Invoke(CrashPoint.Answered);
        SefazReply? reply = wire.Outcome == WireOutcome.Answered ? SefazReply.Read(service, _store.Environment, wire.Body) : null;
        TellClock(reply);
        return new SefazCall(new SefazAnswered(begun.AttemptId, wire, reply), null);
    }

    private async Task<WireReply> SendAsync(SefazService service, byte[] envelope)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, _abort.Token);
        try
        {
            return await _limit.ExecuteAsync(
                async limited => await _transport.SendAsync(service, envelope, limited.CancellationToken), context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private Task<Begun> BeginAsync(QueuedNote? note, SefazService service, SefazAnswered? before)
    {
        DateTimeOffset now = Now();
        return _queue.Committer.CommitAsync(
            session =>
            {
                Begun begun = Begin(session, note, service, before, now);
                if (begun.AttemptId == 0 && note is not null && service == SefazService.Autorizacao)
                {
                    NoteWrites.Withdraw(session, note, now);
                }

                return begun;
            },
            _lease);
    }

    private Task<bool> WithdrawAsync(QueuedNote? note, SefazService service, long attemptId)
    {
        DateTimeOffset now = Now();
        return _queue.Committer.CommitAsync(
            session =>
            {
                Attempts.End(session, attemptId, Withheld(attemptId).Wire, null, null, now);
                if (note is not null && service == SefazService.Autorizacao)
                {
                    NoteWrites.Withdraw(session, note, now);
                }

                return true;
            },
            _lease);
    }

    /// <summary>A call that was written down and not made.</summary>
    private static SefazAnswered Withheld(long attemptId) => new(attemptId, SefazAnswered.NotBegun.Wire, null);

    private Begun Begin(SqlSession session, QueuedNote? note, SefazService service, SefazAnswered? before, DateTimeOffset now)
    {
        if (before is not null)
        {
            Attempts.End(session, before.AttemptId, before.Wire, before.Reply, null, now);
        }

        if (Scopes.BlockedUntil(session, _scope, now) is { } until)
        {
            return new Begun(0, until, null);
        }

        // SEFAZ counts every call that reaches it, so one that is made again counts too.
        if (note is not null)
        {
            if (Attempts.NextAllowed(session, note, service, now) is { } next)
            {
                NoteWrites.Hold(session, note, next, now);
                return new Begun(0, null, next);
            }

            if (service == SefazService.Autorizacao && note.Attempts >= Attempts.EqualRejections
                && Attempts.Refused(session, note.NoteId, note.VersionId) is { Times: >= Attempts.EqualRejections } refused)
            {
                NoteWrites.GiveUp(session, note.NoteId, note.VersionId, refused, now);
                return default;
            }

            // Meanwhile the ERP's nfeProc may have come in: such a note is asked for, not sent.
            bool again = before is not null;
            bool goesOn = service != SefazService.Autorizacao ? again || NoteWrites.Ask(session, note)
                : again ? NoteWrites.IsStillToBeSent(session, note)
                : NoteWrites.Announce(session, note, now);
            if (!goesOn)
            {
                return default;
            }
        }

        return new Begun(Attempts.Begin(session, note, _scopeId, service, _lease.Token, now), null, null);
    }

    private ResiliencePipeline<SefazAnswered> Pipeline(
        ResiliencePipeline<SefazAnswered> breaker, Func<SefazAnswered, bool> harmless, int retries)
    {
        var retry = new RetryStrategyOptions<SefazAnswered>
        {
            MaxRetryAttempts = retries,
            Delay = _pacing.RetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => new(
                arguments.Outcome.Result is { WasMade: true } answered && harmless(answered) && !_stop.IsSet),
        };
        if (_pacing.Random is { } random)
        {
            retry.Randomizer = random;
        }

        return new ResiliencePipelineBuilder<SefazAnswered> { TimeProvider = _queue.Clock }
            .AddRetry(retry)
            .AddPipeline(breaker)
            .Build();
    }

    private NfceSyncException Unreachable(NfceSyncException? failure) => ServiceProblem.Unreachable(_store, _scope.Authoriser, failure);

    private NfceSyncException NotInService(Disposition meaning, SefazReply reply) => meaning == Disposition.Misuse
        ? Blocked(Now() + Scopes.BlockDuration)
        : ServiceProblem.NotInService(_store, meaning, reply.CStat, reply.XMotivo);

    // SEFAZ's clock is the reference: it refuses notes that lie more than five minutes ahead of it (703).
    private void TellClock(SefazReply? reply)
    {
        if (Skew(reply, Now()) is { } skew && skew.Duration() > Decide.ClockTolerance && Interlocked.Exchange(ref _clockTold, 1) == 0)
        {
            _listener.Warn(new NfceSyncException(
                ErrorIds.NfceClockWrong, NfceErrorCategory.InvalidOperation, _store.Name, Math.Round(skew.TotalMinutes)));
        }
    }

    private static TimeSpan? Skew(SefazReply? reply, DateTimeOffset now) =>
        reply is not null && Decide.TryInstant(reply.DhRecbto) is { } sefaz ? now - sefaz : null;

    private DateTimeOffset Now() => _queue.Clock.GetUtcNow();

    /// <summary>A call that was written down; 0: it must not be made.</summary>
    private readonly record struct Begun(long AttemptId, DateTimeOffset? BlockedUntil, DateTimeOffset? HeldUntil);
}

/// <summary>What became of a call.</summary>
/// <param name="Answered">The call; null where none was made.</param>
/// <param name="HeldUntil">Before this no call is made about the note, which the queue knows; null: no limit holds.</param>
internal readonly record struct SefazCall(SefazAnswered? Answered, DateTimeOffset? HeldUntil);

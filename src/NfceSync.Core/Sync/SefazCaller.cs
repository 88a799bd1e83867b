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

    /// <summary>Makes a call; null where none was made because the run ends, a limit holds or the note has moved.</summary>
    public async Task<SefazAnswered?> CallAsync(QueuedNote? note, SefazService service, Func<long, byte[]> envelope)
    {
        SefazAnswered? last = null;
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
                async tried =>
                {
                    if (await CallOnceAsync(note, service, envelope, last, tried.CancellationToken) is not { } answered)
                    {
                        // What the call before said still counts.
                        return SefazAnswered.NotBegun;
                    }

                    last = answered;
                    return answered;
                },
                context);
        }
        catch (BrokenCircuitException)
        {
            _stop.Set(Unreachable(last?.Wire.Failure));
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            // Stopped while waiting to call again: what the last call said still counts.
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        return last;
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
                NoteWrites.Settle(session, note, written, now);
                if (decision.Effect == RunEffect.Blocked)
                {
                    Scopes.Block(session, _scopeId, now);
                }

                if (decision.Disposition == Disposition.Clock && skew is { } measured)
                {
                    Scopes.SetClockSkew(session, _scopeId, measured);
                }

                return written;
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
            session => (Scopes.IsRunning(session, _scopeId, now), Attempts.LastStatus(session, _scopeId, now - Scopes.StatusHolds, now)),
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

        SefazAnswered? answered = await CallAsync(
            null, SefazService.StatusServico, _ => SefazEnvelope.Status(_store.Environment, Uf.Get(_store.Uf)));
        if (answered is null)
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
                if (meaning == Disposition.InService)
                {
                    Scopes.Running(session, _scopeId, now);
                }
                else if (meaning == Disposition.Misuse)
                {
                    Scopes.Block(session, _scopeId, now);
                }

                if (skew is { } measured)
                {
                    Scopes.SetClockSkew(session, _scopeId, measured);
                }

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

    private async Task<SefazAnswered?> CallOnceAsync(
        QueuedNote? note, SefazService service, Func<long, byte[]> envelope, SefazAnswered? before, CancellationToken cancel)
    {
        DateTimeOffset now = Now();
        Begun begun = await _queue.Committer.CommitAsync(session => Begin(session, note, service, before, now), _lease);
        if (begun.BlockedUntil is { } until)
        {
            _stop.Set(Blocked(until));
        }

        if (begun.AttemptId == 0)
        {
            return null;
        }

        if (cancel.IsCancellationRequested || _queue.Leases.MayBeLost(_lease))
        {
            // Too late to send: the user stopped the run, or it stood still so long that another may be at work.
            return new SefazAnswered(begun.AttemptId, new WireReply(WireOutcome.NotSent, null, default, null), null);
        }

        _queue.Probe?.Invoke(CrashPoint.BeforeSend);
        WireReply wire = await _transport.SendAsync(service, envelope(begun.AttemptId), cancel);
        _queue.Probe?.Invoke(CrashPoint.Answered);
        SefazReply? reply = wire.Outcome == WireOutcome.Answered ? SefazReply.Read(service, _store.Environment, wire.Body) : null;
        TellClock(reply);
        return new SefazAnswered(begun.AttemptId, wire, reply);
    }

    private Begun Begin(SqlSession session, QueuedNote? note, SefazService service, SefazAnswered? before, DateTimeOffset now)
    {
        bool again = before is { AttemptId: > 0 };
        if (again)
        {
            Attempts.End(session, before!.AttemptId, before.Wire, before.Reply, null, now);
        }

        if (Scopes.BlockedUntil(session, _scope, now) is { } until)
        {
            return new Begun(0, until);
        }

        // SEFAZ counts every call that reaches it, so one that is made again counts too.
        if (note is not null)
        {
            if (Attempts.NextAllowed(session, note, service, now) is { } next)
            {
                NoteWrites.Hold(session, note, next, now);
                return new Begun(0, null);
            }

            if (service == SefazService.Autorizacao && note.Attempts >= Attempts.EqualRejections
                && Attempts.Refused(session, note.NoteId, note.VersionId) is { Times: >= Attempts.EqualRejections } refused)
            {
                NoteWrites.GiveUp(session, note.NoteId, note.VersionId, refused, now);
                return new Begun(0, null);
            }

            // Meanwhile the ERP's nfeProc may have come in: such a note is asked for, not sent.
            bool goesOn = service != SefazService.Autorizacao ? again || NoteWrites.Ask(session, note)
                : again ? NoteWrites.IsStillToBeSent(session, note)
                : NoteWrites.Announce(session, note, now);
            if (!goesOn)
            {
                return new Begun(0, null);
            }
        }

        return new Begun(Attempts.Begin(session, note, _scopeId, service, _lease.Token, now), null);
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
                arguments.Outcome.Result is { AttemptId: > 0 } answered && harmless(answered) && !_stop.IsSet),
        };
        if (_pacing.Random is { } random)
        {
            retry.Randomizer = random;
        }

        return new ResiliencePipelineBuilder<SefazAnswered> { TimeProvider = _queue.Clock }
            .AddRetry(retry)
            .AddPipeline(breaker)
            .AddTimeout(_pacing.CallTimeout)
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

    private readonly record struct Begun(long AttemptId, DateTimeOffset? BlockedUntil);
}

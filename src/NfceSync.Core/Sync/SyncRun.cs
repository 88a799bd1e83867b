using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>
/// One run for one store: queue row → request → reply → decision → row → archive file. What was announced is durable before
/// it is done, and what is uncertain is asked for before it is sent again, so the run may die at any instant.
/// </summary>
internal sealed class SyncRun : IDisposable
{
    private readonly NfceQueue _queue;
    private readonly Store _store;
    private readonly SyncOptions _options;
    private readonly ISyncListener _listener;
    private readonly SefazCaller _caller;
    private readonly Archive _archive;
    private readonly RunStop _stop = new();
    private readonly object _gate = new();

    /// <summary>The uncertain notes that this run has told as pending: they are the next run's.</summary>
    private readonly HashSet<long> _told = new();
    private LeaseGrant _lease = null!;
    private Task<bool>? _service;
    private int _total;
    private int _handled;
    private int _final;

    public SyncRun(
        NfceQueue queue,
        Store store,
        ISefazTransport transport,
        string certificateId,
        SyncOptions options,
        ISyncListener listener,
        IArchiveFiles files)
    {
        _queue = queue;
        _store = store;
        _options = options;
        _listener = listener;
        _caller = new SefazCaller(queue, store, transport, certificateId, options.Pacing, _stop, listener);
        _archive = new Archive(queue, store, files, listener);
    }

    public async Task<SyncReport> RunAsync(IReadOnlyCollection<string>? only, CancellationToken stop)
    {
        _lease = await _queue.Leases.AcquireAsync(_store.IssuerId, (int)_store.Environment, _options.Wait, stop);
        try
        {
            using CancellationTokenRegistration stopping = stop.Register(StopByUser);
            await RunUnderLeaseAsync(only);
        }
        finally
        {
            await ReleaseAsync();
        }

        return new SyncReport { Handled = _handled, Final = _final, Stop = _stop.Reason };
    }

    public void Dispose()
    {
        _caller.Dispose();
        _stop.Dispose();
    }

    private async Task RunUnderLeaseAsync(IReadOnlyCollection<string>? only)
    {
        using var ended = new CancellationTokenSource();
        Task keeping = KeepLeaseAsync(ended.Token);
        try
        {
            Task archiving = _archive.RunAsync(_lease);
            try
            {
                await WorkAllAsync(only);
            }
            finally
            {
                await _archive.FinishAsync(archiving);
            }
        }
        finally
        {
            ended.Cancel();
            await keeping;
        }
    }

    private async Task WorkAllAsync(IReadOnlyCollection<string>? only)
    {
        try
        {
            await _caller.BeginRunAsync(_lease);
            if (_options.IncludeRejected && only is not null)
            {
                DateTimeOffset now = Now();
                await _queue.Committer.CommitAsync(session => NoteWrites.SendAgain(session, _store, only, now), _lease);
            }

            _total = CountWork(only);
            await WorkThroughAsync(NoteState.Uncertain, only);
            await WorkThroughAsync(NoteState.Pending, only);
        }
        catch (NfceSyncException e)
        {
            _stop.Set(e);
        }
    }

    private int CountWork(IReadOnlyCollection<string>? only)
    {
        using SqlSession session = _queue.Database.Open(readOnly: true);
        long open = _queue.Database.Guard(() => session.Scalar<long>(
            "SELECT count(*) FROM note WHERE store_id = $1 AND state IN (1, 3) AND state NOT IN (6, 7, 8) AND exception IS NULL", _store.Id));
        return only is null ? (int)open : Math.Min((int)open, only.Count);
    }

    private async Task WorkThroughAsync(NoteState state, IReadOnlyCollection<string>? only)
    {
        using var feed = new NoteFeed(_queue, _store, state, only);
        await Task.WhenAll(Enumerable.Range(0, _options.ThrottleLimit).Select(_ => WorkAsync(feed)));
    }

    private async Task WorkAsync(NoteFeed feed)
    {
        try
        {
            // Never waits for the last note's end before the next one is announced: both are written with one commit.
            Task last = Task.CompletedTask;
            try
            {
                while (!_stop.IsSet && Next(feed) is { } note)
                {
                    Task before = last;
                    last = await BringHomeAsync(note);
                    await before;
                }
            }
            finally
            {
                // However it ended: nothing is told of a note after the run's own end.
                _queue.Committer.Flush();
                await last;
            }
        }
        catch (NfceSyncException e)
        {
            // The queue cannot be written, or the lease is gone: whatever was announced is uncertain for the next run.
            _stop.Set(e);
        }
    }

    private QueuedNote? Next(NoteFeed feed)
    {
        while (feed.Next() is { } note)
        {
            lock (_gate)
            {
                if (!_told.Contains(note.NoteId))
                {
                    return note;
                }
            }
        }

        return null;
    }

    /// <summary>Brings one note as far as this run can. The task it gives back ends when the last step is durable and told.</summary>
    private async Task<Task> BringHomeAsync(QueuedNote note)
    {
        bool asked = note.State == NoteState.Uncertain;
        Decision? before = null;
        for (int call = 1; ; call++)
        {
            Called called = note.State == NoteState.Pending ? await TransmitAsync(note)
                : note.NRec is not null ? await AskByReceiptAsync(note)
                : await ConsultAsync(note);
            if (called is not { Answered: { } answered, Decision: { } decision })
            {
                // What the last note left to be written with this one's announcement.
                _queue.Committer.Flush();
                if (before is not null || called.HeldUntil is not null)
                {
                    Report(note, (before ?? Decision.AsItWas(note)) with { NotBefore = called.HeldUntil }, asked);
                }

                return Task.CompletedTask;
            }

            StopWhere(decision);
            Task<Decision> saved = _caller.SaveAsync(note, answered, decision);
            if (!GoesOn(decision, call))
            {
                return FinishAsync(note, saved, asked);
            }

            _queue.Committer.Flush();
            decision = await saved;
            _listener.Tell(Story.Step(note, decision));
            await PauseAsync(decision, call);
            note = note.After(decision);
            before = decision;
            if (_stop.IsSet)
            {
                Report(note, decision, asked);
                return Task.CompletedTask;
            }
        }
    }

    private async Task<Called> TransmitAsync(QueuedNote note)
    {
        if (!await ServiceRunsAsync())
        {
            return default;
        }

        SefazCall call = await _caller.CallAsync(
            note, SefazService.Autorizacao, idLote => SefazEnvelope.Transmission(note.Bytes.Span, idLote));
        return Judge(
            call, answered => Decide.OnTransmission(note, answered.Wire.Outcome, answered.Reply, answered.Wire.Failure, Now()));
    }

    private async Task<Called> AskByReceiptAsync(QueuedNote note)
    {
        SefazCall call = await _caller.CallAsync(
            note, SefazService.RetAutorizacao, _ => SefazEnvelope.Receipt(_store.Environment, note.NRec!));
        return Judge(call, answered => Decide.OnReceipt(note, answered.Reply, answered.Wire.Failure, Now()));
    }

    private async Task<Called> ConsultAsync(QueuedNote note)
    {
        SefazCall call = await _caller.CallAsync(
            note, SefazService.ConsultaProtocolo, _ => SefazEnvelope.Consult(_store.Environment, note.Key));
        return Judge(call, answered => Decide.OnConsult(note, answered.Reply, answered.Wire.Failure));
    }

    /// <summary>Asks for the service's state when something is to be sent, once a run; a 107 is believed for three minutes.</summary>
    private Task<bool> ServiceRunsAsync()
    {
        lock (_gate)
        {
            return _service ??= _caller.ServiceRunsAsync();
        }
    }

    private bool GoesOn(Decision decision, int call)
    {
        if (decision.Effect != RunEffect.None || decision.NotBefore is not null || _stop.IsSet || call >= _options.Pacing.CallsANote)
        {
            return false;
        }

        // A note that never left stays for the next run; one that SEFAZ does not know is sent again, one in doubt is asked for.
        return decision.State == NoteState.Uncertain || (decision.State == NoteState.Pending && decision.Disposition == Disposition.NotFound);
    }

    private async Task PauseAsync(Decision decision, int call)
    {
        if (decision.State == NoteState.Pending)
        {
            return;
        }

        SyncPacing pacing = _options.Pacing;
        TimeSpan wait = decision.NRec is not null
            ? pacing.ReceiptDelay
            : TimeSpan.FromTicks((long)(pacing.ConsultDelay.Ticks * Math.Pow(2, call - 1)));
        try
        {
            await _queue.Clock.Delay(wait, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The run was stopped: the note stays uncertain, which is already written.
        }
    }

    /// <summary>Before the answer is written: while that commit is under way the next note must not be announced.</summary>
    private void StopWhere(Decision decision)
    {
        switch (decision.Effect)
        {
            case RunEffect.ServicePaused:
                _stop.Set(Because(ErrorIds.NfceServicePaused, decision));
                break;
            case RunEffect.StoreMisconfigured:
                _stop.Set(Because(ErrorIds.NfceStoreMisconfigured, decision));
                break;
            case RunEffect.Blocked:
                _stop.Set(_caller.Blocked(Now() + Scopes.BlockDuration));
                break;
            default:
                break;
        }
    }

    private async Task FinishAsync(QueuedNote note, Task<Decision> saved, bool asked)
    {
        Decision decision = await saved;
        if (decision.Protocol is { } protocol)
        {
            await _archive.AddAsync(new ArchiveItem(note.NoteId, note.Key, note.DhEmi, note.Bytes, protocol, decision.Event));
        }

        _listener.Tell(Story.Step(note, decision));
        Report(note, decision, asked);
    }

    /// <summary>The note is as far as this run brings it; told once a note.</summary>
    private void Report(QueuedNote note, Decision decision, bool asked)
    {
        if (asked && decision.State == NoteState.Pending)
        {
            lock (_gate)
            {
                _told.Add(note.NoteId);
            }
        }

        int handled = Interlocked.Increment(ref _handled);
        if (decision.State.IsFinal())
        {
            Interlocked.Increment(ref _final);
        }

        _listener.Decided(Story.Result(_store, note, decision));
        _listener.Progress(handled, Math.Max(handled, _total));
    }

    private NfceSyncException Because(string errorId, Decision decision) => new(
        errorId,
        NfceErrorCategory.InvalidOperation,
        _store.Name,
        _store.Name,
        decision.CStat,
        decision.XMotivo,
        decision.CStat is { } cStat ? CStatCatalogue.Advice(cStat, SefazAnswer.Transmission).ToString() : string.Empty);

    private async Task KeepLeaseAsync(CancellationToken ended)
    {
        try
        {
            while (true)
            {
                await _queue.Clock.Delay(Leases.RenewEvery, ended);
                await _queue.Leases.RenewAsync(_lease);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        catch (NfceSyncException e)
        {
            _stop.Set(e);
        }
    }

    private async Task ReleaseAsync()
    {
        try
        {
            await _queue.Leases.ReleaseAsync(_lease);
        }
        catch (NfceSyncException e)
        {
            // It runs out by itself; the run's own end must still be told.
            _stop.Set(e);
        }
    }

    private void StopByUser()
    {
        _stop.Set(new NfceSyncException(ErrorIds.NfceStopped, NfceErrorCategory.InvalidOperation, _store.Name, _store.Name));
        _caller.AbortAfterDrain();
    }

    private DateTimeOffset Now() => _queue.Clock.GetUtcNow();

    private static Called Judge(SefazCall call, Func<SefazAnswered, Decision> decide) =>
        new(call.Answered, call.Answered is { } answered ? decide(answered) : null, call.HeldUntil);

    /// <summary>A call and what it made of the note; without them none was made.</summary>
    private readonly record struct Called(SefazAnswered? Answered, Decision? Decision, DateTimeOffset? HeldUntil);
}

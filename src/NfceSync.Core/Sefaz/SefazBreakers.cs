using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Polly;
using Polly.CircuitBreaker;

namespace NfceSync.Core.Sefaz;

/// <summary>
/// One circuit breaker per authoriser and environment, shared by all runs over one open queue: an authoriser that does not
/// answer one store is not hammered for the next.
/// </summary>
internal sealed class SefazBreakers
{
    private readonly ConcurrentDictionary<string, ResiliencePipeline<SefazAnswered>> _breakers = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;

    public SefazBreakers(TimeProvider clock) => _clock = clock;

    /// <summary>The breaker.</summary>
    public ResiliencePipeline<SefazAnswered> Of(string authoriser, int tpAmb) => _breakers.GetOrAdd(
        authoriser + "/" + tpAmb,
        _ => new ResiliencePipelineBuilder<SefazAnswered>().AddStrategy(_ => new SefazBreaker(_clock), new SefazBreaker.Options()).Build());
}

/// <summary>
/// Open once six of the last twelve calls got no valid answer. Polly's own breaker counts within a span of time: calls that
/// hang are too few in a short one, and in a long one the good answers from before keep it closed.
/// </summary>
internal sealed class SefazBreaker : ResilienceStrategy<SefazAnswered>
{
    private const int Remembered = 12;
    private const int MostUnanswered = 6;

    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _clock;
    private readonly object _gate = new();
    private readonly Queue<bool> _answered = new();
    private long? _openedAt;
    private bool _trying;

    public SefazBreaker(TimeProvider clock) => _clock = clock;

    protected override async ValueTask<Outcome<SefazAnswered>> ExecuteCore<TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<SefazAnswered>>> callback, ResilienceContext context, TState state)
    {
        if (!MayCall(out bool trying))
        {
            return Outcome.FromException<SefazAnswered>(new BrokenCircuitException());
        }

        Outcome<SefazAnswered> outcome = await callback(context, state).ConfigureAwait(context.ContinueOnCapturedContext);
        Count(outcome.Result, trying);
        return outcome;
    }

    // After the break one call tries whether it is over; the others wait for what becomes of it.
    private bool MayCall(out bool trying)
    {
        lock (_gate)
        {
            trying = _openedAt is { } opened && !_trying && _clock.GetElapsedTime(opened) >= Break;
            _trying |= trying;
            return trying || _openedAt is null;
        }
    }

    private void Count(SefazAnswered? call, bool trying)
    {
        lock (_gate)
        {
            _trying &= !trying;

            // One that was begun before the breaker opened and ends behind it tells nothing new.
            if (call is not { WasMade: true } || (_openedAt is not null && !trying))
            {
                return;
            }

            bool answered = call.Reply is not null;
            if (trying && answered)
            {
                _openedAt = null;
                _answered.Clear();
            }

            _answered.Enqueue(answered);
            if (_answered.Count > Remembered)
            {
                _answered.Dequeue();
            }

            if (trying ? !answered : _answered.Count(good => !good) >= MostUnanswered)
            {
                _openedAt = _clock.GetTimestamp();
            }
        }
    }

    /// <summary>Polly asks for options where a strategy is added; this one has none.</summary>
    internal sealed class Options : ResilienceStrategyOptions;
}

/// <summary>One call to SEFAZ and its end.</summary>
/// <param name="AttemptId">Its row in the attempt log.</param>
/// <param name="Wire">What the wire can tell.</param>
/// <param name="Reply">SEFAZ's valid answer; null where none came.</param>
internal sealed record SefazAnswered(long AttemptId, WireReply Wire, SefazReply? Reply)
{
    /// <summary>No call was made.</summary>
    public static SefazAnswered NotBegun { get; } = new(0, new WireReply(WireOutcome.NotSent, null, default, null), null);

    /// <summary>Whether the network was asked at all.</summary>
    public bool WasMade => AttemptId > 0;
}

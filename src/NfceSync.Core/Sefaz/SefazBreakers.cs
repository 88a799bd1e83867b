using System;
using System.Collections.Concurrent;

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

    /// <summary>The breaker: open after half of at least six calls within half a minute got no valid answer.</summary>
    public ResiliencePipeline<SefazAnswered> Of(string authoriser, int tpAmb) => _breakers.GetOrAdd(
        authoriser + "/" + tpAmb,
        _ => new ResiliencePipelineBuilder<SefazAnswered> { TimeProvider = _clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<SefazAnswered>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 6,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = TimeSpan.FromSeconds(30),
                ShouldHandle = arguments => new(arguments.Outcome.Result is { AttemptId: > 0, Reply: null }),
            })
            .Build());
}

/// <summary>One call to SEFAZ and its end.</summary>
/// <param name="AttemptId">Its row in the attempt log.</param>
/// <param name="Wire">What the wire can tell.</param>
/// <param name="Reply">SEFAZ's valid answer; null where none came.</param>
internal sealed record SefazAnswered(long AttemptId, WireReply Wire, SefazReply? Reply)
{
    /// <summary>No call was made.</summary>
    public static SefazAnswered NotBegun { get; } = new(0, new WireReply(WireOutcome.NotSent, null, default, null), null);
}

using System;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.Extensions.Time.Testing;

using NfceSync.Core.Sefaz;

using Polly;
using Polly.CircuitBreaker;

using Xunit;

namespace NfceSync.Core.Tests.Sefaz;

/// <summary>When an authoriser that gives no answers is left alone.</summary>
public class SefazBreakerTests
{
    private static readonly SefazAnswered Good = new(1, new WireReply(WireOutcome.Answered, 200, default, null), new SefazReply { CStat = 107 });
    private static readonly SefazAnswered Unanswered = new(1, new WireReply(WireOutcome.NoAnswer, null, default, null), null);

    private readonly FakeTimeProvider _clock = new();
    private readonly ResiliencePipeline<SefazAnswered> _breaker;

    public SefazBreakerTests() => _breaker = new SefazBreakers(_clock).Of("SVRS", 2);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 600)]
    [InlineData(1000, 0)]
    [InlineData(1000, 600)]
    public async Task Six_calls_on_end_without_an_answer_open_it_however_long_they_take_and_whatever_came_before(int goodBefore, int seconds)
    {
        for (int i = 0; i < goodBefore; i++)
        {
            await CallAsync(Good);
        }

        for (int i = 0; i < 6; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds));
            await CallAsync(Unanswered);
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => CallAsync(Good));
    }

    [Fact]
    public async Task A_service_that_hangs_beside_one_that_answers_opens_it_too()
    {
        for (int i = 0; i < 6; i++)
        {
            await CallAsync(Good);
            await CallAsync(Unanswered);
        }

        await Assert.ThrowsAsync<BrokenCircuitException>(() => CallAsync(Good));
    }

    [Fact]
    public async Task Few_calls_without_an_answer_leave_it_closed()
    {
        for (int i = 0; i < 100; i++)
        {
            await CallAsync(i % 3 == 0 ? Unanswered : Good);
        }
    }

    [Fact]
    public async Task Calls_that_were_not_made_do_not_count()
    {
        for (int i = 0; i < 20; i++)
        {
            await CallAsync(SefazAnswered.NotBegun);
        }
    }

    [Fact]
    public async Task After_the_break_one_call_tries_whether_it_is_over()
    {
        for (int i = 0; i < 6; i++)
        {
            await CallAsync(Unanswered);
        }

        _clock.Advance(TimeSpan.FromSeconds(29));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => CallAsync(Good));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var trial = new TaskCompletionSource<SefazAnswered>();
        Task<SefazAnswered> trying = _breaker.ExecuteAsync(async _ => await trial.Task).AsTask();
        await Assert.ThrowsAsync<BrokenCircuitException>(() => CallAsync(Good));
        trial.SetResult(Unanswered);
        await trying;
        await Assert.ThrowsAsync<BrokenCircuitException>(() => CallAsync(Good));

        _clock.Advance(TimeSpan.FromSeconds(30));
        await CallAsync(SefazAnswered.NotBegun);
        await CallAsync(Good);
        foreach (int _ in Enumerable.Range(0, 5))
        {
            await CallAsync(Unanswered);
        }

        await CallAsync(Good);
    }

    private Task<SefazAnswered> CallAsync(SefazAnswered end) => _breaker.ExecuteAsync(_ => new ValueTask<SefazAnswered>(end)).AsTask();
}

using System;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Time.Testing;

using NfceSync.Core.Tests.Simulation;

namespace NfceSync.Core.Tests.Sync;

/// <summary>
/// Runs on the caller's thread alone, by a clock that goes on only when nobody has anything to do: minutes of waiting pass in
/// a moment and in the same order each time.
/// </summary>
internal static class VirtualTime
{
    private const int MostIdleSeconds = 100_000;

    /// <summary>Goes on until the work has ended, and then until nothing that it began has anything left to do.</summary>
    public static T Run<T>(FakeTimeProvider clock, Func<Task<T>> work, Random dice)
    {
        SynchronizationContext? outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var scheduler = new ProcessScheduler();
            Task<T>? running = null;
            scheduler.Start(() => running = work());
            for (int idle = 0; idle < MostIdleSeconds && (scheduler.HasWork || running is not { IsCompleted: true });)
            {
                if (scheduler.HasWork)
                {
                    scheduler.RunOne(dice);
                }
                else
                {
                    idle++;
                    clock.Advance(TimeSpan.FromSeconds(1));
                }
            }

            return running is { IsCompleted: true } ? running.GetAwaiter().GetResult() : throw new TimeoutException("It does not end.");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }
}

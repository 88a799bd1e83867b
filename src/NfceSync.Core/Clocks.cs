#if NET
using System;
using System.Threading;
using System.Threading.Tasks;

namespace NfceSync.Core;

/// <summary>What Microsoft.Bcl.TimeProvider gives .NET Framework under the same name.</summary>
internal static class Clocks
{
    public static Task Delay(this TimeProvider clock, TimeSpan delay, CancellationToken cancel) => Task.Delay(delay, clock, cancel);
}
#endif

using System;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Sefaz;

/// <summary>What became of a request, as far as the wire can tell. The values are stored: never renumber.</summary>
public enum WireOutcome
{
    /// <summary>Begun, and nothing more is known (the process may have died).</summary>
    Open = 0,

    /// <summary>No byte of the request left: refused, DNS, TLS handshake.</summary>
    NotSent = 1,

    /// <summary>Bytes left and no usable answer came: timeout, reset, an HTTP error, half an answer.</summary>
    NoAnswer = 2,

    /// <summary>An answer came whole.</summary>
    Answered = 3,
}

/// <summary>What came back for one request.</summary>
/// <param name="Outcome">What became of the request.</param>
/// <param name="HttpStatus">The HTTP status, or null where none came.</param>
/// <param name="Body">The answer's body, as far as it came.</param>
/// <param name="Failure">What went wrong, for the technician; null for an answer.</param>
public sealed record WireReply(WireOutcome Outcome, int? HttpStatus, ReadOnlyMemory<byte> Body, NfceSyncException? Failure);

/// <summary>
/// The way to one authoriser in one environment with one certificate. It sends a request at most once and never throws for
/// what the network does: that is a <see cref="WireReply"/>.
/// </summary>
public interface ISefazTransport : IDisposable
{
    /// <summary>Sends one request and waits for its answer.</summary>
    /// <param name="service">The service.</param>
    /// <param name="envelope">The whole SOAP envelope.</param>
    /// <param name="cancel">Gives up waiting; bytes may have left by then.</param>
    Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel);
}

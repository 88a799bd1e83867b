using System;
using System.Net.Sockets;
using System.Security.Authentication;

namespace NfceSync.Core.Sefaz;

/// <summary>What cut the way to SEFAZ, in the user's language where it is one of the usual causes.</summary>
internal static class WireCause
{
    /// <summary>The cause; the system's own words, which are English, where there are none of ours.</summary>
    /// <remarks>The innermost exception names the cause ("connection refused"); the outer ones only say that sending failed.</remarks>
    public static string Of(Exception e)
    {
        string? own = null;
        for (Exception? at = e; at is not null; at = at.InnerException)
        {
            own = Known(at) ?? own;
        }

        return own ?? e.GetBaseException().Message;
    }

    private static string? Known(Exception e) => e switch
    {
        SocketException socket => socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => Texts.Get("WireRefused"),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => Texts.Get("WireNameNotFound"),
            SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown => Texts.Get("WireNoRoute"),
            SocketError.ConnectionReset or SocketError.ConnectionAborted => Texts.Get("WireCut"),
            SocketError.TimedOut => Texts.Get("WireTimedOut"),
            _ => null,
        },
        AuthenticationException => Texts.Get("WireHandshake"),
        OperationCanceledException or TimeoutException => Texts.Get("WireTimedOut"),
#if NET
        System.Net.Http.HttpIOException { HttpRequestError: System.Net.Http.HttpRequestError.ResponseEnded } => Texts.Get("WireCut"),
#endif
        _ => null,
    };
}

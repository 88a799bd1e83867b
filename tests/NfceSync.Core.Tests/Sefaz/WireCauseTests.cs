using System;
using System.IO;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;

using NfceSync.Core.Sefaz;

using Xunit;

namespace NfceSync.Core.Tests.Sefaz;

/// <summary>What a technician reads where the way to SEFAZ is cut.</summary>
public class WireCauseTests
{
    [Theory]
    [InlineData(SocketError.ConnectionRefused, "WireRefused")]
    [InlineData(SocketError.HostNotFound, "WireNameNotFound")]
    [InlineData(SocketError.TryAgain, "WireNameNotFound")]
    [InlineData(SocketError.NetworkUnreachable, "WireNoRoute")]
    [InlineData(SocketError.ConnectionReset, "WireCut")]
    [InlineData(SocketError.TimedOut, "WireTimedOut")]
    public void What_a_socket_says_is_told_in_the_users_language(SocketError error, string textId) =>
        Assert.Equal(Texts.Get(textId), WireCause.Of(new HttpRequestException("outer", new SocketException((int)error))));

    [Fact]
    public void The_innermost_cause_that_is_known_counts()
    {
        var reset = new IOException("read", new SocketException((int)SocketError.ConnectionReset));

        Assert.Equal(Texts.Get("WireHandshake"), WireCause.Of(new HttpRequestException("outer", new AuthenticationException("tls"))));
        Assert.Equal(Texts.Get("WireCut"), WireCause.Of(new HttpRequestException("outer", new AuthenticationException("tls", reset))));
        Assert.Equal(Texts.Get("WireTimedOut"), WireCause.Of(new OperationCanceledException("given up", new IOException("aborted"))));
    }

    [Fact]
    public void An_unknown_cause_keeps_the_systems_words() =>
        Assert.Equal("the disk is on fire", WireCause.Of(new HttpRequestException("outer", new IOException("the disk is on fire"))));
}

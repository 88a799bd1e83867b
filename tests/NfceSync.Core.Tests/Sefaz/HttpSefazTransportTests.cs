using System;
using System.IO;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.Core.Tests.Notes;

using Xunit;

namespace NfceSync.Core.Tests.Sefaz;

/// <summary>
/// What the transport makes of what can happen on the wire, against a server that answers as it is told. Without TLS: mono,
/// which runs these tests on the net472 build, would not send the client certificate.
/// </summary>
public sealed class HttpSefazTransportTests : IDisposable
{
    private const int LargestReply = 4 * 1024 * 1024;

    private static readonly byte[] Envelope = Encoding.UTF8.GetBytes("<envelope>ção</envelope>");

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<bool> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpSefazTransport _transport;

    public HttpSefazTransportTests()
    {
        _server.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}/");
        X509Certificate2 certificate = TestIssuer.Cnpj.Certificate;
        _transport = new HttpSefazTransport(_ => address, certificate, ServerTrust.Load(null), connections: 1);
    }

    public void Dispose()
    {
        _transport.Dispose();
        _server.Stop();
    }

    [Fact]
    public async Task An_answer_comes_back_byte_for_byte_and_the_request_went_out_so()
    {
        Task<string> request = Serve("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<é>ok</>");

        WireReply reply = await Send();

        Assert.Equal((WireOutcome.Answered, 200), (reply.Outcome, reply.HttpStatus));
        Assert.Equal("<é>ok</>", Encoding.UTF8.GetString(reply.Body.ToArray()));
        Assert.EndsWith("\r\n\r\n<envelope>ção</envelope>", await request);
        Assert.Contains($"Content-Length: {Envelope.Length}\r\n", await request);
        Assert.Contains("application/soap+xml; charset=utf-8; action=\"", await request);
    }

    [Fact]
    public async Task An_error_status_is_no_answer()
    {
        Task<string> request = Serve("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy");

        WireReply reply = await Send();

        Assert.Equal(
            (WireOutcome.NoAnswer, (int?)503, ErrorIds.NfceSefazHttpError), (reply.Outcome, reply.HttpStatus, reply.Failure?.ErrorId));
        Assert.NotEmpty(await request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<half")]
    public async Task A_connection_that_ends_early_is_no_answer(string answer)
    {
        Task<string> request = Serve(answer);

        WireReply reply = await Send();

        Assert.Equal((WireOutcome.NoAnswer, ErrorIds.NfceSefazNoAnswer), (reply.Outcome, reply.Failure?.ErrorId));
        Assert.NotEmpty(await request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<half")]
    public async Task An_answer_that_is_waited_for_too_long_is_none(string answer)
    {
        using var enough = new CancellationTokenSource();
        using var never = new CancellationTokenSource();
        Task<string> request = Serve(answer, never.Token);

        Task<WireReply> sending = _transport.SendAsync(SefazService.Autorizacao, Envelope, enough.Token);
        await _answered.Task;
        enough.Cancel();
        WireReply reply = await sending;

        Assert.False(request.IsCompleted, "The server still holds the connection.");
        Assert.Equal((WireOutcome.NoAnswer, ErrorIds.NfceSefazNoAnswer), (reply.Outcome, reply.Failure?.ErrorId));
        never.Cancel();
        Assert.NotEmpty(await request);
    }

    [Fact]
    public async Task The_largest_answer_comes_back_whole()
    {
        byte[] body = Body(LargestReply);
        Task<string> request = Serve(Headers($"Content-Length: {body.Length}"), body);

        WireReply reply = await Send();

        Assert.Equal(WireOutcome.Answered, reply.Outcome);
        Assert.True(reply.Body.Span.SequenceEqual(body));
        Assert.NotEmpty(await request);
    }

    [Theory]
    [InlineData("Content-Length: 4194305", false)]
    [InlineData("Connection: close", false)]
    [InlineData("Content-Encoding: gzip\r\nConnection: close", true)]
    public async Task An_answer_that_is_too_large_is_none_and_is_not_kept(string header, bool compressed)
    {
        // Compressed it is a few kilobytes: what counts is what comes out.
        byte[] body = Body(LargestReply + 1);
        Task<string> request = Serve(Headers(header), compressed ? Compress(body) : body);

        WireReply reply = await Send();

        Assert.Equal(
            (WireOutcome.NoAnswer, 200, ErrorIds.NfceSefazAnswerTooLarge), (reply.Outcome, reply.HttpStatus, reply.Failure?.ErrorId));
        Assert.True(reply.Body.IsEmpty);
        Assert.Contains("4 MiB", reply.Failure!.Message);
        Assert.NotEmpty(await request);
    }

    [Fact]
    public async Task A_compressed_answer_comes_back_as_it_was()
    {
        byte[] body = Encoding.UTF8.GetBytes("<é>ok</>");
        Task<string> request = Serve(Headers("Content-Encoding: gzip\r\nConnection: close"), Compress(body));

        WireReply reply = await Send();

        Assert.Equal(WireOutcome.Answered, reply.Outcome);
        Assert.Equal("<é>ok</>", Encoding.UTF8.GetString(reply.Body.ToArray()));
        Assert.NotEmpty(await request);
    }

    [Fact]
    public async Task A_refused_connection_is_not_sent()
    {
        _server.Stop();

        WireReply reply = await Send();

        Assert.Equal((WireOutcome.NotSent, ErrorIds.NfceSefazUnreachable), (reply.Outcome, reply.Failure?.ErrorId));
    }

    private Task<WireReply> Send() => _transport.SendAsync(SefazService.Autorizacao, Envelope, CancellationToken.None);

    private static byte[] Headers(string header) => Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n");

    private static byte[] Body(int length)
    {
        var body = new byte[length];
        for (int i = 0; i < length; i++)
        {
            body[i] = (byte)('a' + i % 23);
        }

        return body;
    }

    private static byte[] Compress(byte[] body)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionMode.Compress))
        {
            gzip.Write(body, 0, body.Length);
        }

        return compressed.ToArray();
    }

    private Task<string> Serve(string answer, CancellationToken close = default) => Serve(Encoding.UTF8.GetBytes(answer), Array.Empty<byte>(), close);

    /// <summary>Reads one request, gives the answer, and closes: at once, or when it is told to.</summary>
    private Task<string> Serve(byte[] headers, byte[] body, CancellationToken close = default) => Task.Run(() =>
    {
        using TcpClient client = _server.AcceptTcpClient();
        using NetworkStream stream = client.GetStream();
        var request = new MemoryStream();
        var buffer = new byte[4096];
        while (!Encoding.UTF8.GetString(request.ToArray()).EndsWith("</envelope>", StringComparison.Ordinal))
        {
            int read = stream.Read(buffer, 0, buffer.Length);
            Assert.NotEqual(0, read);
            request.Write(buffer, 0, read);
        }

        try
        {
            stream.Write(headers, 0, headers.Length);
            stream.Write(body, 0, body.Length);
        }
        catch (IOException)
        {
            // The other side has heard enough.
        }

        _answered.TrySetResult(true);
        if (close.CanBeCanceled)
        {
            close.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
        }

        return Encoding.UTF8.GetString(request.ToArray());
    });
}

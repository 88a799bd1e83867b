using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Stores;

namespace NfceSync.Core.Sefaz;

/// <summary>Mutual TLS 1.2 or newer over warm HTTP/1.1 connections; the server's certificate is always verified.</summary>
public sealed class HttpSefazTransport : ISefazTransport
{
    private const int UsualReply = 16 * 1024;
    private const int LargestReply = 4 * 1024 * 1024;
#if NET
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
#endif

    private readonly HttpClient _http;
    private readonly Func<SefazService, Uri> _addressOf;
    private readonly ServerTrust _trust;

    /// <summary>Makes the transport; no connection is opened before the first request.</summary>
    /// <param name="addressOf">The address of each service.</param>
    /// <param name="certificate">The certificate of the TLS connection, with its key; stays the caller's.</param>
    /// <param name="trust">What server certificates are trusted.</param>
    /// <param name="connections">How many connections may be open at a time.</param>
    public HttpSefazTransport(Func<SefazService, Uri> addressOf, X509Certificate2 certificate, ServerTrust trust, int connections)
    {
        _addressOf = addressOf;
        _trust = trust;
        _http = new HttpClient(NewHandler(certificate, trust, connections))
        {
            // The time limit of an attempt is the caller's, so that its end can be told from a lost connection.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <inheritdoc/>
    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        Uri address = _addressOf(service);
        using var content = new OnceContent(envelope, service);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };

        // .NET Framework would ask first whether it may send the body, and wait for that answer with every note.
        request.Headers.ExpectContinue = false;
        int? status = null;
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            status = (int)response.StatusCode;
            byte[]? body = await ReadAsync(response.Content, cancel);
            NfceSyncException? failure = !response.IsSuccessStatusCode ? Explain(ErrorIds.NfceSefazHttpError, address, null, status)
                : body is null ? Explain(ErrorIds.NfceSefazAnswerTooLarge, address, null, LargestReply / (1024 * 1024))
                : null;
            return new WireReply(failure is null ? WireOutcome.Answered : WireOutcome.NoAnswer, status, body, failure);
        }
#pragma warning disable CA1031 // .NET lets bare exceptions of its sockets through; whatever it was, what matters is whether bytes left.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Whether anything left is known by whether the body was asked for, not by what kind of failure it was.
            if (content.Began)
            {
                return new WireReply(WireOutcome.NoAnswer, status, default, Explain(ErrorIds.NfceSefazNoAnswer, address, e, WireCause.Of(e)));
            }

            return new WireReply(
                WireOutcome.NotSent,
                null,
                default,
                _trust.LastRefusal?.ToException(address.Host, e) ?? Explain(ErrorIds.NfceSefazUnreachable, address, e, WireCause.Of(e)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>
    /// The body as it is after decompression; null where it is larger than any answer of SEFAZ: HttpClient's own limit does not
    /// hold for a body that is read behind its headers, and a small body may decompress to a huge one.
    /// </summary>
    private static async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancel)
    {
#if NET
        using Stream stream = await content.ReadAsStreamAsync(cancel);
#else
        // Its streams look at the cancellation only before they read.
        using CancellationTokenRegistration ending = cancel.Register(content.Dispose);
        using Stream stream = await content.ReadAsStreamAsync();
#endif
        var buffer = new byte[UsualReply];
        int length = 0;
        while (await ReadMoreAsync(stream, buffer, length, cancel) is > 0 and int read)
        {
            length += read;
            if (length > LargestReply)
            {
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }

        Array.Resize(ref buffer, length);
        return buffer;
    }

    private static Task<int> ReadMoreAsync(Stream stream, byte[] buffer, int length, CancellationToken cancel) =>
        stream.ReadAsync(buffer, length, buffer.Length - length, cancel);

    private static NfceSyncException Explain(string errorId, Uri address, Exception? inner, object? detail) =>
        new(inner, errorId, NfceErrorCategory.ConnectionError, address.Host, address.Host, detail);

#if NET
    private static SocketsHttpHandler NewHandler(X509Certificate2 certificate, ServerTrust trust, int connections) => new()
    {
        ConnectTimeout = ConnectTimeout,
        MaxConnectionsPerServer = connections,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
        SslOptions = new System.Net.Security.SslClientAuthenticationOptions
        {
            // TLS 1.2 and 1.3; SEFAZ refuses what is older.
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
            ClientCertificates = new X509CertificateCollection { certificate },
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = (sender, server, chain, errors) => trust.Validate(sender, server, chain, errors),
        },
    };
#else
    private static HttpClientHandler NewHandler(X509Certificate2 certificate, ServerTrust trust, int connections)
    {
        var handler = new HttpClientHandler
        {
            // .NET Framework's own limit of two connections a host throttles without a word.
            MaxConnectionsPerServer = connections,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            SslProtocols = System.Security.Authentication.SslProtocols.Tls12,
            ServerCertificateCustomValidationCallback = (sender, server, chain, errors) => trust.Validate(sender, server, chain, errors),
        };
        handler.ClientCertificates.Add(certificate);
        return handler;
    }
#endif

    /// <summary>
    /// A body that is given out once: it knows whether any of it may have left, and it cannot be sent a second time by a
    /// handler that retries on a fresh connection.
    /// </summary>
    private sealed class OnceContent : HttpContent
    {
        private readonly byte[] _envelope;

        public OnceContent(byte[] envelope, SefazService service)
        {
            _envelope = envelope;
            Headers.ContentType = new MediaTypeHeaderValue("application/soap+xml") { CharSet = "utf-8" };
            Headers.ContentType.Parameters.Add(new NameValueHeaderValue("action", "\"" + service.Action() + "\""));
        }

        public bool Began { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            Begin();
            return stream.WriteAsync(_envelope, 0, _envelope.Length);
        }

#if NET
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            Begin();
            return stream.WriteAsync(_envelope, 0, _envelope.Length, cancellationToken);
        }
#endif

        protected override bool TryComputeLength(out long length)
        {
            length = _envelope.Length;
            return true;
        }

        private void Begin()
        {
            if (Began)
            {
                throw new InvalidOperationException("A request is sent once.");
            }

            Began = true;
        }
    }
}

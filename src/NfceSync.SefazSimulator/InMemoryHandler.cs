using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;

namespace NfceSync.SefazSimulator;

/// <summary>
/// Lets an <see cref="HttpClient"/> talk to an authoriser without a network. Faults of the connection become the
/// exceptions that a real handler throws; times pass by the simulator's clock.
/// </summary>
public sealed class InMemoryHandler : HttpMessageHandler
{
    private readonly SefazCore _core;
    private readonly string _certificateId;

    /// <summary>Makes a handler.</summary>
    /// <param name="core">Who answers.</param>
    /// <param name="certificateId">CNPJ or CPF of the client certificate.</param>
    public InMemoryHandler(SefazCore core, string certificateId)
    {
        _core = core;
        _certificateId = certificateId;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_core.Faults.ForConnection() is not null)
        {
            throw new HttpRequestException(HttpRequestError.SecureConnectionError, "The TLS handshake failed.", new IOException("Connection reset."));
        }

        if (ServiceContract.ByPath(request.RequestUri?.AbsolutePath ?? string.Empty) is not { } service)
        {
            return new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request };
        }

        if (_core.Faults.BeforeBody(service) is { } early)
        {
            _core.Unread(service, new Transmitter(_certificateId), early);
            throw Reset();
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var answer = _core.Answer(service, body, new Transmitter(_certificateId));
        await Interfere(answer, cancellationToken);
        var part = answer.PartOfReply;
        answer.Call.Delivered = part is null;
        var content = part is null ? new ByteArrayContent(answer.Body) : (HttpContent)new StreamContent(new TornStream(answer.Body, part.Value));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(answer.ContentType);
        content.Headers.ContentLength = answer.Body.Length;
        return new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request, Content = content };
    }

    private async Task Interfere(SefazAnswer answer, CancellationToken cancellationToken)
    {
        var clock = _core.Options.TimeProvider;
        if (answer.Latency > TimeSpan.Zero)
        {
            await Task.Delay(answer.Latency, clock, cancellationToken);
        }

        switch (answer.Fault?.Kind)
        {
            case FaultKind.CutBeforeRequest or FaultKind.CutInRequest or FaultKind.CutAfterRequest or FaultKind.CutAfterProcessing:
                throw Reset();
            case FaultKind.AnswerNeverSent:
                await Task.Delay(_core.Options.HangLimit, clock, cancellationToken);
                throw Reset();
            case FaultKind.SlowDrip:
                await Task.Delay(answer.Fault.Duration, clock, cancellationToken);
                break;
        }
    }

    private static HttpRequestException Reset() =>
        new(HttpRequestError.Unknown, "An error occurred while sending the request.", new IOException("Connection reset by peer."));

    /// <summary>Gives the first bytes and then fails, as a connection does that is cut in a reply.</summary>
    private sealed class TornStream(byte[] bytes, int part) : MemoryStream(bytes, 0, part, writable: false)
    {
        public override int Read(byte[] buffer, int offset, int count) => OrTorn(base.Read(buffer, offset, count), count);

        public override int Read(Span<byte> buffer)
        {
            var wanted = buffer.Length;
            return OrTorn(base.Read(buffer), wanted);
        }

        public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            OrTorn(await base.ReadAsync(buffer.AsMemory(offset, count), cancellationToken), count);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            OrTorn(await base.ReadAsync(buffer, cancellationToken), buffer.Length);

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
            OrTorn(0, 1);
        }

        private static int OrTorn(int read, int wanted) => read == 0 && wanted > 0
            ? throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.")
            : read;
    }
}

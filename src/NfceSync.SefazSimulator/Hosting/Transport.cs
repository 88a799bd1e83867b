using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace NfceSync.SefazSimulator;

/// <summary>HTTP around the authoriser: reads requests, writes replies, and does to connections what the faults say.</summary>
internal sealed class Transport(SefazCore core, CancellationToken stopping)
{
    // Long enough for bytes to reach a client on the same machine before the connection is reset under them.
    private static readonly TimeSpan InFlight = TimeSpan.FromMilliseconds(50);
    private const int DripPieces = 16;
    private readonly ConcurrentDictionary<string, Transmitter> _transmitters = new(StringComparer.Ordinal);
    private readonly WireLog? _log = core.Options.WireLogFolder is { } folder ? new WireLog(folder) : null;

    public async Task Handle(HttpContext context)
    {
        if (ServiceContract.ByPath(context.Request.Path.Value ?? string.Empty) is not { } service)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await Handle(context, service, ends.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The client left, or the simulator ends; the call's record says that nothing was delivered.
            context.Abort();
        }
    }

    private async Task Handle(HttpContext context, SefazService service, CancellationToken cancellationToken)
    {
        var transmitter = TransmitterOf(context.Connection.ClientCertificate);
        if (core.Faults.BeforeBody(service) is { } early)
        {
            core.Unread(service, transmitter, early);
            if (early.Kind == FaultKind.CutInRequest)
            {
                await ReadHalf(context.Request, cancellationToken);
            }

            Cut(context);
            return;
        }

        var request = await ReadBody(context.Request, cancellationToken);
        var answer = core.Answer(service, request, transmitter, ActionOf(context.Request));
        _log?.Write(answer.Call.Sequence, service, request, answer.Body);
        if (!await Interfere(context, answer, cancellationToken))
        {
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Body.Length;
        await Send(context, answer, cancellationToken);
    }

    // False: the reply will not be sent.
    private async Task<bool> Interfere(HttpContext context, SefazAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Latency > TimeSpan.Zero)
        {
            await Task.Delay(answer.Latency, cancellationToken);
        }

        switch (answer.Fault?.Kind)
        {
            case FaultKind.CutBeforeRequest or FaultKind.CutInRequest or FaultKind.CutAfterRequest or FaultKind.CutAfterProcessing:
                Cut(context);
                return false;
            case FaultKind.AnswerNeverSent:
                await Task.Delay(core.Options.HangLimit, cancellationToken);
                Cut(context);
                return false;
            default:
                return true;
        }
    }

    private static async Task Send(HttpContext context, SefazAnswer answer, CancellationToken cancellationToken)
    {
        var body = answer.Body.AsMemory();
        if (answer.PartOfReply is { } part)
        {
            await context.Response.Body.WriteAsync(body[..part], cancellationToken);
            await context.Response.Body.FlushAsync(cancellationToken);
            await Task.Delay(InFlight, cancellationToken);
            Cut(context);
            return;
        }

        // Marked before the last write: a client that has its reply must not find the record behind it.
        answer.Call.Delivered = true;
        try
        {
            if (answer.Fault?.Kind == FaultKind.SlowDrip)
            {
                await Drip(context.Response, body, answer.Fault.Duration, cancellationToken);
            }
            else
            {
                await context.Response.Body.WriteAsync(body, cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            answer.Call.Delivered = false;
            throw;
        }

        // A client that leaves from here on has had its whole reply.
        await context.Response.CompleteAsync();
    }

    private static async Task Drip(HttpResponse response, ReadOnlyMemory<byte> body, TimeSpan duration, CancellationToken cancellationToken)
    {
        var size = Math.Max(1, (body.Length + DripPieces - 1) / DripPieces);
        for (var at = 0; at < body.Length; at += size)
        {
            await Task.Delay(duration / DripPieces, cancellationToken);
            await response.Body.WriteAsync(body.Slice(at, Math.Min(size, body.Length - at)), cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }

    private static void Cut(HttpContext context)
    {
        Host.Reset(context.Features.Get<IConnectionSocketFeature>());
        context.Abort();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBody(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream((int)Math.Min(request.ContentLength ?? 8192, 1 << 20));
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static async Task ReadHalf(HttpRequest request, CancellationToken cancellationToken)
    {
        var half = new byte[Math.Max(1, (request.ContentLength ?? 2) / 2)];
        await request.Body.ReadAtLeastAsync(half, half.Length, throwOnEndOfStream: false, cancellationToken);
    }

    private static string? ActionOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var contentType))
        {
            return null;
        }

        foreach (var parameter in contentType.Parameters)
        {
            if (parameter.Name.Equals("action", StringComparison.OrdinalIgnoreCase))
            {
                return parameter.Value?.Trim('"');
            }
        }

        return null;
    }

    private Transmitter TransmitterOf(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return new Transmitter(null, 280);
        }

        var known = _transmitters.GetOrAdd(certificate.Thumbprint, _ => new Transmitter(IcpBrasilName.Read(certificate)));
        // The validity passes while a connection stays open; it costs only two comparisons.
        var cStat = CertificateCheck.Transmitter(certificate, core.Authority, core.Options.TimeProvider.GetUtcNow());
        return cStat == 0 ? known : known with { CStat = cStat };
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;
using NfceSync.SefazSimulator;

using SefazService = NfceSync.Core.Stores.SefazService;

namespace NfceSync.Benchmarks;

/// <summary>
/// The least that sends notes: an <see cref="HttpClient"/> on warm connections that posts ready envelopes and looks for
/// cStat 100 in the bytes of the answer.
/// </summary>
internal sealed class BareClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly int _concurrency;
    private readonly MediaTypeHeaderValue _type =
        MediaTypeHeaderValue.Parse($"application/soap+xml; charset=utf-8; action=\"{SefazService.Autorizacao.Action()}\"");

    public BareClient(Workload workload, Uri address, int concurrency)
    {
        _address = Endpoints.BuiltIn.For("RS", SefazEnvironment.Homologacao, SefazService.Autorizacao, address);
        _concurrency = concurrency;
        X509Certificate2 certificate = workload.Certificate;
        ServerTrust trust = workload.Trust();
        _http = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = concurrency,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificates = [certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
                RemoteCertificateValidationCallback = (sender, server, chain, errors) => trust.Validate(sender, server, chain, errors),
            },
        });
    }

    /// <summary>The envelopes that the engine would send, made beforehand.</summary>
    public static byte[][] Envelopes(IEnumerable<SignedNote> notes) =>
        notes.Select((note, i) => SefazEnvelope.Transmission(note.Bytes.Span, i + 1)).ToArray();

    /// <summary>Posts all envelopes, several at a time, and says how long it took.</summary>
    /// <param name="envelopes">What to post.</param>
    /// <param name="around">What is done around each post; null: nothing.</param>
    public async Task<TimeSpan> PostAllAsync(byte[][] envelopes, Func<int, Func<Task>, Task>? around = null)
    {
        int next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, _concurrency).Select(_ => Task.Run(async () =>
        {
            int mine;
            while ((mine = Interlocked.Increment(ref next)) < envelopes.Length)
            {
                byte[] envelope = envelopes[mine];
                await (around is null ? PostAsync(envelope) : around(mine, () => PostAsync(envelope)));
            }
        })));
        return watch.Elapsed;
    }

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(byte[] envelope)
    {
        using var content = new ByteArrayContent(envelope);
        content.Headers.ContentType = _type;
        using HttpResponseMessage response = await _http.PostAsync(_address, content);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        if (body.AsSpan().IndexOf("<cStat>100</cStat>"u8) < 0)
        {
            throw new InvalidOperationException($"A note was not authorised: HTTP {(int)response.StatusCode}.");
        }
    }
}

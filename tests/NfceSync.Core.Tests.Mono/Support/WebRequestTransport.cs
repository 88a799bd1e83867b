using System;
using System.IO;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using System.Threading.Tasks;

using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Tests.Mono;

/// <summary>In place of HttpSefazTransport: mono's HttpClientHandler sends no client certificate, its HttpWebRequest does.</summary>
internal sealed class WebRequestTransport(Func<SefazService, Uri> addressOf, X509Certificate2 certificate, ServerTrust trust) : ISefazTransport
{
    public async Task<WireReply> SendAsync(SefazService service, byte[] envelope, CancellationToken cancel)
    {
        HttpWebRequest request = WebRequest.CreateHttp(addressOf(service));
        request.Method = "POST";
        request.ContentType = "application/soap+xml; charset=utf-8";
        request.ClientCertificates.Add(certificate);
        request.ServerCertificateValidationCallback = trust.Validate;
        try
        {
            using (Stream body = await request.GetRequestStreamAsync())
            {
                body.Write(envelope, 0, envelope.Length);
            }

            using var response = (HttpWebResponse)await request.GetResponseAsync();
            using Stream stream = response.GetResponseStream();
            using var reply = new MemoryStream();
            await stream.CopyToAsync(reply);
            return new WireReply(WireOutcome.Answered, (int)response.StatusCode, reply.ToArray(), Failure: null);
        }
        catch (WebException e)
        {
            string host = request.RequestUri.Host;
            return new WireReply(WireOutcome.NoAnswer, null, default, new NfceSyncException(
                e, ErrorIds.NfceSefazNoAnswer, NfceErrorCategory.ConnectionError, host, host, e.Message));
        }
    }

    public void Dispose()
    {
    }
}

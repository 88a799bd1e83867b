using System;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NfceSync.SefazSimulator;

/// <summary>Puts an authoriser behind Kestrel on 127.0.0.1.</summary>
internal static class Host
{
    public static async Task<(WebApplication Application, Uri Services, Uri? Control)> StartAsync(
        SefazCore core, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var options = core.Options;
        // Neither configuration files nor command line of the hosting process belong to the simulator.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, core));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));

        var application = builder.Build();
        var transport = new Transport(core, stopping);
        var control = options.ControlPort is null ? null : new ControlEndpoint(core);
        application.Run(context => control is not null && !context.Request.IsHttps ? control.Handle(context) : transport.Handle(context));
        await application.StartAsync(cancellationToken);

        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri(address)).ToArray();
        var services = addresses.Single(address => address.Scheme == Uri.UriSchemeHttps);
        return (application, new Uri($"https://localhost:{services.Port}/"), addresses.SingleOrDefault(address => address.Scheme == Uri.UriSchemeHttp));
    }

    private static void Configure(KestrelServerOptions kestrel, SefazCore core)
    {
        kestrel.AddServerHeader = false;
        // Faults read and write as slowly as they like.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(IPAddress.Loopback, core.Options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => BeforeTls(next, connection, core.Faults));
            listen.UseHttps(https => Secure(https, core));
        });
        if (core.Options.ControlPort is { } port)
        {
            kestrel.Listen(IPAddress.Loopback, port);
        }
    }

    private static void Secure(HttpsConnectionAdapterOptions https, SefazCore core)
    {
        https.ServerCertificate = core.Authority.ServerCertificate;
        https.SslProtocols = core.Options.TlsVersions;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.CheckCertificateRevocation = false;
        https.ClientCertificateValidation = (certificate, _, _) =>
            core.Options.CertificateRefusal == CertificateRefusal.Message
            || CertificateCheck.Transmitter(certificate, core.Authority, core.Options.TimeProvider.GetUtcNow()) == 0;
    }

    private static async Task BeforeTls(ConnectionDelegate next, ConnectionContext connection, FaultPlan faults)
    {
        switch (faults.ForConnection()?.Kind)
        {
            case FaultKind.TlsHandshakeClosed:
                // The client's hello is read first: closing over unread bytes would be a reset.
                await connection.Transport.Input.ReadAsync(connection.ConnectionClosed);
                break;
            case FaultKind.TlsHandshakeReset:
                Reset(connection.Features.Get<IConnectionSocketFeature>());
                break;
            default:
                await next(connection);
                break;
        }
    }

    /// <summary>Ends a connection with RST instead of FIN.</summary>
    public static void Reset(IConnectionSocketFeature? feature)
    {
        if (feature is not null)
        {
            feature.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
            feature.Socket.Close();
        }
    }
}

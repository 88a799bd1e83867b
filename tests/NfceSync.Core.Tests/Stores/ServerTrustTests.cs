using System;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;

using NfceSync.Core.Stores;

using Xunit;

namespace NfceSync.Core.Tests.Stores;

/// <summary>Against a real TLS server on loopback.</summary>
public class ServerTrustTests
{
    private static readonly X509Certificate2 Root = TestCertificates.Authority("Raiz de teste");
    private static readonly X509Certificate2 OtherRoot = TestCertificates.Authority("Outra raiz");

    [Fact]
    public async Task A_chain_to_an_addedRoot_is_trusted()
    {
        using X509Certificate2 server = TestCertificates.Server(Root);
        ServerTrust trust = TrustPem(Root);
        Assert.True(await Connects(trust, server));
        Assert.Null(trust.LastRefusal);
    }

    [Fact]
    public async Task A_DER_file_works_as_well()
    {
        using X509Certificate2 server = TestCertificates.Server(Root);
        using var file = new TemporaryFile(Root.RawData);
        Assert.True(await Connects(ServerTrust.Load(file.Path), server));
    }

    [Fact]
    public async Task AnyRoot_of_a_file_with_several_counts()
    {
        using X509Certificate2 server = TestCertificates.Server(Root);
        Assert.True(await Connects(TrustPem(OtherRoot, Root), server));
    }

    [Fact]
    public async Task An_unknownRoot_is_refused_with_advice()
    {
        using X509Certificate2 server = TestCertificates.Server(Root);
        foreach (ServerTrust trust in new[] { ServerTrust.Load(null), TrustPem(OtherRoot) })
        {
            Assert.False(await Connects(trust, server));
            Assert.Equal(ErrorIds.NfceServerCertificateUntrusted, trust.LastRefusal!.ErrorId);
            NfceSyncException error = trust.LastRefusal.ToException("localhost", null);
            Assert.Equal("localhost", error.Target);
            Assert.Contains("-TrustedRootPath", error.Message, StringComparison.Ordinal);
            Assert.Contains("Raiz de teste", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ARoot_of_the_same_name_with_another_key_is_refused()
    {
        using X509Certificate2 forged = TestCertificates.Authority("Raiz de teste");
        using X509Certificate2 server = TestCertificates.Server(forged);
        Assert.False(await Connects(TrustPem(Root), server, forged));
    }

    [Fact]
    public async Task Another_host_is_refused_whatever_the_chain()
    {
        using X509Certificate2 server = TestCertificates.Server(Root, host: "sefaz.example");
        ServerTrust trust = TrustPem(Root);
        Assert.False(await Connects(trust, server));
        Assert.Equal(ErrorIds.NfceServerCertificateWrongHost, trust.LastRefusal!.ErrorId);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_whatever_theRoot()
    {
        using X509Certificate2 server = TestCertificates.Server(Root, notAfter: DateTimeOffset.UtcNow.AddDays(-1));
        ServerTrust trust = TrustPem(Root);
        Assert.False(await Connects(trust, server));
        Assert.Equal(ErrorIds.NfceServerCertificateNotTimeValid, trust.LastRefusal!.ErrorId);
    }

    [Fact]
    public async Task A_certificate_for_clients_only_is_refused()
    {
        using X509Certificate2 server = TestCertificates.Server(Root, usage: "1.3.6.1.5.5.7.3.2");
        ServerTrust trust = TrustPem(Root);
        Assert.False(await Connects(trust, server));
        Assert.Equal(ErrorIds.NfceServerCertificateUntrusted, trust.LastRefusal!.ErrorId);
    }

    [Fact]
    public async Task An_intermediate_may_come_from_the_server_or_from_the_file()
    {
        using X509Certificate2 intermediate = TestCertificates.IntermediateAuthority("AC intermediaria", Root);
        using X509Certificate2 server = TestCertificates.Server(intermediate);
        Assert.True(await Connects(TrustPem(Root), server, intermediate));
        Assert.False(await Connects(TrustPem(Root), server));
        Assert.True(await Connects(TrustPem(Root, intermediate), server));
            }

    [Fact]
    public void A_server_without_certificate_is_refused()
    {
        ServerTrust trust = TrustPem(Root);
        Assert.False(trust.Validate(null, null, null, SslPolicyErrors.RemoteCertificateNotAvailable));
        Assert.Equal(ErrorIds.NfceServerCertificateUntrusted, trust.LastRefusal!.ErrorId);
    }

    [Fact]
    public void A_file_without_aRoot_is_refused()
    {
        using var empty = new TemporaryFile(string.Empty);
        Assert.Equal(ErrorIds.NfceTrustedRootEmpty, Assert.Throws<NfceSyncException>(() => ServerTrust.Load(empty.Path)).ErrorId);
        using X509Certificate2 server = TestCertificates.Server(Root);
        Assert.Equal(ErrorIds.NfceTrustedRootEmpty, Assert.Throws<NfceSyncException>(() => TrustPem(server)).ErrorId);
    }

    [Theory]
    [InlineData("isto não é um certificado")]
    [InlineData("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void A_file_that_is_no_certificate_is_unreadable(string content)
    {
        using var file = new TemporaryFile(content);
        var error = Assert.Throws<NfceSyncException>(() => ServerTrust.Load(file.Path));
        Assert.Equal(ErrorIds.NfceTrustedRootUnreadable, error.ErrorId);
        Assert.Equal(file.Path, error.Target);
    }

    [Fact]
    public void A_missing_file_is_unreadable()
    {
        using var file = new TemporaryFile();
        Assert.Equal(
            ErrorIds.NfceTrustedRootUnreadable, Assert.Throws<NfceSyncException>(() => ServerTrust.Load(file.Path)).ErrorId);
    }

    private static ServerTrust TrustPem(params X509Certificate2[] certificates)
    {
        using var file = new TemporaryFile(string.Join("\n", certificates.Select(c => c.ExportCertificatePem())));
        return ServerTrust.Load(file.Path);
    }

    private static async Task<bool> Connects(ServerTrust trust, X509Certificate2 server, params X509Certificate2[] sent)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = Serve(listener, SslStreamCertificateContext.Create(server, new X509Certificate2Collection(sent), offline: true));

        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, trust.Validate);
        Exception? refusal = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync("localhost"));
        Assert.True(refusal is null or AuthenticationException);
        client.Close();
        await serving;
        return refusal is null;
    }

    private static async Task Serve(TcpListener listener, SslStreamCertificateContext certificate)
    {
        using TcpClient accepted = await listener.AcceptTcpClientAsync();
        using var tls = new SslStream(accepted.GetStream());

        // A client that refuses hangs up on the server; what counts is what the client saw.
        await Record.ExceptionAsync(() => tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificateContext = certificate }));
    }
}

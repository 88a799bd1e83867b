using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.SefazSimulator;

/// <summary>
/// A certification authority made at run time: its root, the server's certificate and certificates of
/// companies and persons as ICP-Brasil issues them. Nothing of it is trusted outside the simulator.
/// </summary>
public sealed class TestAuthority : IDisposable
{
    private const string RootFile = "root.pfx";
    private const string ServerFile = "server.pfx";
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Id, CertificateDefect Defect), X509Certificate2> _issued = [];
    private readonly ConcurrentDictionary<string, bool> _chains = new(StringComparer.Ordinal);
    private readonly Lazy<X509Certificate2> _stranger;

    private TestAuthority(X509Certificate2 root, X509Certificate2 server, TimeProvider time)
    {
        Root = root;
        ServerCertificate = server;
        _time = time;
        _stranger = new Lazy<X509Certificate2>(() => MakeRoot("AC Desconhecida", time));
    }

    /// <summary>The root certificate with its key.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>The server's certificate for <c>localhost</c> and 127.0.0.1, with its key.</summary>
    public X509Certificate2 ServerCertificate { get; }

    /// <summary>The root certificate as PEM, without its key.</summary>
    public string RootPem => Root.ExportCertificatePem();

    /// <summary>Makes a new authority.</summary>
    /// <param name="time">The clock from which validities are counted; the system's if null.</param>
    /// <returns>The authority.</returns>
    public static TestAuthority Create(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var root = MakeRoot("AC Raiz de Treinamento", time);
        return new TestAuthority(root, MakeServer(root, time), time);
    }

    /// <summary>Takes the authority kept in a folder, or makes one and keeps it there.</summary>
    /// <param name="folder">The folder; it is created.</param>
    /// <param name="time">The clock from which validities are counted; the system's if null.</param>
    /// <returns>The authority.</returns>
    public static TestAuthority LoadOrCreate(string folder, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var rootPath = Path.Combine(folder, RootFile);
        var serverPath = Path.Combine(folder, ServerFile);
        if (File.Exists(rootPath) && File.Exists(serverPath))
        {
            return new TestAuthority(LoadPfx(File.ReadAllBytes(rootPath)), LoadPfx(File.ReadAllBytes(serverPath)), time);
        }

        var authority = Create(time);
        authority.Save(folder);
        return authority;
    }

    /// <summary>Keeps root and server certificate, with their keys, in a folder that only its owner reads.</summary>
    /// <param name="folder">The folder; it is created.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        WritePfx(Path.Combine(folder, RootFile), Root, string.Empty);
        WritePfx(Path.Combine(folder, ServerFile), ServerCertificate, string.Empty);
    }

    /// <summary>A certificate of a company (CNPJ) or person (CPF), for TLS and for signing. The same request gives the same certificate.</summary>
    /// <param name="cnpjOrCpf">14 characters of a CNPJ or 11 digits of a CPF.</param>
    /// <param name="defect">What shall be wrong with it.</param>
    /// <returns>The certificate with its key; it belongs to the authority.</returns>
    /// <exception cref="ArgumentException"><paramref name="cnpjOrCpf"/> is neither.</exception>
    public X509Certificate2 Issue(string cnpjOrCpf, CertificateDefect defect = CertificateDefect.None)
    {
        ArgumentNullException.ThrowIfNull(cnpjOrCpf);
        if (cnpjOrCpf.Length is not (14 or 11))
        {
            throw new ArgumentException("A CNPJ has 14 characters, a CPF 11.", nameof(cnpjOrCpf));
        }

        lock (_issued)
        {
            if (!_issued.TryGetValue((cnpjOrCpf, defect), out var certificate))
            {
                certificate = MakeHolder(cnpjOrCpf, defect);
                _issued.Add((cnpjOrCpf, defect), certificate);
            }

            return certificate;
        }
    }

    /// <summary>Writes a certificate with its key as a PFX file that only its owner reads.</summary>
    /// <param name="path">The file; it is replaced.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="password">The password of the file.</param>
    public static void WritePfx(string path, X509Certificate2 certificate, string password)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(certificate.Export(X509ContentType.Pfx, password));
    }

    /// <summary>Writes the root certificate, without its key, as PEM.</summary>
    /// <param name="path">The file; it is replaced.</param>
    public void WriteRoot(string path) => File.WriteAllText(path, RootPem + "\n");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _issued.Values)
        {
            certificate.Dispose();
        }

        if (_stranger.IsValueCreated)
        {
            _stranger.Value.Dispose();
        }

        ServerCertificate.Dispose();
        Root.Dispose();
    }

    /// <summary>Whether a certificate was issued by this authority; its validity in time is not looked at.</summary>
    internal bool Signed(X509Certificate2 certificate) => _chains.GetOrAdd(certificate.Thumbprint, _ =>
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    });

    private static X509Certificate2 MakeRoot(string name, TimeProvider time)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}, O=Simulador SEFAZ, C=BR", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = time.GetUtcNow();
        using var root = request.CreateSelfSigned(now.AddYears(-5), now.AddYears(20));
        return Reload(root);
    }

    private static X509Certificate2 MakeServer(X509Certificate2 root, TimeProvider time)
    {
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        var request = NewRequest("CN=localhost, O=Simulador SEFAZ, C=BR", key, "1.3.6.1.5.5.7.3.1");
        request.CertificateExtensions.Add(names.Build());
        var now = time.GetUtcNow();
        using var signed = request.Create(root, now.AddDays(-2), now.AddYears(10), Serial());
        using var withKey = signed.CopyWithPrivateKey(key);
        return Reload(withKey);
    }

    private X509Certificate2 MakeHolder(string id, CertificateDefect defect)
    {
        using var key = RSA.Create(2048);
        var request = NewRequest($"CN=CONTRIBUINTE DE TREINAMENTO:{id}, OU=Simulador, O=ICP-Brasil, C=BR", key, "1.3.6.1.5.5.7.3.2");
        if (defect != CertificateDefect.WithoutIdentity)
        {
            request.CertificateExtensions.Add(IcpBrasilName.Extension(id));
        }

        var now = _time.GetUtcNow();
        var (from, to) = defect switch
        {
            CertificateDefect.Expired => (now.AddYears(-1), now.AddDays(-1)),
            CertificateDefect.NotYetValid => (now.AddDays(1), now.AddYears(1)),
            _ => (now.AddDays(-30), now.AddYears(1)),
        };
        var issuer = defect == CertificateDefect.UnknownAuthority ? _stranger.Value : Root;
        using var signed = request.Create(issuer, from, to, Serial());
        using var withKey = signed.CopyWithPrivateKey(key);
        return Reload(withKey);
    }

    private static CertificateRequest NewRequest(string subject, RSA key, string purpose)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        return request;
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(12);
        serial[0] = (byte)(serial[0] & 0x7F | 0x01);
        return serial;
    }

    // A key that lives only in memory cannot serve SChannel: a round trip through PFX gives it a home on Windows.
    private static X509Certificate2 Reload(X509Certificate2 certificate) => LoadPfx(certificate.Export(X509ContentType.Pfx));

    private static X509Certificate2 LoadPfx(byte[] pfx) =>
        X509CertificateLoader.LoadPkcs12(pfx, null, X509KeyStorageFlags.Exportable);
}

using System;
using System.IO;
using System.Linq;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace NfceSync.Core.Stores;

/// <summary>Why a server's certificate was refused.</summary>
/// <param name="ErrorId">
/// <see cref="ErrorIds.NfceServerCertificateUntrusted"/>, <see cref="ErrorIds.NfceServerCertificateWrongHost"/> or
/// <see cref="ErrorIds.NfceServerCertificateNotTimeValid"/>.
/// </param>
/// <param name="Subject">The certificate's subject; empty where the server showed none.</param>
/// <param name="Issuer">Its issuer; empty where the server showed none.</param>
/// <param name="Detail">What the system says of the chain.</param>
public sealed record ServerRefusal(string ErrorId, string Subject, string Issuer, string Detail)
{
    /// <summary>The error to show.</summary>
    /// <param name="host">The server that was called.</param>
    /// <param name="inner">What the handshake threw.</param>
    /// <returns>The exception.</returns>
    public NfceSyncException ToException(string host, Exception? inner) =>
        new(inner, ErrorId, NfceErrorCategory.SecurityError, host, host, Subject, Issuer, Detail);
}

/// <summary>
/// Which servers are believed: those the system trusts and, in a second try, those that chain to a root of the store's own
/// file. The file only adds; name, dates and signatures are checked always, and nothing switches the check off.
/// </summary>
/// <remarks>
/// Revocation is not asked for, as is HttpClient's own default: a store's firewall often lets nothing through but SEFAZ,
/// and a note must not miss its deadline because a list of another host cannot be had.
/// </remarks>
public sealed class ServerTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly X509Certificate2Collection _roots = new();
    private readonly X509Certificate2Collection _intermediates = new();
    private volatile ServerRefusal? _lastRefusal;

    private ServerTrust()
    {
    }

    /// <summary>The system's roots and those of the store's file.</summary>
    /// <param name="trustedRootPath">A PEM file with one or more certificates, or a DER file; null: the system's roots alone.</param>
    /// <returns>The trust.</returns>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfceTrustedRootUnreadable"/>; <see cref="ErrorIds.NfceTrustedRootEmpty"/> where no certificate in
    /// it is a root (signed by itself).
    /// </exception>
    public static ServerTrust Load(string? trustedRootPath)
    {
        var trust = new ServerTrust();
        if (trustedRootPath is not null)
        {
            foreach (X509Certificate2 certificate in ReadCertificates(trustedRootPath))
            {
                bool isRoot = certificate.SubjectName.RawData.SequenceEqual(certificate.IssuerName.RawData);
                (isRoot ? trust._roots : trust._intermediates).Add(certificate);
            }

            if (trust._roots.Count == 0)
            {
                throw new NfceSyncException(
                    ErrorIds.NfceTrustedRootEmpty, NfceErrorCategory.InvalidArgument, trustedRootPath, trustedRootPath);
            }
        }

        return trust;
    }

    /// <summary>Why the last certificate that was refused was refused; null while none was.</summary>
    public ServerRefusal? LastRefusal => _lastRefusal;

    /// <summary>Judges a server's certificate; made to be a <see cref="RemoteCertificateValidationCallback"/>. Any thread.</summary>
    /// <param name="sender">Not looked at.</param>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="chain">The chain the system built, with what the server sent.</param>
    /// <param name="errors">What the system found.</param>
    /// <returns>Whether the connection may go on.</returns>
    public bool Validate(object? sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is null || chain is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return Refuse(ErrorIds.NfceServerCertificateUntrusted, certificate, string.Empty);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return Refuse(ErrorIds.NfceServerCertificateWrongHost, certificate, string.Empty);
        }

        X509ChainStatus[] status = chain.ChainStatus;
        using var leaf = new X509Certificate2(certificate);
        if (_roots.Count > 0 && ChainsToAddedRoot(leaf, chain, out status))
        {
            return true;
        }

        return Refuse(
            status.Any(s => s.Status == X509ChainStatusFlags.NotTimeValid)
                ? ErrorIds.NfceServerCertificateNotTimeValid
                : ErrorIds.NfceServerCertificateUntrusted,
            certificate,
            string.Join(" ", status.Select(s => s.StatusInformation.Trim())));
    }

    private bool ChainsToAddedRoot(X509Certificate2 certificate, X509Chain systemChain, out X509ChainStatus[] status)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));

        // What the server sent, and what the system found on its way.
        chain.ChainPolicy.ExtraStore.AddRange(systemChain.ChainPolicy.ExtraStore);
        foreach (X509ChainElement element in systemChain.ChainElements)
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        chain.ChainPolicy.ExtraStore.AddRange(_intermediates);
#if NET
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        bool trusted = chain.Build(certificate);
#else
        // .NET Framework has no CustomRootTrust: any root is let pass, and then has to be one of ours, byte for byte.
        chain.ChainPolicy.ExtraStore.AddRange(_roots);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        bool trusted = chain.Build(certificate)
            && _roots.Cast<X509Certificate2>().Any(root =>
                root.RawData.SequenceEqual(chain.ChainElements[chain.ChainElements.Count - 1].Certificate.RawData));
#endif
        status = chain.ChainStatus;
        return trusted;
    }

    private bool Refuse(string errorId, X509Certificate? certificate, string detail)
    {
        _lastRefusal = new ServerRefusal(errorId, certificate?.Subject ?? string.Empty, certificate?.Issuer ?? string.Empty, detail);
        return false;
    }

    private static X509Certificate2[] ReadCertificates(string path)
    {
        try
        {
            byte[] content = File.ReadAllBytes(path);
            MatchCollection blocks = Regex.Matches(
                Encoding.ASCII.GetString(content), "-----BEGIN CERTIFICATE-----(?<body>[^-]*)-----END CERTIFICATE-----");
            if (content.Length == 0)
            {
                return Array.Empty<X509Certificate2>();
            }

            return blocks.Count == 0
                ? new[] { new X509Certificate2(content) }
                : blocks.Cast<Match>()
                    .Select(block => new X509Certificate2(Convert.FromBase64String(block.Groups["body"].Value)))
                    .ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw new NfceSyncException(
                e, ErrorIds.NfceTrustedRootUnreadable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message);
        }
    }
}

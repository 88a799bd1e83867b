using System;
using System.Security;
using System.Security.Cryptography.X509Certificates;

using NfceSync.Core.Queue;
using NfceSync.Core.Sefaz;
using NfceSync.Core.Stores;

namespace NfceSync.Core.Sync;

/// <summary>The way of one store to SEFAZ: its certificate with the kept password, whom it trusts, and the transport.</summary>
public sealed class StoreConnection : IDisposable
{
    private readonly X509Certificate2 _certificate;

    private StoreConnection(X509Certificate2 certificate, ISefazTransport transport)
    {
        _certificate = certificate;
        Transport = transport;
        Certificate = CertificateInfo.From(certificate);
    }

    /// <summary>The transport; nothing is connected before its first request.</summary>
    public ISefazTransport Transport { get; }

    /// <summary>What the TLS certificate says of itself.</summary>
    public CertificateInfo Certificate { get; }

    /// <summary>By what SEFAZ counts the calls: the certificate's CNPJ or CPF, else its thumbprint.</summary>
    public string CertificateId => Certificate.TaxId ?? Certificate.Thumbprint;

    /// <summary>Opens the store's certificate and prepares the transport.</summary>
    /// <param name="queue">The queue, which keeps passwords and addresses.</param>
    /// <param name="store">The registered store.</param>
    /// <param name="connections">How many connections may be open at a time.</param>
    /// <param name="askPassword">Asked once where a PFX needs a password that is not kept; null: nobody can be asked.</param>
    /// <param name="wire">Is told what goes over the wire, without personal data; null: nobody looks. Called from any thread.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfcePfxPasswordNeeded"/>, or as <see cref="StoreCertificate.Load"/>, <see cref="ServerTrust.Load"/>
    /// and <see cref="PfxSecretStore.TryLoad"/>.
    /// </exception>
    public static StoreConnection Open(
        NfceQueue queue, Store store, int connections, Func<SecureString?> askPassword, Action<string>? wire = null)
    {
        var trust = ServerTrust.Load(store.TrustedRootPath);
        X509Certificate2 certificate = LoadCertificate(queue, store, askPassword);
        var transport = new HttpSefazTransport(AddressOf, certificate, trust, connections);
        return new StoreConnection(certificate, wire is null ? transport : new WireLog(transport, AddressOf, wire));

        Uri AddressOf(SefazService service) => queue.Endpoints.For(store.Uf, store.Environment, service, store.ServiceBaseAddress);
    }

    /// <summary>Under what the password of a store's PFX is kept: it survives another name and a rebuilt queue.</summary>
    /// <param name="store">The store.</param>
    public static string SecretKey(Store store) => store.IssuerId + "/" + (int)store.Environment;

    /// <summary>Loads a certificate and asks for the PFX's password only where it needs one.</summary>
    /// <param name="reference">Where the certificate is.</param>
    /// <param name="askPassword">Asked once; null: nobody can be asked.</param>
    /// <param name="now">The present instant, for the validity.</param>
    /// <exception cref="NfceSyncException">
    /// <see cref="ErrorIds.NfcePfxPasswordNeeded"/>, or as <see cref="StoreCertificate.Load"/>.
    /// </exception>
    public static X509Certificate2 LoadCertificate(CertificateReference reference, Func<SecureString?> askPassword, DateTimeOffset now)
    {
        try
        {
            return StoreCertificate.Load(reference, () => null, now);
        }
        catch (NfceSyncException e) when (e.ErrorId == ErrorIds.NfcePfxWrongPassword)
        {
            SecureString password = askPassword() ?? throw new NfceSyncException(
                e, ErrorIds.NfcePfxPasswordNeeded, NfceErrorCategory.SecurityError, reference.PfxPath, reference.PfxPath);
            return StoreCertificate.Load(reference, () => password, now);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Transport.Dispose();
        _certificate.Dispose();
    }

    private static X509Certificate2 LoadCertificate(NfceQueue queue, Store store, Func<SecureString?> askPassword)
    {
        DateTimeOffset now = queue.Clock.GetUtcNow();
        return store.Certificate.PfxPath is not null && queue.Secrets.TryLoad(SecretKey(store)) is { } kept
            ? StoreCertificate.Load(store.Certificate, () => kept, now)
            : LoadCertificate(store.Certificate, askPassword, now);
    }
}

using System;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NfceSync.SefazSimulator;

/// <summary>
/// Writes the XMLDSig that <c>xmldsig-core-schema_v1.01.xsd</c> fixes: enveloped, C14N 20010315, RSA-SHA1,
/// X509Certificate only. The caller hands over what is signed in its canonical form.
/// </summary>
internal sealed class EnvelopedSigner
{
    private static readonly ConditionalWeakTable<X509Certificate2, EnvelopedSigner> Known = [];
    private readonly X509Certificate2 _certificate;
    private readonly string _certificateBase64;

    // One RSA object serves one caller at a time; a bag of them serves all cores.
    private readonly ConcurrentBag<RSA> _keys = [];

    private EnvelopedSigner(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _certificateBase64 = Convert.ToBase64String(certificate.RawData);
    }

    public static EnvelopedSigner Of(X509Certificate2 certificate) => Known.GetValue(certificate, static c => new EnvelopedSigner(c));

    public static string Digest(string canonical) => Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(canonical)));

    /// <summary>The canonical SignedInfo; valid notes use the two SHA-1 methods.</summary>
    public static string CanonicalSignedInfo(string id, string digest, string signatureMethod = Namespaces.RsaSha1, string digestMethod = Namespaces.Sha1) =>
        $"<SignedInfo xmlns=\"{Namespaces.Dsig}\"><CanonicalizationMethod Algorithm=\"{Namespaces.C14N}\"></CanonicalizationMethod>"
        + $"<SignatureMethod Algorithm=\"{signatureMethod}\"></SignatureMethod><Reference URI=\"#{id}\"><Transforms>"
        + $"<Transform Algorithm=\"{Namespaces.Enveloped}\"></Transform><Transform Algorithm=\"{Namespaces.C14N}\"></Transform></Transforms>"
        + $"<DigestMethod Algorithm=\"{digestMethod}\"></DigestMethod><DigestValue>{digest}</DigestValue></Reference></SignedInfo>";

    /// <summary>RSA-SHA1 of a text in Base64, as signatures and QR code version 3 want it.</summary>
    public string SignText(string text)
    {
        if (!_keys.TryTake(out var key))
        {
            key = _certificate.GetRSAPrivateKey() ?? throw new ArgumentException("The certificate has no RSA key.");
        }

        var value = key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
        _keys.Add(key);
        return Convert.ToBase64String(value);
    }

    /// <summary>The Signature element as ERPs write it: empty elements closed in themselves.</summary>
    public string Signature(string id, string digest, string? signatureValue = null)
    {
        var canonical = CanonicalSignedInfo(id, digest);
        return Element(canonical, signatureValue ?? SignText(canonical));
    }

    public string Element(string canonicalSignedInfo, string signatureValue)
    {
        var signedInfo = canonicalSignedInfo
            .Replace($"<SignedInfo xmlns=\"{Namespaces.Dsig}\">", "<SignedInfo>", StringComparison.Ordinal)
            .Replace("></CanonicalizationMethod>", "/>", StringComparison.Ordinal)
            .Replace("></SignatureMethod>", "/>", StringComparison.Ordinal)
            .Replace("></Transform>", "/>", StringComparison.Ordinal)
            .Replace("></DigestMethod>", "/>", StringComparison.Ordinal);
        return $"<Signature xmlns=\"{Namespaces.Dsig}\">{signedInfo}<SignatureValue>{signatureValue}</SignatureValue>"
            + $"<KeyInfo><X509Data><X509Certificate>{_certificateBase64}</X509Certificate></X509Data></KeyInfo></Signature>";
    }
}

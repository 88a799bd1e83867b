using System;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.SefazSimulator;

/// <summary>A signing certificate that was looked at once.</summary>
internal sealed class Signer(X509Certificate2 certificate, string? holder, bool trusted)
{
    private readonly ConcurrentBag<RSA> _keys = [];

    public X509Certificate2 Certificate { get; } = certificate;

    /// <summary>CNPJ or CPF, or null.</summary>
    public string? Holder { get; } = holder;

    public bool Trusted { get; } = trusted;

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!_keys.TryTake(out var key))
        {
            key = Certificate.GetRSAPublicKey();
        }

        if (key is null)
        {
            return false;
        }

        var good = key.VerifyData(data, signature, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);
        _keys.Add(key);
        return good;
    }
}

/// <summary>Signing certificates by their Base64 text: a store signs thousands of notes with one.</summary>
internal sealed class SignerCache(TestAuthority authority)
{
    private readonly ConcurrentDictionary<string, Signer?> _signers = new(StringComparer.Ordinal);

    /// <summary>The signer, or null where the text is no certificate (rule E01).</summary>
    public Signer? Get(string base64) => _signers.GetOrAdd(base64, Load);

    private Signer? Load(string base64)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(base64));
            return new Signer(certificate, IcpBrasilName.Read(certificate), authority.Signed(certificate));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }
}

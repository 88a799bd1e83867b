namespace NfceSync.Core;

// Stores, certificates, trust and deadlines.
public static partial class ErrorIds
{
    /// <summary>The store's name is empty or has characters of paths or wildcards.</summary>
    public const string NfceStoreNameInvalid = nameof(NfceStoreNameInvalid);

    /// <summary>The emitter's CNPJ or CPF has a wrong length or check digit.</summary>
    public const string NfceIssuerIdInvalid = nameof(NfceIssuerIdInvalid);

    /// <summary>No UF has these two letters.</summary>
    public const string NfceUfUnknown = nameof(NfceUfUnknown);

    /// <summary>The store has no source folder.</summary>
    public const string NfceStoreWithoutSource = nameof(NfceStoreWithoutSource);

    /// <summary>A source folder's file pattern is empty or holds a folder.</summary>
    public const string NfceSourcePatternInvalid = nameof(NfceSourcePatternInvalid);

    /// <summary>A path is not absolute.</summary>
    public const string NfcePathNotAbsolute = nameof(NfcePathNotAbsolute);

    /// <summary>The archive and a source folder are the same or lie one in the other.</summary>
    public const string NfceArchiveOverlapsSource = nameof(NfceArchiveOverlapsSource);

    /// <summary>Not exactly one of PFX file and thumbprint is given.</summary>
    public const string NfceCertificateReferenceInvalid = nameof(NfceCertificateReferenceInvalid);

    /// <summary>A thumbprint has not 40 hexadecimal digits.</summary>
    public const string NfceThumbprintInvalid = nameof(NfceThumbprintInvalid);

    /// <summary>A service base address is not https://host[:port]/.</summary>
    public const string NfceServiceAddressInvalid = nameof(NfceServiceAddressInvalid);

    /// <summary>The file of trusted roots cannot be read.</summary>
    public const string NfceTrustedRootUnreadable = nameof(NfceTrustedRootUnreadable);

    /// <summary>The file of trusted roots holds no root.</summary>
    public const string NfceTrustedRootEmpty = nameof(NfceTrustedRootEmpty);

    /// <summary>The authoriser a user's file names lacks a service.</summary>
    public const string NfceEndpointMissing = nameof(NfceEndpointMissing);

    /// <summary>A user's table of addresses or deadlines cannot be read.</summary>
    public const string NfceOverrideFileUnreadable = nameof(NfceOverrideFileUnreadable);

    /// <summary>A line of a user's table of addresses or deadlines has no meaning.</summary>
    public const string NfceOverrideFileInvalid = nameof(NfceOverrideFileInvalid);

    /// <summary>The PFX file does not exist.</summary>
    public const string NfcePfxMissing = nameof(NfcePfxMissing);

    /// <summary>The PFX file cannot be read or is no PFX.</summary>
    public const string NfcePfxUnreadable = nameof(NfcePfxUnreadable);

    /// <summary>The PFX file's password is wrong.</summary>
    public const string NfcePfxWrongPassword = nameof(NfcePfxWrongPassword);

    /// <summary>The PFX file is encrypted with RC2 or RC4, which OpenSSL 3 does not open.</summary>
    public const string NfcePfxLegacyEncryption = nameof(NfcePfxLegacyEncryption);

    /// <summary>The key of the PFX file has no place in this session: the user's profile is not loaded.</summary>
    public const string NfcePfxProfileUnavailable = nameof(NfcePfxProfileUnavailable);

    /// <summary>The certificate is no longer valid.</summary>
    public const string NfceCertificateExpired = nameof(NfceCertificateExpired);

    /// <summary>The certificate is not valid yet, or the machine's clock is behind.</summary>
    public const string NfceCertificateNotYetValid = nameof(NfceCertificateNotYetValid);

    /// <summary>The certificate comes without its private key.</summary>
    public const string NfceCertificateNoPrivateKey = nameof(NfceCertificateNoPrivateKey);

    /// <summary>No certificate of the Windows store has the thumbprint.</summary>
    public const string NfceCertificateNotFound = nameof(NfceCertificateNotFound);

    /// <summary>A thumbprint is used on a system without the Windows store.</summary>
    public const string NfceCertificateStoreUnsupported = nameof(NfceCertificateStoreUnsupported);

    /// <summary>The key lies on a token or cannot be opened in this session.</summary>
    public const string NfceCertificateKeyUnavailable = nameof(NfceCertificateKeyUnavailable);

    /// <summary>A warning: the TLS certificate is not of the store's owner.</summary>
    public const string NfceCertificateOtherIssuer = nameof(NfceCertificateOtherIssuer);

    /// <summary>Others can read the kept password's file, or another user owns it.</summary>
    public const string NfceSecretFileUnsafe = nameof(NfceSecretFileUnsafe);

    /// <summary>The kept password cannot be read.</summary>
    public const string NfceSecretFileUnreadable = nameof(NfceSecretFileUnreadable);

    /// <summary>The password cannot be kept or forgotten.</summary>
    public const string NfceSecretFileUnwritable = nameof(NfceSecretFileUnwritable);

    /// <summary>The server's certificate does not chain to a trusted root.</summary>
    public const string NfceServerCertificateUntrusted = nameof(NfceServerCertificateUntrusted);

    /// <summary>The server's certificate is of another host.</summary>
    public const string NfceServerCertificateWrongHost = nameof(NfceServerCertificateWrongHost);

    /// <summary>The server's certificate is out of date by this machine's clock.</summary>
    public const string NfceServerCertificateNotTimeValid = nameof(NfceServerCertificateNotTimeValid);
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.Core.Stores;

/// <summary>Gets the certificate of the TLS connection, with a private key that can be used for it.</summary>
public static class StoreCertificate
{
    private const int WrongPassword = unchecked((int)0x80070056);

    // NCRYPT_IMPL_TYPE_PROPERTY and its NCRYPT_IMPL_REMOVABLE_FLAG (ncrypt.h): the key lies on something pulled out.
    private const string ImplementationType = "Impl Type";
    private const int Removable = 0x8;

    /// <summary>Loads the certificate. Whoever calls disposes of it: on Windows its key is deleted from the disk with it.</summary>
    /// <param name="reference">Where it is: exactly one of PFX file and thumbprint.</param>
    /// <param name="password">Asked once, for a PFX only; may answer null for a PFX without password.</param>
    /// <param name="now">The present instant, for the validity.</param>
    /// <returns>The certificate with its key.</returns>
    /// <exception cref="NfceSyncException">
    /// PFX: <see cref="ErrorIds.NfcePfxMissing"/>, <see cref="ErrorIds.NfcePfxUnreadable"/>,
    /// <see cref="ErrorIds.NfcePfxWrongPassword"/>, <see cref="ErrorIds.NfcePfxLegacyEncryption"/>,
    /// <see cref="ErrorIds.NfcePfxProfileUnavailable"/> (Windows). Windows store:
    /// <see cref="ErrorIds.NfceCertificateNotFound"/>, <see cref="ErrorIds.NfceCertificateStoreUnsupported"/>,
    /// <see cref="ErrorIds.NfceCertificateKeyUnavailable"/> (token, smart card). Both:
    /// <see cref="ErrorIds.NfceCertificateNoPrivateKey"/>, <see cref="ErrorIds.NfceCertificateNotYetValid"/>,
    /// <see cref="ErrorIds.NfceCertificateExpired"/>.
    /// </exception>
    public static X509Certificate2 Load(CertificateReference reference, Func<SecureString?> password, DateTimeOffset now)
    {
        string source = reference.PfxPath ?? reference.Thumbprint!;
        X509Certificate2 certificate = reference.PfxPath is not null
            ? FromPfx(reference.PfxPath, password)
            : FromWindowsStore(reference.Thumbprint!);
        try
        {
            RequireUsable(certificate, source, now);
            return certificate;
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }

    // What is copied from the certificate window of Windows has blanks in it and an invisible mark in front.
    internal static string NormaliseThumbprint(string thumbprint) =>
        new(thumbprint.Where(Uri.IsHexDigit).Select(char.ToUpperInvariant).ToArray());

    private static X509Certificate2 FromPfx(string path, Func<SecureString?> password)
    {
        byte[] content = ReadPfx(path);
        using SecureString? secret = password();
        try
        {
            return Platform.IsWindows ? Open(WithKeyIn, path) : WithKeyIn(X509KeyStorageFlags.UserKeySet);
        }
        catch (CryptographicException e) when (e.HResult == WrongPassword)
        {
            throw new NfceSyncException(e, ErrorIds.NfcePfxWrongPassword, NfceErrorCategory.SecurityError, path, path);
        }
        catch (CryptographicException e) when (!Platform.IsWindows && PfxEncryption.IsLegacy(content))
        {
            throw new NfceSyncException(e, ErrorIds.NfcePfxLegacyEncryption, NfceErrorCategory.SecurityError, path, path);
        }
        catch (CryptographicException e)
        {
            throw Unreadable(e, path);
        }

        X509Certificate2 WithKeyIn(X509KeyStorageFlags place) => new(content, secret, place);
    }

    /// <summary>
    /// Opens a PFX on Windows, which puts its key into a file. Never for good: without PersistKeySet the file goes when the
    /// certificate is disposed of.
    /// </summary>
    internal static X509Certificate2 Open(Func<X509KeyStorageFlags, X509Certificate2> open, string path)
    {
        try
        {
            return open(X509KeyStorageFlags.UserKeySet);
        }
        catch (CryptographicException e) when (e.HResult != WrongPassword)
        {
            // The user's keys are kept in his profile, which a remote session or scheduled task may run without:
            // https://github.com/dotnet/corefx/issues/14745
            try
            {
                return open(X509KeyStorageFlags.MachineKeySet);
            }
            catch (CryptographicException) when (IsWhole(open))
            {
                throw new NfceSyncException(e, ErrorIds.NfcePfxProfileUnavailable, NfceErrorCategory.SecurityError, path, path, e.Message);
            }
        }
    }

    // With its key in memory alone, of which SChannel makes no use for client authentication.
    private static bool IsWhole(Func<X509KeyStorageFlags, X509Certificate2> open)
    {
        try
        {
            open(X509KeyStorageFlags.EphemeralKeySet).Dispose();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[] ReadPfx(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NfceSyncException(e, ErrorIds.NfcePfxMissing, NfceErrorCategory.ObjectNotFound, path, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e, path);
        }
    }

    private static NfceSyncException Unreadable(Exception e, string path) =>
        new(e, ErrorIds.NfcePfxUnreadable, NfceErrorCategory.ResourceUnavailable, path, path, e.Message);

    private static X509Certificate2 FromWindowsStore(string thumbprint)
    {
        if (!Platform.IsWindows)
        {
            throw new NfceSyncException(
                ErrorIds.NfceCertificateStoreUnsupported, NfceErrorCategory.InvalidArgument, thumbprint, thumbprint);
        }

        X509Certificate2 certificate = WithKey(new[] { StoreLocation.CurrentUser, StoreLocation.LocalMachine }.SelectMany(location =>
        {
            using var store = new X509Store(StoreName.My, location);
            store.Open(OpenFlags.ReadOnly);
            return store.Certificates.Find(X509FindType.FindByThumbprint, NormaliseThumbprint(thumbprint), validOnly: false)
                .Cast<X509Certificate2>();
        })) ?? throw new NfceSyncException(
            ErrorIds.NfceCertificateNotFound, NfceErrorCategory.ObjectNotFound, thumbprint, thumbprint);
        RequireKey(certificate, thumbprint);
        return certificate;
    }

    /// <summary>The first that has its key, else the first: one of the same thumbprint may have been installed without it.</summary>
    internal static X509Certificate2? WithKey(IEnumerable<X509Certificate2> found)
    {
        X509Certificate2[] all = found.ToArray();
        return all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? all.FirstOrDefault();
    }

    // A key that this user may not open would show only as a failed handshake. A token asks for its PIN in a window: where
    // nobody can see one (remote session, scheduled task) the handshake would wait for ever, so it is not begun.
    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static void RequireKey(X509Certificate2 certificate, string thumbprint)
    {
        try
        {
            using RSA? key = certificate.GetRSAPrivateKey();
            bool removable = key switch
            {
                RSACryptoServiceProvider csp => csp.CspKeyContainerInfo.Removable || csp.CspKeyContainerInfo.HardwareDevice,
                RSACng cng => cng.Key.HasProperty(ImplementationType, CngPropertyOptions.None)
                    && (BitConverter.ToInt32(cng.Key.GetProperty(ImplementationType, CngPropertyOptions.None).GetValue()!, 0) & Removable) != 0,
                _ => false,
            };
            if (removable && !Environment.UserInteractive)
            {
                throw KeyUnavailable(null, thumbprint);
            }
        }
        catch (CryptographicException e)
        {
            throw KeyUnavailable(e, thumbprint);
        }
    }

    private static NfceSyncException KeyUnavailable(Exception? e, string thumbprint) =>
        new(e, ErrorIds.NfceCertificateKeyUnavailable, NfceErrorCategory.SecurityError, thumbprint, thumbprint);

    private static void RequireUsable(X509Certificate2 certificate, string source, DateTimeOffset now)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new NfceSyncException(
                ErrorIds.NfceCertificateNoPrivateKey, NfceErrorCategory.SecurityError, source, source);
        }

        CertificateInfo info = CertificateInfo.From(certificate);
        if (now < info.NotBefore)
        {
            throw new NfceSyncException(
                ErrorIds.NfceCertificateNotYetValid, NfceErrorCategory.SecurityError, source, source, info.NotBefore, now);
        }

        if (now > info.NotAfter)
        {
            throw new NfceSyncException(
                ErrorIds.NfceCertificateExpired, NfceErrorCategory.SecurityError, source, source, info.NotAfter);
        }
    }
}

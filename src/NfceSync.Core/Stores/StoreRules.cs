using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NfceSync.Core.Stores;

/// <summary>What a store must be before it may be registered. Nothing here needs the queue, the network or the certificate.</summary>
public static class StoreRules
{
    // Characters of paths and of PowerShell's wildcards, the same on every system: a name is typed, completed and
    // matched, and may become part of a file name.
    private static readonly HashSet<char> ForbiddenInNames = new("*?[]`\\/:<>|\"");

    /// <summary>Checks everything that can be told without the queue.</summary>
    /// <param name="store">The store, its id already without punctuation and its paths already absolute.</param>
    /// <exception cref="NfceSyncException">
    /// The first of: <see cref="ErrorIds.NfceStoreNameInvalid"/>, <see cref="ErrorIds.NfceIssuerIdInvalid"/>,
    /// <see cref="ErrorIds.NfceUfUnknown"/>, <see cref="ErrorIds.NfceStoreWithoutSource"/>,
    /// <see cref="ErrorIds.NfceSourcePatternInvalid"/>, <see cref="ErrorIds.NfcePathNotAbsolute"/>,
    /// <see cref="ErrorIds.NfceArchiveOverlapsSource"/>, <see cref="ErrorIds.NfceCertificateReferenceInvalid"/>,
    /// <see cref="ErrorIds.NfceThumbprintInvalid"/>, <see cref="ErrorIds.NfceServiceAddressInvalid"/>,
    /// <see cref="ErrorIds.NfceTrustedRootUnreadable"/>, <see cref="ErrorIds.NfceTrustedRootEmpty"/>.
    /// </exception>
    public static void Validate(Store store)
    {
        ValidateName(store.Name);

        if (!TaxId.IsValid(store.IssuerId))
        {
            throw Invalid(ErrorIds.NfceIssuerIdInvalid, store.Name);
        }

        _ = Uf.Get(store.Uf);
        ValidateFolders(store);
        ValidateCertificate(store);
        ValidateServiceAddress(store.ServiceBaseAddress);

        if (store.TrustedRootPath is not null)
        {
            RequireAbsolute(store.TrustedRootPath);
            _ = ServerTrust.Load(store.TrustedRootPath);
        }
    }

    private static void ValidateName(string name)
    {
        // Windows drops a blank or a dot at the end of a file name: two stores would share one.
        if (name.Trim().Length == 0 || name.Trim() != name || name[name.Length - 1] == '.'
            || name.Any(c => char.IsControl(c) || ForbiddenInNames.Contains(c)))
        {
            throw Invalid(ErrorIds.NfceStoreNameInvalid, name);
        }
    }

    private static void ValidateFolders(Store store)
    {
        if (store.Sources.Count == 0)
        {
            throw Invalid(ErrorIds.NfceStoreWithoutSource, store.Name);
        }

        RequireAbsolute(store.ArchivePath);
        foreach (SourceFolder source in store.Sources)
        {
            if (source.Pattern.Trim().Length == 0 || source.Pattern.Any(IsSeparator))
            {
                throw Invalid(ErrorIds.NfceSourcePatternInvalid, source.Pattern);
            }

            RequireAbsolute(source.Path);

            // Refused for a source that is not recursive too: it may become so, and the archive would be scanned.
            if (IsSameOrInside(store.ArchivePath, source.Path) || IsSameOrInside(source.Path, store.ArchivePath))
            {
                throw Invalid(ErrorIds.NfceArchiveOverlapsSource, store.ArchivePath, source.Path);
            }
        }
    }

    private static void ValidateCertificate(Store store)
    {
        CertificateReference certificate = store.Certificate;
        if ((certificate.PfxPath is null) == (certificate.Thumbprint is null))
        {
            throw Invalid(ErrorIds.NfceCertificateReferenceInvalid, store.Name);
        }

        if (certificate.PfxPath is not null)
        {
            RequireAbsolute(certificate.PfxPath);
        }
        else if (StoreCertificate.NormaliseThumbprint(certificate.Thumbprint!).Length != 40)
        {
            throw Invalid(ErrorIds.NfceThumbprintInvalid, certificate.Thumbprint);
        }
    }

    // Only scheme, host and port of it are used, so whatever else it carries would be dropped in silence.
    private static void ValidateServiceAddress(Uri? address)
    {
        if (address is not null
            && (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttps || address.PathAndQuery != "/"
                || address.UserInfo.Length > 0 || address.Fragment.Length > 0))
        {
            // Without user and password, if it carries any.
            throw Invalid(
                ErrorIds.NfceServiceAddressInvalid,
                address.IsAbsoluteUri
                    ? address.GetComponents(UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped)
                    : address.OriginalString);
        }
    }

    private static void RequireAbsolute(string path)
    {
        if (!IsAbsolute(path))
        {
            throw Invalid(ErrorIds.NfcePathNotAbsolute, path);
        }
    }

    // Path.IsPathFullyQualified is not in .NET Framework, and IsPathRooted takes C:folder and \folder for absolute.
    private static bool IsAbsolute(string path) => Platform.IsWindows
        ? path.Length >= 3 && ((path[1] == ':' && IsSeparator(path[2])) || (IsSeparator(path[0]) && IsSeparator(path[1])))
        : path.Length > 0 && path[0] == '/';

    private static bool IsSeparator(char c) => c is '\\' or '/';

    private static bool IsSameOrInside(string path, string folder) =>
        WithSeparator(path).StartsWith(
            WithSeparator(folder), Platform.IsLinux ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    private static string WithSeparator(string path) =>
        Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) + Path.DirectorySeparatorChar;

    private static NfceSyncException Invalid(string errorId, string? target, params object?[] more) =>
        new(errorId, NfceErrorCategory.InvalidArgument, target, new object?[] { target }.Concat(more).ToArray());
}

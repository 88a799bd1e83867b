using System;
using System.Collections.Generic;

namespace NfceSync.Core.Stores;

/// <summary>The environment of SEFAZ, by its <c>tpAmb</c> value.</summary>
public enum SefazEnvironment
{
    /// <summary>Produção: the notes count.</summary>
    Producao = 1,

    /// <summary>Homologação: for tests, without fiscal value.</summary>
    Homologacao = 2,
}

/// <summary>The house's four systems whose notes are synchronised.</summary>
public enum StoreSystem
{
    /// <summary>Sistema Plus.</summary>
    Plus,

    /// <summary>One Gestão Desktop.</summary>
    OneGestaoDesktop,

    /// <summary>Lite.</summary>
    Lite,

    /// <summary>Multi Loja.</summary>
    MultiLoja,
}

/// <summary>A folder in which the ERP leaves its notes.</summary>
/// <param name="Path">The folder's absolute path.</param>
/// <param name="Recursive">Whether folders below it count.</param>
/// <param name="Pattern">The file pattern, e.g. <c>*.xml</c>.</param>
public sealed record SourceFolder(string Path, bool Recursive = true, string Pattern = SourceFolder.DefaultPattern)
{
    /// <summary>The pattern where none is given.</summary>
    public const string DefaultPattern = "*.xml";
}

/// <summary>Where a store's certificate is: exactly one of a PFX file and a thumbprint in the Windows store.</summary>
/// <param name="PfxPath">The PFX file's absolute path, or null.</param>
/// <param name="Thumbprint">The thumbprint in the Windows certificate store (CurrentUser, then LocalMachine), or null.</param>
public sealed record CertificateReference(string? PfxPath, string? Thumbprint);

/// <summary>One establishment in one environment: where its notes come from, who signs the connection, where they go.</summary>
public sealed record Store
{
    /// <summary>The row in the queue; 0 until it is registered.</summary>
    public long Id { get; init; }

    /// <summary>The name the technician gave it; unique without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>The CNPJ (14 characters, letters allowed) or CPF (11 digits) of the emitter, without punctuation.</summary>
    public required string IssuerId { get; init; }

    /// <summary>The UF's two letters, e.g. <c>SP</c>.</summary>
    public required string Uf { get; init; }

    /// <summary>Produção or Homologação.</summary>
    public required SefazEnvironment Environment { get; init; }

    /// <summary>The system that issues the notes.</summary>
    public required StoreSystem System { get; init; }

    /// <summary>Where the ERP leaves its notes; at least one.</summary>
    public required IReadOnlyList<SourceFolder> Sources { get; init; }

    /// <summary>Where <c>nfeProc</c> files go.</summary>
    public required string ArchivePath { get; init; }

    /// <summary>The certificate of the TLS connection.</summary>
    public required CertificateReference Certificate { get; init; }

    /// <summary>Replaces scheme, host and port of the authoriser's addresses (simulator, proxy); null for the official ones.</summary>
    public Uri? ServiceBaseAddress { get; init; }

    /// <summary>A PEM or DER file of roots trusted in addition to the system's, or null.</summary>
    public string? TrustedRootPath { get; init; }
}

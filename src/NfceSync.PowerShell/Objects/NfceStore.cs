using System.Linq;

using NfceSync.Core.Stores;

namespace NfceSync.PowerShell;

/// <summary>A registered store.</summary>
public sealed class NfceStore
{
    internal NfceStore(Store store)
    {
        Name = store.Name;
        Cnpj = TaxId.Display(store.IssuerId);
        Uf = store.Uf;
        Environment = store.Environment.ToString();
        System = store.System.ToString();
        SourcePath = store.Sources.Select(source => source.Path).ToArray();
        Recurse = store.Sources[0].Recursive;
        Pattern = store.Sources[0].Pattern;
        ArchivePath = store.ArchivePath;
        CertificatePath = store.Certificate.PfxPath;
        Thumbprint = store.Certificate.Thumbprint;
        ServiceBaseAddress = store.ServiceBaseAddress?.ToString();
        TrustedRootPath = store.TrustedRootPath;
    }

    /// <summary>The store's name.</summary>
    public string Name { get; }

    /// <summary>The CNPJ with its punctuation; a CPF is masked.</summary>
    public string Cnpj { get; }

    /// <summary>The UF's two letters.</summary>
    public string Uf { get; }

    /// <summary><c>Producao</c> or <c>Homologacao</c>.</summary>
    public string Environment { get; }

    /// <summary>The system that issues the notes.</summary>
    public string System { get; }

    /// <summary>Where the system leaves its notes.</summary>
    public string[] SourcePath { get; }

    /// <summary>Whether folders below them count.</summary>
    public bool Recurse { get; }

    /// <summary>The file pattern.</summary>
    public string Pattern { get; }

    /// <summary>Where <c>nfeProc</c> files go.</summary>
    public string ArchivePath { get; }

    /// <summary>The PFX file; null where a certificate of the Windows store is used.</summary>
    public string? CertificatePath { get; }

    /// <summary>The certificate's thumbprint in the Windows store; null where a PFX file is used.</summary>
    public string? Thumbprint { get; }

    /// <summary>What replaces SEFAZ's address (simulator, proxy); null: the official one.</summary>
    public string? ServiceBaseAddress { get; }

    /// <summary>The file of roots trusted in addition to the system's; null: none.</summary>
    public string? TrustedRootPath { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

using System;
using System.Management.Automation;
using System.Security;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.PowerShell;

/// <summary>Registers a store on this machine.</summary>
[Cmdlet(VerbsLifecycle.Register, "NfceStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(NfceStore))]
public sealed class RegisterNfceStoreCommand : StoreSettingsCmdlet
{
    /// <summary>The name by which the store is known from now on.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Store", "StoreName")]
    public string Name { get; set; } = "";

    /// <summary>The emitter's CNPJ (letters allowed) or CPF, with or without punctuation.</summary>
    [Parameter(Mandatory = true)]
    [Alias("IssuerId", "Cpf")]
    public string Cnpj { get; set; } = "";

    /// <summary>The UF's two letters.</summary>
    [Parameter(Mandatory = true)]
    [ArgumentCompleter(typeof(UfCompleter))]
    public string Uf { get; set; } = "";

    /// <summary>Production or homologation.</summary>
    [Parameter(Mandatory = true)]
    public NfceEnvironment Environment { get; set; }

    /// <summary>The system that issues the notes.</summary>
    [Parameter(Mandatory = true)]
    public NfceSystem System { get; set; }

    /// <summary>The folders in which the system leaves its notes.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string[] SourcePath { get; set; } = [];

    /// <summary>Leaves folders below the source folders out.</summary>
    [Parameter]
    public SwitchParameter NoRecurse { get; set; }

    /// <summary>The pattern of the file names; <c>*.xml</c> if not given.</summary>
    [Parameter]
    [PSDefaultValue(Value = SourceFolder.DefaultPattern)]
    public string Pattern { get; set; } = SourceFolder.DefaultPattern;

    /// <summary>Where authorised notes go with their protocol.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string ArchivePath { get; set; } = "";

    /// <summary>Replaces the address of SEFAZ (simulator, proxy).</summary>
    [Parameter]
    public Uri? ServiceBaseAddress { get; set; }

    /// <summary>A file of root certificates that are trusted in addition to the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TrustedRootPath { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => RunOperation(async (writer, stop) =>
    {
        var store = new Store
        {
            Name = Name,
            IssuerId = TaxId.Normalise(Cnpj),
            Uf = Uf.ToUpperInvariant(),
            Environment = (SefazEnvironment)Environment,
            System = (StoreSystem)System,
            Sources = Folders(SourcePath, !NoRecurse, Pattern),
            ArchivePath = FullPath(ArchivePath),
            Certificate = new CertificateReference(CertificatePath is null ? null : FullPath(CertificatePath), Thumbprint),
            ServiceBaseAddress = ServiceBaseAddress,
            TrustedRootPath = TrustedRootPath is null ? null : FullPath(TrustedRootPath),
        };
        StoreRules.Validate(store);
        WarnOfMissingFolders(store, writer);
        if (!await ProceedAsync(writer, store.Name, "RegisterQuestion", "RegisterAction"))
        {
            return;
        }

        using SecureString? password = await CheckCertificateAsync(store, writer);
        using NfceQueue queue = OpenQueue();
        store = queue.Stores.Register(store);
        KeepPassword(queue, store, password);
        writer.WriteObject(new NfceStore(store));
    });
}

using System;
using System.Linq;
using System.Management.Automation;
using System.Security;

using NfceSync.Core.Queue;
using NfceSync.Core.Stores;
using NfceSync.Core.Sync;

namespace NfceSync.PowerShell;

/// <summary>Changes what is given of a registered store; everything else stays.</summary>
[Cmdlet(VerbsCommon.Set, "NfceStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(NfceStore))]
public sealed class SetNfceStoreCommand : StoreSettingsCmdlet
{
    /// <summary>The store's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    [ArgumentCompleter(typeof(StoreNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>The name it gets.</summary>
    [Parameter]
    public string? NewName { get; set; }

    /// <summary>The emitter's CNPJ or CPF.</summary>
    [Parameter]
    [Alias("IssuerId", "Cpf")]
    [ValidateNotNullOrEmpty]
    public string? Cnpj { get; set; }

    /// <summary>The UF's two letters.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(UfCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Uf { get; set; }

    /// <summary>Production or homologation.</summary>
    [Parameter]
    public NfceEnvironment? Environment { get; set; }

    /// <summary>The system that issues the notes.</summary>
    [Parameter]
    public NfceSystem? System { get; set; }

    /// <summary>The folders in which the system leaves its notes, in place of the present ones.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? SourcePath { get; set; }

    /// <summary>Leaves folders below the source folders out; <c>-NoRecurse:$false</c> takes them in again.</summary>
    [Parameter]
    public SwitchParameter NoRecurse { get; set; }

    /// <summary>The pattern of the file names.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Pattern { get; set; }

    /// <summary>Where authorised notes go with their protocol.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ArchivePath { get; set; }

    /// <summary>Replaces the address of SEFAZ (simulator, proxy); <c>$null</c>: the official one again.</summary>
    [Parameter]
    [AllowNull]
    public Uri? ServiceBaseAddress { get; set; }

    /// <summary>A file of root certificates that are trusted in addition to the system's; <c>$null</c>: none any more.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? TrustedRootPath { get; set; }

    /// <summary>Allows another folder, environment, CNPJ or UF while notes are pending.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOperation(async (writer, stop) =>
    {
        using NfceQueue queue = OpenQueue();
        Store old = ExactStore(queue, Name);
        Store store = Changed(old);
        StoreRules.Validate(store);
        if (IsGiven(nameof(SourcePath)))
        {
            WarnOfMissingFolders(store, writer);
        }

        if (!await ProceedAsync(writer, old.Name, "SetQuestion", "SetAction"))
        {
            return;
        }

        bool otherCertificate = IsGiven(nameof(CertificatePath)) || IsGiven(nameof(Thumbprint)) || IsGiven(nameof(CertificatePassword))
            || IsGiven(nameof(CertificateCredential)) || SavePassword;
        using SecureString? password = otherCertificate ? await CheckCertificateAsync(store, writer) : null;
        if (StoreRegistry.Moves(old, store))
        {
            await TakeInBeforeLeavingAsync(queue, old, writer, stop);
        }

        bool otherKey = StoreConnection.SecretKey(store) != StoreConnection.SecretKey(old);
        using SecureString? kept = otherKey && !otherCertificate ? queue.Secrets.TryLoad(StoreConnection.SecretKey(old)) : null;
        store = queue.Stores.Update(store, Force);
        if (otherCertificate)
        {
            KeepPassword(queue, store, password);
        }
        else if (kept is not null)
        {
            queue.Secrets.Save(StoreConnection.SecretKey(store), kept);
        }

        if (otherKey)
        {
            queue.Secrets.Delete(StoreConnection.SecretKey(old));
        }

        writer.WriteObject(new NfceStore(store));
    });

    private Store Changed(Store old)
    {
        bool recurse = IsGiven(nameof(NoRecurse)) ? !NoRecurse : old.Sources[0].Recursive;
        string pattern = Pattern ?? old.Sources[0].Pattern;
        CertificateReference certificate = IsGiven(nameof(CertificatePath)) || IsGiven(nameof(Thumbprint))
            ? new CertificateReference(CertificatePath is null ? null : FullPath(CertificatePath), Thumbprint)
            : old.Certificate;
        return old with
        {
            Name = NewName ?? old.Name,
            IssuerId = Cnpj is null ? old.IssuerId : TaxId.Normalise(Cnpj),
            Uf = Uf?.ToUpperInvariant() ?? old.Uf,
            Environment = (SefazEnvironment?)Environment ?? old.Environment,
            System = (StoreSystem?)System ?? old.System,
            Sources = Folders(SourcePath ?? old.Sources.Select(source => source.Path), recurse, pattern),
            ArchivePath = ArchivePath is null ? old.ArchivePath : FullPath(ArchivePath),
            Certificate = certificate,
            ServiceBaseAddress = IsGiven(nameof(ServiceBaseAddress)) ? ServiceBaseAddress : old.ServiceBaseAddress,
            TrustedRootPath = !IsGiven(nameof(TrustedRootPath)) ? old.TrustedRootPath
                : string.IsNullOrEmpty(TrustedRootPath) ? null : FullPath(TrustedRootPath!),
        };
    }
}

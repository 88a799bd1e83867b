using System;
using System.Management.Automation;
using System.Security;
using System.Threading.Tasks;

using NfceSync.Core;
using NfceSync.Core.Queue;
using NfceSync.Core.Stores;

namespace NfceSync.PowerShell;

/// <summary>Registers a store on this machine, or each line of a list.</summary>
[Cmdlet(VerbsLifecycle.Register, "NfceStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(NfceStore))]
public sealed class RegisterNfceStoreCommand : StoreSettingsCmdlet
{
    /// <summary>The name by which the store is known from now on.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Store", "StoreName")]
    public string Name { get; set; } = "";

    /// <summary>The emitter's CNPJ (letters allowed) or CPF, with or without punctuation.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("IssuerId", "Cpf")]
    public string Cnpj { get; set; } = "";

    /// <summary>The UF's two letters.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(UfCompleter))]
    public string Uf { get; set; } = "";

    /// <summary>Production or homologation.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public NfceEnvironment Environment { get; set; }

    /// <summary>The system that issues the notes.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public NfceSystem System { get; set; }

    /// <summary>The folders in which the system leaves its notes.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[] SourcePath { get; set; } = [];

    /// <summary>Leaves folders below the source folders out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SwitchParameter NoRecurse { get; set; }

    /// <summary>The pattern of the file names; <c>*.xml</c> if not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PSDefaultValue(Value = SourceFolder.DefaultPattern)]
    [AllowNull]
    [AllowEmptyString]
    public string? Pattern { get; set; } = SourceFolder.DefaultPattern;

    /// <summary>Where authorised notes go with their protocol.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ArchivePath { get; set; } = "";

    /// <summary>Replaces the address of SEFAZ (simulator, proxy).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    public Uri? ServiceBaseAddress { get; set; }

    /// <summary>A file of root certificates that are trusted in addition to the system's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string? TrustedRootPath { get; set; }

    /// <inheritdoc/>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public override string? CertificatePath { get; set; }

    /// <inheritdoc/>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public override SecureString? CertificatePassword { get; set; }

    /// <inheritdoc/>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [Credential]
    public override PSCredential? CertificateCredential { get; set; }

    /// <inheritdoc/>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public override SwitchParameter SavePassword { get; set; }

    /// <inheritdoc/>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public override string? Thumbprint { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => RunOperation(async (writer, stop) =>
    {
        try
        {
            await RegisterAsync(writer);
        }
        catch (NfceSyncException e) when (MyInvocation.ExpectingInput)
        {
            // One line of a list must not keep the next from being registered.
            writer.WriteError(e);
        }
    });

    private async Task RegisterAsync(PipelineWriter writer)
    {
        var store = new Store
        {
            Name = Name,
            IssuerId = TaxId.Normalise(Cnpj),
            Uf = Uf.ToUpperInvariant(),
            Environment = (SefazEnvironment)Environment,
            System = (StoreSystem)System,
            Sources = Folders(SourcePath, !NoRecurse, string.IsNullOrEmpty(Pattern) ? SourceFolder.DefaultPattern : Pattern!),
            ArchivePath = FullPath(ArchivePath),
            Certificate = new CertificateReference(OptionalPath(CertificatePath), string.IsNullOrEmpty(Thumbprint) ? null : Thumbprint),
            ServiceBaseAddress = ServiceBaseAddress is { OriginalString.Length: > 0 } ? ServiceBaseAddress : null,
            TrustedRootPath = OptionalPath(TrustedRootPath),
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
    }

    // The empty cell of a list is a parameter that is left out.
    private string? OptionalPath(string? path) => string.IsNullOrEmpty(path) ? null : FullPath(path!);
}

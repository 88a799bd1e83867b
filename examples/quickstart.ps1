# The way of the guide in three commands: list, send, verify. examples/QuickStart runs this file against a simulated SEFAZ;
# the same lines work on a store machine with the store's own folders and certificate.
# Only commands of Microsoft.PowerShell.Core and .NET are used, so that it also runs in the engine's package alone.
[CmdletBinding()]
param(
    # The manifest of the built module.
    [Parameter(Mandatory)]
    [string] $ModulePath,

    # The folder of the queue; on a store machine leave -QueuePath out, and %ProgramData%\NfceSync is used.
    [Parameter(Mandatory)]
    [string] $QueuePath,

    # The stores: Name, Cnpj, Uf, System, SourcePath, ArchivePath, CertificatePath.
    [Parameter(Mandatory)]
    [object[]] $Store,

    # The password of the PFX files.
    [Parameter(Mandatory)]
    [securestring] $CertificatePassword,

    # The simulator's address and root certificate. A real store needs neither.
    [uri] $ServiceBaseAddress,
    [string] $TrustedRootPath
)

$ErrorActionPreference = 'Stop'
Import-Module -Name $ModulePath

foreach ($one in $Store) {
    $registration = @{
        Name                = $one.Name
        Cnpj                = $one.Cnpj
        Uf                  = $one.Uf
        Environment         = 'Homologacao'
        System              = $one.System
        SourcePath          = $one.SourcePath
        ArchivePath         = $one.ArchivePath
        CertificatePath     = $one.CertificatePath
        CertificatePassword = $CertificatePassword
        SavePassword        = $true
        ServiceBaseAddress  = $ServiceBaseAddress
        TrustedRootPath     = $TrustedRootPath
        QueuePath           = $QueuePath
    }
    Register-NfceStore @registration | Out-Null
}

# 1. What is pending?
Get-NfcePending -QueuePath $QueuePath | Out-Default

# 2. Send it. Asks once a store; "Sim" sends.
Sync-NfcePending -QueuePath $QueuePath | Out-Default

# 3. Is nothing left? Exactly one Boolean, over all stores.
Test-NfceSyncComplete -QueuePath $QueuePath

@{
    RootModule             = 'NfceSync.PowerShell.psm1'
    ModuleVersion          = '0.1.0'
    GUID                   = '6b0c6a3e-2f5d-4c0e-9a57-8d1f4e7b92c3'
    Author                 = 'the NfceSync.PowerShell authors'
    CompanyName            = 'NfceSync'
    Copyright              = 'Copyright (c) 2026 the NfceSync.PowerShell authors'
    Description            = 'Transmits NFC-e issued in offline contingency to SEFAZ and proves that none is left.'
    CompatiblePSEditions   = @('Desktop', 'Core')
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess       = @('NfceSync.PowerShell.Format.ps1xml')
    FunctionsToExport      = @()
    CmdletsToExport        = @(
        'Confirm-NfceException'
        'Get-NfcePending'
        'Get-NfceServiceStatus'
        'Get-NfceStore'
        'Register-NfceStore'
        'Repair-NfceQueue'
        'Set-NfceStore'
        'Sync-NfcePending'
        'Test-NfceSyncComplete'
        'Unregister-NfceStore'
    )
    VariablesToExport      = @()
    AliasesToExport        = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @('NFC-e', 'NFCe', 'SEFAZ', 'contingencia', 'Brasil', 'fiscal', 'Windows', 'Linux')
            LicenseUri   = 'https://licenses.nuget.org/MIT'
            ReleaseNotes = 'See CHANGELOG.md in the folder of the module.'
        }
    }
}

@{
    RootModule           = 'NfceSync.Probe.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d5d3f6b-1c5d-4d53-8a3c-0f8d2f1f7a11'
    Author               = 'the NfceSync.PowerShell authors'
    Description          = 'Cmdlets for the tests of the module.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.4'
    FunctionsToExport    = @()
    CmdletsToExport      = @('Confirm-Probe', 'Get-Probe', 'Wait-Probe', 'Write-Probe')
    VariablesToExport    = @()
    AliasesToExport      = @()
}

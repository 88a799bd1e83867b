@{
    RootModule           = 'EmptyModule.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '0b7c0c39-5d0e-4a55-9c8f-0a1f6a0f3f52'
    Author               = 'the NfceSync.PowerShell authors'
    Description          = 'An empty binary module.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.4'
    FunctionsToExport    = @()
    CmdletsToExport      = @('Get-Nothing')
    VariablesToExport    = @()
    AliasesToExport      = @()
}

# Only commands of Microsoft.PowerShell.Core and .NET are used here: an import must not load further modules.

$edition = if ($PSVersionTable.PSEdition -eq 'Core') { 'net8.0' } else { 'net472' }
if ($edition -eq 'net8.0' -and [System.Environment]::Version.Major -lt 8) {
    $needs = if ($PSUICulture -like 'pt*') {
        "O NfceSync.PowerShell precisa do PowerShell 7.4 ou mais novo, ou do Windows PowerShell 5.1. Em uso: $($PSVersionTable.PSVersion)."
    }
    else {
        "NfceSync.PowerShell needs PowerShell 7.4 or later, or Windows PowerShell 5.1. In use: $($PSVersionTable.PSVersion)."
    }
    throw $needs
}

$folder = [System.IO.Path]::Combine($PSScriptRoot, 'bin', $edition)
$name = [System.IO.Path]::GetFileNameWithoutExtension($PSCommandPath)

# Two copies (an update, another folder) cannot share a session, since their cmdlets have the same full names: the one that
# is asked for now takes over.
Get-Module -Name $name | Where-Object { $_.Path -like '*.psm1' -and $_.Path -ne $PSCommandPath } | Remove-Module

# LoadFile gives the same assembly for the same file, and its own for another version of the module in this process.
$loader = [System.Reflection.Assembly]::LoadFile([System.IO.Path]::Combine($folder, 'NfceSync.PowerShell.Loader.dll'))
$cmdlets = $loader.GetType('NfceSync.PowerShell.Loader.ModuleLoader')::Load([System.IO.Path]::Combine($folder, "$name.dll"))
$inner = Microsoft.PowerShell.Core\Import-Module -Assembly $cmdlets -PassThru -ErrorAction Stop

# On a second import the engine takes the inner module from its cache and forgets to export the cmdlets from this one:
# https://github.com/PowerShell/PowerShell/issues/20710
$self = $ExecutionContext.SessionState.Module
$addExportedCmdlet = [System.Management.Automation.PSModuleInfo].GetMethod('AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
    if (-not $self.ExportedCmdlets.ContainsKey($cmdlet.Name)) {
        $null = $addExportedCmdlet.Invoke($self, @($cmdlet))
    }
}

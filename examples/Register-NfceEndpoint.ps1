#Requires -Version 5.1
#Requires -RunAsAdministrator

<#
.SYNOPSIS
Registers an endpoint on this store machine, through which support can look, sync and verify, and do nothing else.

.DESCRIPTION
Just Enough Administration: members of -TechnicianGroup get the role NfceTechnician (look, sync, verify), members of
-ViewerGroup get NfceViewer (look only). Both come with the module, which must be installed for all users of the machine.
Nobody gets a language, files or programs, and nobody needs an account with rights on the machine.

Registering restarts WinRM, which ends remote sessions that are open. Windows only.

.PARAMETER TechnicianGroup
The groups whose members may look, sync and verify, e.g. SUPORTE\NFC-e Tecnicos.

.PARAMETER ViewerGroup
The groups whose members may only look.

.PARAMETER Name
The endpoint's name: Enter-PSSession -ComputerName LOJA-01 -ConfigurationName NfceSupport.

.PARAMETER TranscriptDirectory
Where each session is written down: who did what, and when. It is made readable by administrators only.

.EXAMPLE
.\Register-NfceEndpoint.ps1 -TechnicianGroup 'SUPORTE\NFC-e Tecnicos' -ViewerGroup 'SUPORTE\NFC-e Consulta'

.EXAMPLE
.\Register-NfceEndpoint.ps1 -TechnicianGroup 'SUPORTE\NFC-e Tecnicos' -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory)]
    [string[]] $TechnicianGroup,

    [string[]] $ViewerGroup = @(),

    [ValidatePattern('^[\w.-]+$')]
    [string] $Name = 'NfceSupport',

    [string] $TranscriptDirectory = "$env:ProgramData\NfceSync.Transcripts"
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
    throw 'Endpoints of this kind exist on Windows only. On Linux give each technician an account and use SSH.'
}

# The endpoint runs for people who cannot install a module: it must be found in a folder of the machine.
if (-not (Get-Module -Name NfceSync.PowerShell -ListAvailable)) {
    throw 'The module NfceSync.PowerShell is not installed for all users: Install-Module NfceSync.PowerShell -Scope AllUsers'
}

$roles = @{}
foreach ($group in $ViewerGroup) {
    $roles[$group] = @{ RoleCapabilities = @('NfceViewer') }
}
foreach ($group in $TechnicianGroup) {
    $roles[$group] = @{ RoleCapabilities = @('NfceTechnician') }
}

$example = Import-PowerShellDataFile -Path (Join-Path -Path $PSScriptRoot -ChildPath 'NfceSupport.pssc')
$configuration = @{
    Path                = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "$([guid]::NewGuid()).pssc"
    Description         = $example.Description
    SessionType         = $example.SessionType
    LanguageMode        = $example.LanguageMode
    RunAsVirtualAccount = $example.RunAsVirtualAccount
    TranscriptDirectory = $TranscriptDirectory
    RoleDefinitions     = $roles
}

if (-not $PSCmdlet.ShouldProcess("$env:COMPUTERNAME, WinRM", "Register the endpoint '$Name' for $($roles.Keys -join ', ')")) {
    return
}

if (-not (Test-Path -LiteralPath $TranscriptDirectory)) {
    $null = New-Item -Path $TranscriptDirectory -ItemType Directory
    # By their SIDs, since their names are translated: SYSTEM and Administrators.
    icacls.exe $TranscriptDirectory /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) {
        throw "The access to '$TranscriptDirectory' could not be limited to administrators (icacls: $LASTEXITCODE)."
    }
}

try {
    New-PSSessionConfigurationFile @configuration
    if (-not (Test-PSSessionConfigurationFile -Path $configuration.Path)) {
        throw "The session configuration for '$Name' is not valid."
    }

    Register-PSSessionConfiguration -Name $Name -Path $configuration.Path -Force
}
finally {
    Remove-Item -LiteralPath $configuration.Path -ErrorAction Ignore
}

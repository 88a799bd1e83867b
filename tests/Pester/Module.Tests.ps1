[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
param()

BeforeAll {
    . (Join-Path -Path $PSScriptRoot -ChildPath 'common.ps1')
    Import-BuiltModule
    $module = Get-Module -Name NfceSync.PowerShell
    $manifest = Import-PowerShellDataFile -Path (Join-Path -Path $module.ModuleBase -ChildPath 'NfceSync.PowerShell.psd1')
}

Describe 'The module' {
    It 'exports the commands of its manifest and nothing else, also after a second import by force' {
        ($module.ExportedCommands.Keys | Sort-Object) -join ' ' | Should -BeExactly (($manifest.CmdletsToExport | Sort-Object) -join ' ')
        $module.ExportedAliases.Count + $module.ExportedFunctions.Count + $module.ExportedVariables.Count | Should -Be 0
    }

    It 'has a manifest that PowerShell accepts' {
        { Test-ModuleManifest -Path (Join-Path -Path $module.ModuleBase -ChildPath 'NfceSync.PowerShell.psd1') -ErrorAction Stop } |
            Should -Not -Throw
    }

    It 'uses approved verbs' {
        $unapproved = (Get-Command -Module NfceSync.PowerShell).Verb | Where-Object { $_ -notin (Get-Verb).Verb }
        $unapproved | Should -BeNullOrEmpty
    }

    It 'knows each of its commands by name: <_>' -ForEach @(
        'Confirm-NfceException', 'Get-NfcePending', 'Get-NfceServiceStatus', 'Get-NfceStore', 'Register-NfceStore'
        'Repair-NfceQueue', 'Set-NfceStore', 'Sync-NfcePending', 'Test-NfceSyncComplete', 'Unregister-NfceStore'
    ) {
        $command = Get-Command -Name $_ -ErrorAction Stop
        $command.CommandType | Should -Be 'Cmdlet'
        $command.Source | Should -Be 'NfceSync.PowerShell'
    }

    It 'takes over from a copy of it that is loaded from another folder' {
        # In a process of its own, since a process keeps the files that it has loaded.
        $copy = Join-Path -Path $TestDrive -ChildPath 'NfceSync.PowerShell'
        Copy-Item -LiteralPath $module.ModuleBase -Destination $copy -Recurse
        $answer = Start-OtherShell -Script @"
`$ErrorActionPreference = 'Stop'
Import-Module -Name '$(Join-Path -Path $copy -ChildPath 'NfceSync.PowerShell.psd1')'
(Get-Module -Name NfceSync.PowerShell).ModuleBase
@(Get-Command -Module NfceSync.PowerShell).Count
"@
        $answer.Errors | Should -BeNullOrEmpty
        $answer.Output.Trim() -split '\r?\n' | Should -Be @($copy, $manifest.CmdletsToExport.Count)
    }

    It 'carries its role capabilities' {
        Get-ChildItem -Path (Join-Path -Path $module.ModuleBase -ChildPath 'RoleCapabilities') -Filter *.psrc |
            Sort-Object -Property Name | ForEach-Object -MemberName Name |
            Should -Be @('NfceTechnician.psrc', 'NfceViewer.psrc')
    }
}

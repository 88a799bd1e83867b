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

    It 'is loaded by the first of its commands where it lies in a folder of modules' {
        $answer = Start-OtherShell -Script @"
Remove-Module -Name NfceSync.PowerShell
`$env:PSModulePath = '$(Split-Path -Path $module.ModuleBase -Parent)' + [System.IO.Path]::PathSeparator + `$env:PSModulePath
`$env:NFCESYNC_HOME = '$(Join-Path -Path $TestDrive -ChildPath 'queue')'
Test-NfceSyncComplete -ErrorAction SilentlyContinue
(Get-Module -Name NfceSync.PowerShell).ModuleBase
"@
        $answer.Output.Trim() -split '\r?\n' | Should -Be @('False', $module.ModuleBase)
    }

    It 'has help for <culture>, about each command and both topics' -ForEach @(
        @{ culture = 'en-US'; word = 'note|store|SEFAZ|queue|item|pending' }
        @{ culture = 'pt-BR'; word = 'nota|loja|SEFAZ|fila|item|pendente' }
    ) {
        # Help goes by the thread's culture and stays as it was first asked for.
        $answer = Start-OtherShell -Script @"
[System.Threading.Thread]::CurrentThread.CurrentUICulture = '$culture'
Get-Command -Module NfceSync.PowerShell | ForEach-Object {
    `$help = Get-Help -Name `$_.Name -Full
    if (`$help.Synopsis -match '$word' -and @(`$help.examples.example).Count -gt 1) { 'good ' + `$_.Name }
}
'about_NfceSync', 'about_NfceSync_Errors' | Where-Object { (Get-Help -Name `$_ | Out-String) -match '$word' } | ForEach-Object { 'good ' + `$_ }
(Get-Help -Name Get-NfceStore).Synopsis
"@
        $lines = $answer.Output.Trim() -split '\r?\n'
        @($lines -match '^good ').Count | Should -Be ($manifest.CmdletsToExport.Count + 2)
        $lines[-1] -match 'Lista as lojas' | Should -Be ($culture -eq 'pt-BR')
    }

    It 'completes "<text>"' -ForEach @(
        @{ text = 'Register-NfceStore -Uf R'; found = @('RJ', 'RN', 'RO', 'RR', 'RS') }
        @{ text = 'Register-NfceStore -Environment '; found = @('Homologacao', 'Producao') }
        @{ text = 'Get-NfcePending -Status Un'; found = @('Uncertain') }
    ) {
        (TabExpansion2 -inputScript $text -cursorColumn $text.Length).CompletionMatches.CompletionText | Should -Be $found
    }

    It 'carries its role capabilities' {
        Get-ChildItem -Path (Join-Path -Path $module.ModuleBase -ChildPath 'RoleCapabilities') -Filter *.psrc |
            Sort-Object -Property Name | ForEach-Object -MemberName Name |
            Should -Be @('NfceTechnician.psrc', 'NfceViewer.psrc')
    }
}

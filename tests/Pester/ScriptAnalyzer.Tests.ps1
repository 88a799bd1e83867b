[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
param()

BeforeDiscovery {
    $canAnalyze = [bool] (Get-Module -Name PSScriptAnalyzer -ListAvailable)
}

Describe 'The scripts (with PSScriptAnalyzer)' -Skip:(-not $canAnalyze) {
    BeforeAll {
        . (Join-Path -Path $PSScriptRoot -ChildPath 'common.ps1')
    }

    It 'give PSScriptAnalyzer nothing to say: <_>' -ForEach @(
        'build.ps1', 'examples', 'module', 'PSScriptAnalyzerSettings.psd1', 'tests/Pester'
    ) {
        $analysis = @{
            Path     = Join-Path -Path $script:Repository -ChildPath $_
            Recurse  = $true
            Settings = Join-Path -Path $script:Repository -ChildPath 'PSScriptAnalyzerSettings.psd1'
        }
        Invoke-ScriptAnalyzer @analysis | ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)" } |
            Should -BeNullOrEmpty
    }

    It 'give PSScriptAnalyzer nothing to say as a text, which is the way for a kind that it does not know: <_>' -ForEach @(
        'examples/NfceSupport.pssc'
        'module/RoleCapabilities/NfceTechnician.psrc'
        'module/RoleCapabilities/NfceViewer.psrc'
    ) {
        $analysis = @{
            ScriptDefinition = Get-Content -LiteralPath (Join-Path -Path $script:Repository -ChildPath $_) -Raw
            Settings         = Join-Path -Path $script:Repository -ChildPath 'PSScriptAnalyzerSettings.psd1'
        }
        Invoke-ScriptAnalyzer @analysis | ForEach-Object { "$($_.Line) $($_.RuleName): $($_.Message)" } | Should -BeNullOrEmpty
    }
}

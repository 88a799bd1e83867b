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

    It 'give PSScriptAnalyzer nothing to say: <_>' -ForEach @('build.ps1', 'examples', 'module', 'tests/Pester') {
        $analysis = @{
            Path     = Join-Path -Path $script:Repository -ChildPath $_
            Recurse  = $true
            Settings = Join-Path -Path $script:Repository -ChildPath 'PSScriptAnalyzerSettings.psd1'
        }
        Invoke-ScriptAnalyzer @analysis | ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)" } |
            Should -BeNullOrEmpty
    }
}

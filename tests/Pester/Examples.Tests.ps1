[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
param()

BeforeAll {
    . (Join-Path -Path $PSScriptRoot -ChildPath 'common.ps1')
    Import-BuiltModule
    $simulator = Connect-Simulator
    $examples = Join-Path -Path $script:Repository -ChildPath 'examples'
}

AfterAll {
    Disconnect-Simulator -Simulator $simulator
}

Describe 'StoreHealth.Tests.ps1' {
    BeforeAll {
        # A Pester of its own, as a software house's CI would start it.
        function Test-Health {
            param([string] $List)

            $pester = (Get-Module -Name Pester).Path -replace '\.psm1$', '.psd1'
            $script = @"
Import-Module -Name '$pester'
`$container = New-PesterContainer -Path '$(Join-Path -Path $examples -ChildPath 'StoreHealth.Tests.ps1')' -Data @{ StoreList = '$List' }
`$result = Invoke-Pester -Container `$container -PassThru -Output None
'passed ' + `$result.PassedCount
`$result.Failed | ForEach-Object { 'failed ' + `$_.Name }
"@
            @((Start-OtherShell -Script $script).Output -split '\r?\n' | Where-Object { $_ -match '^(passed|failed) ' })
        }
    }

    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
        $list = Join-Path -Path (Split-Path -Path $machine.Source -Parent) -ChildPath 'stores.psd1'
        Set-Content -LiteralPath $list -Value "@{ Computers = @(@{ ComputerName = '.'; Stores = @('Loja 01') }) }" -Encoding Ascii
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'passes for a healthy store' {
        Test-Health -List $list | Should -Be @('passed 6')
    }

    It 'fails for a note without an answer' {
        $null = Add-Note -Machine $machine
        Add-Fault -Simulator $simulator -Rule @{ kind = 'CutAfterProcessing'; service = 'Autorizacao'; times = 1 }
        Add-Fault -Simulator $simulator -Rule @{ kind = 'HttpUnavailable'; service = 'Consulta' }
        $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue
        (Get-NfcePending).Status | Should -BeExactly 'Uncertain'

        Test-Health -List $list | Should -Contain 'failed has no note without an answer'
    }

    It 'fails for a SEFAZ that does not answer' {
        $null = Set-NfceStore -Name 'Loja 01' -ServiceBaseAddress 'https://localhost:1/' -Confirm:$false
        Test-Health -List $list | Should -Contain 'failed reaches SEFAZ'
    }

    It 'fails for a store that the list names and the machine does not know' {
        Set-Content -LiteralPath $list -Value "@{ Computers = @(@{ ComputerName = '.'; Stores = @('Loja 77') }) }" -Encoding Ascii
        Test-Health -List $list | Should -Contain 'failed is registered'
    }
}

Describe 'StoreHealth.Tests.ps1 without a list' {
    It 'is skipped, so that Invoke-Pester can run over a folder that holds it' {
        $answer = Start-OtherShell -Script @"
Import-Module -Name '$((Get-Module -Name Pester).Path -replace '\.psm1$', '.psd1')'
`$result = Invoke-Pester -Path '$examples' -PassThru -Output None
`$result.Result, `$result.SkippedCount, `$result.TotalCount -join ' '
"@
        $answer.Output.Trim() | Should -BeExactly 'Passed 1 1'
    }
}

Describe 'stores.psd1' {
    It 'is data' {
        $data = Import-PowerShellDataFile -Path (Join-Path -Path $examples -ChildPath 'stores.psd1')
        $data.Computers.ComputerName | Should -Not -BeNullOrEmpty
    }
}

Describe 'Register-NfceEndpoint.ps1' -Skip:($env:OS -eq 'Windows_NT') {
    It 'says that there are no such endpoints outside of Windows' {
        { & (Join-Path -Path $examples -ChildPath 'Register-NfceEndpoint.ps1') -TechnicianGroup 'anyone' } |
            Should -Throw -ExpectedMessage '*Windows*SSH*'
    }
}

Describe 'Sync-Fleet.ps1' {
    It 'tells of a machine that cannot be reached, and does not count it as complete' {
        $remote = @{ ComputerName = 'nfce-store.invalid'; Confirm = $false }
        $answer = & (Join-Path -Path $examples -ChildPath 'Sync-Fleet.ps1') @remote

        $answer.ComputerName | Should -BeExactly 'nfce-store.invalid'
        $answer.Complete | Should -Be $false
        $answer.Problems | Should -Not -BeNullOrEmpty
    }

    It 'does nothing with -WhatIf' {
        $remote = @{ ComputerName = 'nfce-store.invalid'; WhatIf = $true }
        & (Join-Path -Path $examples -ChildPath 'Sync-Fleet.ps1') @remote | Should -BeNullOrEmpty
    }
}

[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
param()

BeforeAll {
    . (Join-Path -Path $PSScriptRoot -ChildPath 'common.ps1')
    Import-BuiltModule
    $simulator = Connect-Simulator
}

AfterAll {
    Disconnect-Simulator -Simulator $simulator
}

Describe 'Test-NfceSyncComplete' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'is true where nothing is left' {
        $answer = @(Test-NfceSyncComplete)
        $answer.Count | Should -Be 1
        $answer[0] | Should -BeOfType [bool]
        $answer[0] | Should -Be $true
    }

    It 'is false while a note lies in the folder that nobody has listed yet' {
        $null = Add-Note -Machine $machine
        Test-NfceSyncComplete | Should -Be $false
    }

    It 'is one Boolean over all stores' {
        $second = Get-Registration -Machine $machine -Name 'Loja 02'
        $second.Cnpj = '12345678000276'
        $null = Register-NfceStore @second
        $null = Add-Note -Machine $machine

        $answer = @(Test-NfceSyncComplete)
        $answer.Count | Should -Be 1
        $answer[0] | Should -Be $false
        Test-NfceSyncComplete -Name 'Loja 02' | Should -Be $true
    }

    It 'is false without a store' {
        Unregister-NfceStore -Name 'Loja 01' -Confirm:$false
        Test-NfceSyncComplete -ErrorAction SilentlyContinue -ErrorVariable problems | Should -Be $false
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNoStores,NfceSync.PowerShell.TestNfceSyncCompleteCommand'
    }

    It 'is false for a store that it does not know' {
        Test-NfceSyncComplete -Name 'Loja 99' -ErrorAction SilentlyContinue -ErrorVariable problems | Should -Be $false
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceStoreNotFound,NfceSync.PowerShell.TestNfceSyncCompleteCommand'
    }

    It 'is false while the folder cannot be looked into' {
        Rename-Item -LiteralPath $machine.Source -NewName 'moved'
        Test-NfceSyncComplete -ErrorAction SilentlyContinue | Should -Be $false
    }

    It 'is one false with an error for <what>, beside a store that is complete' -ForEach @(
        @{ what = 'an empty name'; test = { 'Loja 01', '' | Test-NfceSyncComplete -ErrorAction SilentlyContinue -ErrorVariable +problems } }
        @{ what = 'no name'; test = { 'Loja 01', $null | Test-NfceSyncComplete -ErrorAction SilentlyContinue -ErrorVariable +problems } }
        @{ what = 'just null'; test = { $null | Test-NfceSyncComplete -ErrorAction SilentlyContinue -ErrorVariable +problems } }
        @{
            what = 'an object without a name'
            test = {
                [pscustomobject] @{ Name = 'Loja 01' }, [pscustomobject] @{ Name = $null } |
                    Test-NfceSyncComplete -ErrorAction SilentlyContinue -ErrorVariable +problems
            }
        }
        @{ what = '-Name $null'; test = { Test-NfceSyncComplete -Name $null -ErrorAction SilentlyContinue -ErrorVariable +problems } }
        @{ what = '-Name @()'; test = { Test-NfceSyncComplete -Name @() -ErrorAction SilentlyContinue -ErrorVariable +problems } }
    ) {
        $problems = @()
        $answer = @(. $test)
        $answer.Count | Should -Be 1
        $answer[0] | Should -Be $false
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceStoreNotFound,NfceSync.PowerShell.TestNfceSyncCompleteCommand'
    }

    It 'makes no queue where there is none' {
        $path = Join-Path -Path (Split-Path -Path $machine.Source -Parent) -ChildPath 'mistyped'
        Test-NfceSyncComplete -QueuePath $path -ErrorAction SilentlyContinue -ErrorVariable problems | Should -Be $false
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNoStores,NfceSync.PowerShell.TestNfceSyncCompleteCommand'
        $path | Should -Not -Exist
    }

    It 'is false where the pipeline brings nothing' {
        @() | Test-NfceSyncComplete -ErrorAction SilentlyContinue | Should -Be $false
    }

    It 'says with -Detailed what stands against it' {
        $null = Add-Note -Machine $machine -Count 2
        $limbo = Add-Note -Machine $machine -TpEmis 1
        Set-Content -LiteralPath (Join-Path -Path $machine.Source -ChildPath 'broken.xml') -Value 'no XML' -Encoding Ascii

        $answer = Test-NfceSyncComplete -Detailed
        $answer.Store | Should -BeExactly 'Loja 01'
        $answer.Complete | Should -Be $false
        $answer.Pending | Should -Be 3
        $answer.ToSend | Should -Be 2
        $answer.Quarantined | Should -Be 1
        $answer.LimboCandidates | Should -Be $limbo.chNFe
        $answer.Overdue | Should -Be 0
    }
}

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

Describe 'Unregister-NfceStore' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'takes the store off the list, with its password' {
        Unregister-NfceStore -Name 'Loja 01' -Confirm:$false | Should -BeNullOrEmpty

        Get-NfceStore | Should -BeNullOrEmpty
        Get-ChildItem -Path $machine.Queue -Filter *.secret -Recurse -Force | Should -BeNullOrEmpty
    }

    It 'takes stores from the pipeline' {
        Get-NfceStore | Unregister-NfceStore -Confirm:$false
        Get-NfceStore | Should -BeNullOrEmpty
    }

    It 'takes nothing off with -WhatIf' {
        $null = Add-Note -Machine $machine
        Unregister-NfceStore -Name 'Loja 01' -WhatIf
        Get-NfcePending -NoScan | Should -BeNullOrEmpty -Because 'not even the folder was taken in'
        (Get-NfceStore).Name | Should -BeExactly 'Loja 01'
    }

    It 'refuses while notes are pending, also those that nobody has listed yet' {
        $null = Add-Note -Machine $machine

        { Unregister-NfceStore -Name 'Loja 01' -Confirm:$false } |
            Should -Throw -ErrorId 'NfceStoreHasPending,NfceSync.PowerShell.UnregisterNfceStoreCommand'
        (Get-NfceStore).Name | Should -BeExactly 'Loja 01'
    }

    It 'asks, and where nobody can be asked it does nothing' {
        $answer = Start-OtherShell -Script 'Unregister-NfceStore -Name "Loja 01"'

        $answer.ExitCode | Should -Be 1
        $answer.Errors -replace '\s' | Should -Match '-Confirm:\$false'
        (Get-NfceStore).Name | Should -BeExactly 'Loja 01'
    }
}

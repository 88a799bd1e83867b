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

Describe 'Set-NfceStore' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
        $other = Join-Path -Path (Split-Path -Path $machine.Source -Parent) -ChildPath 'other'
        $null = New-Item -Path $other -ItemType Directory
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'changes what is given and nothing else' {
        $before = Get-NfceStore
        $after = Set-NfceStore -Name 'Loja 01' -NewName 'Matriz' -System Lite -NoRecurse -Confirm:$false

        $after.Name | Should -BeExactly 'Matriz'
        $after.System | Should -BeExactly 'Lite'
        $after.Recurse | Should -Be $false
        $after.SourcePath | Should -BeExactly $before.SourcePath
        $after.Cnpj | Should -BeExactly $before.Cnpj
        $after.ServiceBaseAddress | Should -BeExactly $before.ServiceBaseAddress
        (Get-NfceStore).Name | Should -BeExactly 'Matriz'
    }

    It 'keeps the password under the new name, so that nobody is asked' {
        $null = Set-NfceStore -Name 'Loja 01' -NewName 'Matriz' -Confirm:$false
        $note = Add-Note -Machine $machine

        (Sync-NfcePending -Confirm:$false).ChNFe | Should -BeExactly $note.chNFe
    }

    It 'changes nothing with -WhatIf' {
        Set-NfceStore -Name 'Loja 01' -NewName 'Matriz' -WhatIf | Should -BeNullOrEmpty
        (Get-NfceStore).Name | Should -BeExactly 'Loja 01'
    }

    It 'goes back to the official address, and to no root of its own, with $null' {
        $after = Set-NfceStore -Name 'Loja 01' -ServiceBaseAddress $null -TrustedRootPath $null -Confirm:$false

        $after.ServiceBaseAddress | Should -BeNullOrEmpty
        $after.TrustedRootPath | Should -BeNullOrEmpty
        (Get-NfceStore).ServiceBaseAddress | Should -BeNullOrEmpty
    }

    It 'completes UFs' {
        $text = 'Set-NfceStore -Uf S'
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be @('SC', 'SE', 'SP')
    }

    It 'takes the exact name of one store, and stores of a pattern from the pipeline' {
        { Set-NfceStore -Name 'Loja*' -System Lite -Confirm:$false } |
            Should -Throw -ErrorId 'NfceStoreNameIsPattern,NfceSync.PowerShell.SetNfceStoreCommand'
        (Get-NfceStore -Name 'Loja*' | Set-NfceStore -System Lite -Confirm:$false).System | Should -BeExactly 'Lite'
    }

    It 'needs -Force for another folder while notes are pending' {
        $null = Add-Note -Machine $machine
        $null = Get-NfcePending

        { Set-NfceStore -Name 'Loja 01' -SourcePath $other -Confirm:$false } |
            Should -Throw -ErrorId 'NfceStoreHasPending,NfceSync.PowerShell.SetNfceStoreCommand'
        (Set-NfceStore -Name 'Loja 01' -SourcePath $other -Force -Confirm:$false).SourcePath | Should -BeExactly $other
        @(Get-NfcePending).Count | Should -Be 1 -Because 'a note that is known stays pending'
    }

    It 'refuses a store that is not registered' {
        { Set-NfceStore -Name 'Loja 99' -System Lite -Confirm:$false } |
            Should -Throw -ErrorId 'NfceStoreNotFound,NfceSync.PowerShell.SetNfceStoreCommand'
    }
}

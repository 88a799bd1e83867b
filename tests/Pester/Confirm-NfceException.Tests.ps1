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

Describe 'Confirm-NfceException' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
        Set-Content -LiteralPath (Join-Path -Path $machine.Source -ChildPath 'broken.xml') -Value 'no XML' -Encoding Ascii
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'takes an item out with a reason, and shows it with -Detailed from then on' {
        $item = Get-NfcePending | Confirm-NfceException -Reason 'not a note' -Confirm:$false

        $item.Exception | Should -BeExactly 'not a note'
        $item.ExceptionBy | Should -BeExactly ([System.Environment]::UserName)
        Get-NfcePending | Should -BeNullOrEmpty
        (Get-NfcePending -Detailed).Exception | Should -BeExactly 'not a note'
        (Test-NfceSyncComplete -Detailed).Excepted | Should -Be 1
        Test-NfceSyncComplete | Should -Be $true
    }

    It 'puts it back' {
        $null = Get-NfcePending | Confirm-NfceException -Reason 'not a note' -Confirm:$false
        $null = Get-NfcePending -Detailed | Confirm-NfceException -Undo -Confirm:$false

        @(Get-NfcePending).Count | Should -Be 1
        Test-NfceSyncComplete | Should -Be $false
    }

    It 'takes nothing out with -WhatIf' {
        Get-NfcePending | Confirm-NfceException -Reason 'not a note' -WhatIf | Should -BeNullOrEmpty
        @(Get-NfcePending).Count | Should -Be 1
    }

    It 'refuses a note that only SEFAZ can settle' {
        $note = Add-Note -Machine $machine
        $null = Get-NfcePending
        $null = Confirm-NfceException -ChNFe $note.chNFe -Reason 'no time' -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceExceptionNotAllowed,NfceSync.PowerShell.ConfirmNfceExceptionCommand'
        @(Get-NfcePending -Status Pending).Count | Should -Be 1
    }

    It 'says which key it does not know' {
        $key = '43260112345678000195650010009999991123456780'
        $null = Confirm-NfceException -ChNFe $key -Reason 'lost' -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceItemNotFound,NfceSync.PowerShell.ConfirmNfceExceptionCommand'
    }
}

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

Describe 'Repair-NfceQueue' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'refuses a queue that is in order' {
        { Repair-NfceQueue -Confirm:$false } | Should -Throw -ErrorId 'NfceQueueNotDamaged,NfceSync.PowerShell.RepairNfceQueueCommand'
    }

    Context 'with a queue that is no database any more' {
        BeforeEach {
            $sent = Add-Note -Machine $machine
            $null = Sync-NfcePending -Confirm:$false
            $open = Add-Note -Machine $machine
            $database = Get-ChildItem -Path $machine.Queue -Filter *.db | Select-Object -First 1
            Get-ChildItem -Path $machine.Queue -Filter "$($database.Name)-*" | Remove-Item
            Set-Content -LiteralPath $database.FullName -Value ('damaged ' * 1000) -Encoding Ascii
        }

        It 'leaves it as it is until it is told to repair it' {
            $before = (Get-FileHash -LiteralPath $database.FullName).Hash
            { Get-NfcePending } | Should -Throw -ErrorId 'NfceQueueDamaged,NfceSync.PowerShell.GetNfcePendingCommand'
            Repair-NfceQueue -WhatIf | Should -BeNullOrEmpty
            (Get-FileHash -LiteralPath $database.FullName).Hash | Should -BeExactly $before
        }

        It 'keeps the damaged file and forgets no note, and none is sent twice' {
            $report = Repair-NfceQueue -Confirm:$false -ErrorAction SilentlyContinue
            Test-Path -LiteralPath $report.DamagedPath | Should -Be $true
            $report.Guidance | Should -Not -BeNullOrEmpty

            # Nothing could be read of the old file, neither who the stores are nor how often SEFAZ was called.
            $registration = Get-Registration -Machine $machine
            $null = Register-NfceStore @registration
            $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable held

            $held.FullyQualifiedErrorId | Should -Contain 'NfceConsumptionBlocked,NfceSync.PowerShell.SyncNfcePendingCommand'
            $report.HeldUntil | Should -Not -BeNullOrEmpty
            Get-NfcePending | Where-Object -Property ChNFe | ForEach-Object -MemberName ChNFe | Sort-Object | Should -Be ($sent.chNFe, $open.chNFe | Sort-Object)
            Get-NfcePending | ForEach-Object -MemberName Status | Sort-Object | Should -Be 'Quarantined', 'Uncertain', 'Uncertain'
            Test-NfceSyncComplete | Should -Be $false
            @(Get-SefazCall -Simulator $simulator -ChNFe $sent.chNFe | Where-Object -Property service -EQ -Value 'Autorizacao').Count |
                Should -Be 1
            @(Get-SefazCall -Simulator $simulator -ChNFe $open.chNFe).Count | Should -Be 0
        }
    }
}

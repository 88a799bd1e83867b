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

Describe 'Get-NfceServiceStatus' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'says that the service runs, with clock and certificate' {
        $status = Get-NfceServiceStatus

        $status.Store | Should -BeExactly 'Loja 01'
        $status.Available | Should -Be $true
        $status.LastCode | Should -Be 107
        [Math]::Abs($status.ClockSkewSeconds) | Should -BeLessThan 60
        $status.CertificateDaysLeft | Should -BeGreaterThan 30
        $status.CertificateNotAfter | Should -BeGreaterThan ([DateTimeOffset]::Now)
    }

    It 'believes an answer for three minutes' {
        $first = Get-NfceServiceStatus
        (Get-NfceServiceStatus).AskedAt | Should -Be $first.AskedAt
    }

    It 'says that the service is paused' {
        Add-Fault -Simulator $simulator -Rule @{ kind = 'PausedForNow' }
        $status = Get-NfceServiceStatus -ErrorAction SilentlyContinue -ErrorVariable problems

        $status.Available | Should -Be $false
        $status.LastCode | Should -Be 108
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceServicePaused,NfceSync.PowerShell.GetNfceServiceStatusCommand'
    }

    It 'says that nobody answers' {
        $null = Set-NfceStore -Name 'Loja 01' -ServiceBaseAddress 'https://localhost:1/' -Confirm:$false
        $status = Get-NfceServiceStatus -ErrorAction SilentlyContinue -ErrorVariable problems

        $status.Available | Should -Be $false
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceSefazUnreachable,NfceSync.PowerShell.GetNfceServiceStatusCommand'
    }
}

# Pester 5: the checks that a software house's CI runs against its stores, every hour or before each release.
#
#   $container = New-PesterContainer -Path .\StoreHealth.Tests.ps1 -Data @{ StoreList = '.\stores.psd1' }
#   Invoke-Pester -Container $container -CI
#
# It looks only: the endpoint of Register-NfceEndpoint.ps1 with the role NfceViewer is enough.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSReviewUnusedParameter', '', Justification = 'The blocks of Pester use them, into which the rule does not look.')]
[CmdletBinding()]
param(
    # Which stores there are: see stores.psd1. The computer '.' is this one.
    [string] $StoreList,

    # The machines' endpoint, e.g. NfceSupport; the usual one if left out.
    [string] $ConfigurationName,

    # An account that may use it; your own if left out.
    [pscredential] $Credential,

    [int] $CertificateDays = 30,

    # SEFAZ refuses a note that is issued more than five minutes ahead of its own clock (rule B09-10, 703).
    [int] $ClockSeconds = 60
)

if (-not $StoreList) {
    # Invoke-Pester over a whole folder finds this file, too, and has no list for it.
    Describe 'Store machines' {
        It 'are checked where -Data names their list: @{ StoreList = ''.\stores.psd1'' }' -Skip { }
    }

    return
}

BeforeDiscovery {
    $computers = (Import-PowerShellDataFile -Path $StoreList).Computers
}

Describe 'Store machine <ComputerName>' -ForEach $computers {
    BeforeAll {
        $there = @{}
        if ($ComputerName -ne '.') {
            $there.ComputerName = $ComputerName
            if ($ConfigurationName) { $there.ConfigurationName = $ConfigurationName }
            if ($Credential) { $there.Credential = $Credential }
        }

        # A machine that does not answer fails here, and with it everything below.
        $registered = @(Invoke-Command @there -ScriptBlock { Get-NfceStore } -ErrorAction Stop)

        # What these have to say in errors they also say in their objects.
        $allHealth = @(Invoke-Command @there -ScriptBlock { Test-NfceSyncComplete -Detailed } -ErrorAction SilentlyContinue)
        $allStatus = @(Invoke-Command @there -ScriptBlock { Get-NfceServiceStatus } -ErrorAction SilentlyContinue)
    }

    Context '<_>' -ForEach $Stores {
        BeforeAll {
            $name = $_
            $health = $allHealth | Where-Object -Property Store -EQ -Value $name
            $status = $allStatus | Where-Object -Property Store -EQ -Value $name
        }

        It 'is registered' {
            $registered.Name | Should -Contain $name
        }

        It 'has nothing overdue' {
            $health.Overdue | Should -Be 0
        }

        It 'has no note without an answer' {
            $health.Uncertain | Should -Be 0
        }

        It 'has a certificate that is valid long enough' {
            $status.CertificateDaysLeft | Should -BeGreaterOrEqual $CertificateDays
        }

        It 'has the right time' {
            $status.ClockSkewSeconds | Should -Not -BeNullOrEmpty
            [Math]::Abs($status.ClockSkewSeconds) | Should -BeLessOrEqual $ClockSeconds
        }

        It 'reaches SEFAZ' {
            $status.Available | Should -Be $true
        }
    }
}

[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
param()

BeforeDiscovery {
    # Registering restarts WinRM and needs an administrator: only where somebody has asked for it.
    $canRegister = $env:NFCESYNC_TEST_ENDPOINT -eq '1' -and $env:OS -eq 'Windows_NT'
}

Describe 'The endpoint of the roles (Windows, with NFCESYNC_TEST_ENDPOINT=1)' -Skip:(-not $canRegister) {
    BeforeAll {
        . (Join-Path -Path $PSScriptRoot -ChildPath 'common.ps1')
        $built = Join-Path -Path $script:Repository -ChildPath 'artifacts/NfceSync.PowerShell'
        $modules = if ($PSVersionTable.PSEdition -eq 'Core') { 'PowerShell\Modules' } else { 'WindowsPowerShell\Modules' }
        $installed = Join-Path -Path $env:ProgramFiles -ChildPath "$modules\NfceSync.PowerShell"
        if (Test-Path -LiteralPath $installed) {
            throw "'$installed' is there already; this test would replace it."
        }

        Copy-Item -LiteralPath $built -Destination $installed -Recurse
        $transcripts = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "nfce-pester-$([guid]::NewGuid().ToString('N'))"
        $register = Join-Path -Path $script:Repository -ChildPath 'examples/Register-NfceEndpoint.ps1'
        $me = [System.Security.Principal.WindowsIdentity]::GetCurrent().Name
        & $register -TechnicianGroup $me -Name NfcePesterTechnician -TranscriptDirectory $transcripts -Confirm:$false
        & $register -ViewerGroup $me -Name NfcePesterViewer -TranscriptDirectory $transcripts -Confirm:$false
        $endpoints = @{ NfceTechnician = 'NfcePesterTechnician'; NfceViewer = 'NfcePesterViewer' }
    }

    AfterAll {
        foreach ($endpoint in $endpoints.Values) {
            Unregister-PSSessionConfiguration -Name $endpoint -Force -ErrorAction Ignore
        }
        foreach ($folder in $installed, $transcripts) {
            if ($folder -and (Test-Path -LiteralPath $folder)) {
                Remove-Item -LiteralPath $folder -Recurse -Force
            }
        }
    }

    Context '<role>' -ForEach @(
        @{ role = 'NfceViewer'; commands = @('Get-NfcePending', 'Get-NfceServiceStatus', 'Get-NfceStore', 'Test-NfceSyncComplete') }
        @{ role = 'NfceTechnician'; commands = @('Get-NfcePending', 'Get-NfceServiceStatus', 'Get-NfceStore', 'Sync-NfcePending', 'Test-NfceSyncComplete') }
    ) {
        BeforeAll {
            $session = New-PSSession -ComputerName localhost -ConfigurationName $endpoints[$role] -ErrorAction Stop
        }

        AfterAll {
            if ($session) {
                Remove-PSSession -Session $session
            }
        }

        It 'shows its commands and no others of the module' {
            Invoke-Command -Session $session -ScriptBlock { Get-Command } | Where-Object -Property Name -Like -Value '*-Nfce*' |
                Sort-Object -Property Name | ForEach-Object -MemberName Name | Should -Be $commands
        }

        It 'looks' {
            { Invoke-Command -Session $session -ScriptBlock { Get-NfcePending -Name '*' } -ErrorAction SilentlyContinue } | Should -Not -Throw
        }

        It 'does not take another queue' {
            { Invoke-Command -Session $session -ScriptBlock { Get-NfceStore -QueuePath 'C:\' } -ErrorAction Stop } |
                Should -Throw -ErrorId 'NamedParameterNotFound*'
        }

        It 'does not know <_>' -ForEach @('Register-NfceStore', 'Set-NfceStore', 'Unregister-NfceStore', 'Confirm-NfceException', 'Get-ChildItem', 'cmd.exe') {
            $text = [scriptblock]::Create($_)
            { Invoke-Command -Session $session -ScriptBlock $text -ErrorAction Stop } | Should -Throw -ErrorId 'CommandNotFoundException*'
        }

        It 'has no language' {
            { Invoke-Command -Session $session -ScriptBlock { [System.IO.File]::ReadAllText('C:\Windows\win.ini') } -ErrorAction Stop } | Should -Throw
        }
    }
}

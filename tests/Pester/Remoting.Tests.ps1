[Diagnostics.CodeAnalysis.SuppressMessageAttribute(
    'PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'One block of Pester sets what another reads, which the rule does not follow.')]
param()

BeforeDiscovery {
    # NFCESYNC_TEST_SSH_HOST: this machine, as PowerShell reaches it over SSH for the same user, e.g. localhost,
    # maria@localhost:2222 or a name of ~/.ssh/config. NFCESYNC_TEST_SSH_KEY: the file of the key, if it is not the usual one.
    $sshHost = if ($PSVersionTable.PSEdition -eq 'Core') { $env:NFCESYNC_TEST_SSH_HOST }

    # A computer that WinRM reaches as an administrator and that sees this folder, e.g. localhost.
    $winRmComputer = if ($env:OS -eq 'Windows_NT') { $env:NFCESYNC_TEST_WINRM_COMPUTER }
}

BeforeAll {
    . (Join-Path -Path $PSScriptRoot -ChildPath 'common.ps1')
    Import-BuiltModule
    $simulator = Connect-Simulator
    $manifest = Join-Path -Path (Get-Module -Name NfceSync.PowerShell).ModuleBase -ChildPath 'NfceSync.PowerShell.psd1'
}

AfterAll {
    Disconnect-Simulator -Simulator $simulator
}

Describe 'Objects that come back from another process' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
        $notes = @(Add-Note -Machine $machine -Count 3)
        $list = {
            param($Manifest, $QueuePath)
            $env:NFCESYNC_HOME = $QueuePath
            Import-Module -Name $Manifest
            Get-NfcePending
        }
        # A job is a process that speaks the remoting protocol, and there is one everywhere.
        $job = Start-Job -ScriptBlock $list -ArgumentList $manifest, $machine.Queue
        $pending = @(Receive-Job -Job $job -Wait)
    }

    AfterEach {
        Remove-Job -Job $job -Force
        Close-StoreMachine -Machine $machine
    }

    It 'are the same notes' {
        $pending.ChNFe | Sort-Object | Should -Be ($notes.chNFe | Sort-Object)
        $pending[0].PSObject.TypeNames[0] | Should -BeExactly 'Deserialized.NfceSync.PowerShell.NfcePendingItem'
    }

    It 'look the same' {
        $header = '^\s*Number\s+Serie\s+Deadline\s+Status\s+Guidance'
        $local = (Get-NfcePending | Out-String -Width 200) -split '\r?\n' | Where-Object { $_ -match $header }
        $remote = ($pending | Select-Object -Property * -ExcludeProperty PSComputerName, RunspaceId, PSShowComputerName |
                ForEach-Object { $_.PSObject.TypeNames.Insert(0, 'Deserialized.NfceSync.PowerShell.NfcePendingItem'); $_ } |
                Out-String -Width 200) -split '\r?\n' | Where-Object { $_ -match $header }
        $remote | Should -Not -BeNullOrEmpty
        $remote | Should -Be $local
    }

    It 'select just themselves when they are sent' {
        $sent = $pending | Where-Object -Property ChNFe -NE -Value $notes[0].chNFe |
            Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue
        $sent.ChNFe | Sort-Object | Should -Be ($notes[1..2].chNFe | Sort-Object)
        Get-SefazCall -Simulator $simulator -ChNFe $notes[0].chNFe | Should -BeNullOrEmpty
    }
}

Describe 'A session over SSH' -Skip:(-not $sshHost) {
    BeforeAll {
        # Nobody is there to type a password or to accept a machine's key.
        $remote = @{ HostName = $env:NFCESYNC_TEST_SSH_HOST; Options = @{ BatchMode = 'yes' }; ErrorAction = 'Stop' }
        if ($env:NFCESYNC_TEST_SSH_KEY) {
            $remote.KeyFilePath = $env:NFCESYNC_TEST_SSH_KEY
        }

        $session = New-PSSession @remote
        $machine = Open-StoreMachine -Simulator $simulator
        $queue = $machine.Queue
        Invoke-Command -Session $session -ScriptBlock {
            $env:NFCESYNC_HOME = $using:queue
            Import-Module -Name $using:manifest
        }
    }

    AfterAll {
        Close-StoreMachine -Machine $machine
        if ($session) {
            Remove-PSSession -Session $session
        }
    }

    It 'lists, sends and verifies' {
        $notes = @(Add-Note -Machine $machine -Count 2)
        @(Invoke-Command -Session $session -ScriptBlock { Get-NfcePending }).Count | Should -Be 2

        $sent = @(Invoke-Command -Session $session -ScriptBlock { Sync-NfcePending -Confirm:$false })
        $sent.ChNFe | Sort-Object | Should -Be ($notes.chNFe | Sort-Object)
        $sent.PSComputerName | Select-Object -Unique | Should -BeExactly $session.ComputerName
        Invoke-Command -Session $session -ScriptBlock { Test-NfceSyncComplete } | Should -Be $true
    }

    It 'brings errors back with their ids' {
        $null = Invoke-Command -Session $session -ScriptBlock { Get-NfcePending -Name 'Loja 99' } -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceStoreNotFound,NfceSync.PowerShell.GetNfcePendingCommand'
        $problems[0].TargetObject | Should -BeExactly 'Loja 99'
        $problems[0].OriginInfo.PSComputerName | Should -BeExactly $session.ComputerName
    }

    It 'takes back just the notes that it is given' {
        $notes = @(Add-Note -Machine $machine -Count 3)
        $chosen = Invoke-Command -Session $session -ScriptBlock { Get-NfcePending } |
            Where-Object -Property ChNFe -EQ -Value $notes[1].chNFe

        $sent = @(Invoke-Command -Session $session -ScriptBlock { $using:chosen | Sync-NfcePending -Confirm:$false } -ErrorAction SilentlyContinue -ErrorVariable problems)
        $sent.ChNFe | Should -BeExactly $notes[1].chNFe
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNotesRemain,NfceSync.PowerShell.SyncNfcePendingCommand'
        Get-SefazCall -Simulator $simulator -ChNFe $notes[0].chNFe, $notes[2].chNFe | Should -BeNullOrEmpty
        $null = Invoke-Command -Session $session -ScriptBlock { Sync-NfcePending -Confirm:$false }
    }

    It 'stops where it is stopped here, and leaves the store free for the next run' {
        $note = Add-Note -Machine $machine
        Add-Fault -Simulator $simulator -Rule @{ kind = 'AnswerNeverSent'; service = 'Autorizacao' }
        $job = Invoke-Command -Session $session -ScriptBlock { Sync-NfcePending -Confirm:$false } -AsJob
        $waiting = [System.Diagnostics.Stopwatch]::StartNew()
        while (-not (Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe)) {
            $waiting.Elapsed.TotalSeconds | Should -BeLessThan 60
        }

        $stopping = [System.Diagnostics.Stopwatch]::StartNew()
        Stop-Job -Job $job
        $stopping.Elapsed.TotalSeconds | Should -BeLessThan 5
        Remove-Job -Job $job -Force

        Clear-Fault -Simulator $simulator
        (Invoke-Command -Session $session -ScriptBlock { Get-NfcePending }).Status | Should -BeExactly 'Uncertain'
        $sent = Invoke-Command -Session $session -ScriptBlock { Sync-NfcePending -Confirm:$false } -ErrorAction Stop
        $sent.Status | Should -BeExactly 'Authorized'
        @(Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe | Where-Object -Property service -EQ -Value 'Autorizacao').Count | Should -Be 1
    }
}

Describe 'A session over WinRM (Windows, with NFCESYNC_TEST_WINRM_COMPUTER)' -Skip:(-not $winRmComputer) {
    BeforeAll {
        # A network logon, as a fleet is reached: where the key of a PFX finds no place, nothing is sent.
        $session = New-PSSession -ComputerName $env:NFCESYNC_TEST_WINRM_COMPUTER -ErrorAction Stop
        $machine = Open-StoreMachine -Simulator $simulator -Empty
        $registration = Get-Registration -Machine $machine
        $queue = $machine.Queue
        Invoke-Command -Session $session -ScriptBlock {
            $env:NFCESYNC_HOME = $using:queue
            Import-Module -Name $using:manifest
        }
    }

    AfterAll {
        Close-StoreMachine -Machine $machine
        if ($session) {
            Remove-PSSession -Session $session
        }
    }

    It 'registers a store with a PFX, lists, sends and verifies' {
        $notes = @(Add-Note -Machine $machine -Count 2)
        $register = {
            param($Registration)
            Register-NfceStore @Registration
        }
        $store = Invoke-Command -Session $session -ScriptBlock $register -ArgumentList $registration -ErrorAction Stop
        $store.Name | Should -BeExactly 'Loja 01'
        @(Invoke-Command -Session $session -ScriptBlock { Get-NfcePending }).Count | Should -Be 2

        $sent = @(Invoke-Command -Session $session -ScriptBlock { Sync-NfcePending -Confirm:$false } -ErrorAction Stop)
        $sent.ChNFe | Sort-Object | Should -Be ($notes.chNFe | Sort-Object)
        Invoke-Command -Session $session -ScriptBlock { Test-NfceSyncComplete } | Should -Be $true
    }
}

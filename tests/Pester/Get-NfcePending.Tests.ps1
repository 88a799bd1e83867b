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

Describe 'Get-NfcePending' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'lists what the ERP has left, and asks SEFAZ nothing' {
        $notes = @(Add-Note -Machine $machine -Count 3)
        $pending = @(Get-NfcePending)

        $pending.ChNFe | Sort-Object | Should -Be ($notes.chNFe | Sort-Object)
        $pending.Status | Select-Object -Unique | Should -BeExactly 'Pending'
        $pending[0].Store | Should -BeExactly 'Loja 01'
        $pending[0].Total | Should -Be 34.56
        $pending[0].Overdue | Should -Be $false
        $pending[0].Deadline | Should -BeGreaterThan $pending[0].IssuedAt
        Get-SefazCall -Simulator $simulator -ChNFe $notes.chNFe | Should -BeNullOrEmpty
    }

    It 'lists the same once more' {
        $null = Add-Note -Machine $machine -Count 2
        $null = Get-NfcePending
        @(Get-NfcePending).Count | Should -Be 2
    }

    It 'looks into the folders unless it is told not to' {
        $null = Add-Note -Machine $machine
        Get-NfcePending -NoScan | Should -BeNullOrEmpty
        @(Get-NfcePending).Count | Should -Be 1
        @(Get-NfcePending -NoScan).Count | Should -Be 1
    }

    It 'leaves the ERP''s files as they are' {
        $note = Add-Note -Machine $machine
        $before = (Get-FileHash -LiteralPath $note.path).Hash
        $null = Get-NfcePending
        (Get-FileHash -LiteralPath $note.path).Hash | Should -BeExactly $before
    }

    It 'lists what cannot be read as quarantined, with the reason and the file' {
        $file = Join-Path -Path $machine.Source -ChildPath 'broken.xml'
        Set-Content -LiteralPath $file -Value 'no XML at all' -Encoding Ascii

        $item = Get-NfcePending -Status Quarantined
        $item.Path | Should -BeExactly $file
        $item.ErrorId | Should -Match '^Nfce'
        $item.NextStep | Should -Not -BeNullOrEmpty
    }

    It 'does not list notes of normal mode' {
        $null = Add-Note -Machine $machine -TpEmis 1
        Get-NfcePending | Should -BeNullOrEmpty
    }

    It 'filters by state' {
        $null = Add-Note -Machine $machine
        @(Get-NfcePending -Status Pending, Uncertain).Count | Should -Be 1
        Get-NfcePending -Status Rejected | Should -BeNullOrEmpty
    }

    It 'takes stores from the pipeline' {
        $null = Add-Note -Machine $machine
        @(Get-NfceStore | Get-NfcePending).Count | Should -Be 1
    }

    It 'finds stores by wildcards' {
        $second = Get-Registration -Machine $machine -Name 'Filial 02'
        $second.Cnpj = '12345678000276'
        $second.SourcePath = Join-Path -Path (Split-Path -Path $machine.Source -Parent) -ChildPath 'second'
        $null = New-Item -Path $second.SourcePath -ItemType Directory
        $null = Register-NfceStore @second
        $null = Add-Note -Machine $machine

        @(Get-NfcePending -Name 'Loj*').Count | Should -Be 1
        @(Get-NfcePending -Name '*0?').Count | Should -Be 1
        Get-NfcePending -Name 'Filial*' | Should -BeNullOrEmpty
    }

    It 'says that a pattern makes no sense, with an id of its own' {
        $null = Get-NfcePending -Name 'Loja [0' -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNamePatternInvalid,NfceSync.PowerShell.GetNfcePendingCommand'
    }

    It 'shows with -Detailed what a person took out, and only then' {
        Set-Content -LiteralPath (Join-Path -Path $machine.Source -ChildPath 'broken.xml') -Value 'no XML' -Encoding Ascii
        $null = Add-Note -Machine $machine
        $null = Get-NfcePending -Status Quarantined | Confirm-NfceException -Reason 'a test file' -Confirm:$false

        @(Get-NfcePending).Count | Should -Be 1
        $all = @(Get-NfcePending -Detailed)
        $all.Count | Should -Be 2
        ($all | Where-Object -Property DocumentId -NE -Value 0).Exception | Should -BeExactly 'a test file'
    }

    It 'makes no queue where there is none' {
        $path = Join-Path -Path (Split-Path -Path $machine.Source -Parent) -ChildPath 'mistyped'
        $null = Get-NfcePending -QueuePath $path -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNoStores,NfceSync.PowerShell.GetNfcePendingCommand'
        $problems[0].TargetObject | Should -BeExactly $path
        $path | Should -Not -Exist
    }

    It 'says which store it does not know' {
        $null = Get-NfcePending -Name 'Loja 99' -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceStoreNotFound,NfceSync.PowerShell.GetNfcePendingCommand'
    }

    It 'says which folder it cannot look into' {
        Rename-Item -LiteralPath $machine.Source -NewName 'moved'
        $null = Get-NfcePending -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceSourceFolderMissing,NfceSync.PowerShell.GetNfcePendingCommand'
    }

    It 'shows a table of plain text' {
        $note = Add-Note -Machine $machine
        $text = Get-NfcePending | Out-String -Width 200
        $text | Should -Match 'Loja 01'
        $text | Should -Match 'Deadline'
        $text | Should -Match 'TimeLeft'
        $text | Should -Match ([int] $note.chNFe.Substring(25, 9))
    }

    It 'says what to do, and about which file, in a table of 80 columns' {
        Set-Content -LiteralPath (Join-Path -Path $machine.Source -ChildPath 'broken.xml') -Value 'no XML' -Encoding Ascii
        $null = Add-Note -Machine $machine
        $text = Get-NfcePending | Out-String -Width 80
        $text | Should -Match 'Sync-NfcePending\.'
        $text | Should -Match 'broken\.xml: '
        $text | Should -Match 'Confirm-NfceException\.'
    }
}

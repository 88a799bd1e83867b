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

Describe 'Sync-NfcePending' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'sends every note, exactly as it was issued, and archives it with its protocol' {
        $notes = @(Add-Note -Machine $machine -Count 4)
        $results = @(Sync-NfcePending -Confirm:$false -InformationVariable messages -ErrorVariable problems)

        $problems.Count | Should -Be 0
        $results.ChNFe | Sort-Object | Should -Be ($notes.chNFe | Sort-Object)
        $results.Status | Select-Object -Unique | Should -BeExactly 'Authorized'
        $results.LastCode | Select-Object -Unique | Should -Be 100
        $messages.Count | Should -Be 1 -Because 'it is said once that nothing is left'
        foreach ($note in $notes) {
            $known = Get-Ledger -Simulator $simulator -ChNFe $note.chNFe
            $known.digVal | Should -BeExactly $note.digestValue
            ($results | Where-Object -Property ChNFe -EQ -Value $note.chNFe).Protocol | Should -BeExactly $known.nProt
            @(Get-ChildItem -Path $machine.Archive -Filter "$($note.chNFe)*" -Recurse).Count | Should -Be 1
        }

        Test-NfceSyncComplete | Should -Be $true
    }

    It 'sends nothing twice' {
        $notes = @(Add-Note -Machine $machine -Count 2)
        $null = Sync-NfcePending -Confirm:$false
        Sync-NfcePending -Confirm:$false | Should -BeNullOrEmpty
        @(Get-SefazCall -Simulator $simulator -ChNFe $notes.chNFe).Count | Should -Be 2
    }

    It 'lists with -WhatIf what would be sent, and sends nothing' {
        $notes = @(Add-Note -Machine $machine -Count 2)
        Sync-NfcePending -WhatIf | Should -BeNullOrEmpty
        Get-SefazCall -Simulator $simulator -ChNFe $notes.chNFe | Should -BeNullOrEmpty
    }

    It 'is not sent where nobody can be asked, and the error names the way out' {
        $note = Add-Note -Machine $machine
        $answer = Start-OtherShell -Script 'Sync-NfcePending'

        $answer.ExitCode | Should -Be 1
        $answer.Errors -replace '\s' | Should -Match '-Confirm:\$false'
        Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe | Should -BeNullOrEmpty
    }

    It 'ends a scheduled task with 0 where nothing is left, and with 1 where something is' {
        $null = Add-Note -Machine $machine
        (Start-OtherShell -Script 'Sync-NfcePending -Confirm:$false').ExitCode | Should -Be 0

        Set-Content -LiteralPath (Join-Path -Path $machine.Source -ChildPath 'broken.xml') -Value 'no XML' -Encoding Ascii
        (Start-OtherShell -Script 'Sync-NfcePending -Confirm:$false').ExitCode | Should -Be 1
    }

    It 'sends just the notes that come through the pipeline' {
        $notes = @(Add-Note -Machine $machine -Count 3)
        $results = Get-NfcePending | Where-Object -Property ChNFe -EQ -Value $notes[1].chNFe |
            Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems

        $results.ChNFe | Should -BeExactly $notes[1].chNFe
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNotesRemain,NfceSync.PowerShell.SyncNfcePendingCommand'
        $problems[0].TargetObject | Should -BeExactly 'Loja 01'
        @(Get-SefazCall -Simulator $simulator -ChNFe $notes.chNFe).Count | Should -Be 1
    }

    It 'sends nothing where the filter leaves nothing' {
        $note = Add-Note -Machine $machine
        Get-NfcePending | Where-Object -Property Total -GT -Value 1000 |
            Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe | Should -BeNullOrEmpty
    }

    It 'takes a key as it is printed, in groups of four' {
        $note = Add-Note -Machine $machine
        $printed = $note.chNFe -replace '(.{4})(?=.)', '$1 '
        (Sync-NfcePending -ChNFe $printed -Confirm:$false).ChNFe | Should -BeExactly $note.chNFe
    }

    It 'completes the keys of what is listed' {
        $notes = @(Add-Note -Machine $machine -Count 2)
        $null = Get-NfcePending
        $text = 'Sync-NfcePending -ChNFe 4'
        (TabExpansion2 -inputScript $text -cursorColumn $text.Length).CompletionMatches.CompletionText | Sort-Object |
            Should -Be ($notes.chNFe | Sort-Object)
    }

    It 'says which key it does not know' {
        $key = '43260112345678000195650010009999991123456780'
        $null = Sync-NfcePending -ChNFe $key -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceItemNotFound,NfceSync.PowerShell.SyncNfcePendingCommand'
        $problems[0].TargetObject | Should -BeExactly $key
    }

    It 'takes a lost answer for no answer: it consults, and does not send again' {
        $note = Add-Note -Machine $machine
        Add-Fault -Simulator $simulator -Rule @{ kind = 'CutAfterProcessing'; service = 'Autorizacao'; times = 1 }

        $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue
        $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue

        Test-NfceSyncComplete | Should -Be $true
        $calls = @(Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe)
        @($calls | Where-Object -Property service -EQ -Value 'Autorizacao').Count | Should -Be 1
        @($calls | Where-Object -Property service -Match -Value 'Consulta').Count | Should -BeGreaterThan 0
    }

    It 'does not repeat a rejected note by itself' {
        $note = Add-Note -Machine $machine
        Add-Fault -Simulator $simulator -Rule @{ kind = 'UnknownCode'; cStat = 778; chNFe = $note.chNFe }

        $result = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue
        $result.Status | Should -BeExactly 'Rejected'
        $result.LastCode | Should -Be 778
        $result.NextStep | Should -Not -BeNullOrEmpty
        $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue
        @(Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe).Count | Should -Be 1
    }

    It 'sends a rejected note again where it is named with -IncludeRejected' {
        $note = Add-Note -Machine $machine
        Add-Fault -Simulator $simulator -Rule @{ kind = 'UnknownCode'; cStat = 781; chNFe = $note.chNFe; times = 1 }
        $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue

        { Sync-NfcePending -IncludeRejected -Confirm:$false -ErrorAction Stop } |
            Should -Throw -ErrorId 'NfceRejectedNotNamed,NfceSync.PowerShell.SyncNfcePendingCommand'
        $result = Get-NfcePending -Status Rejected | Sync-NfcePending -IncludeRejected -Confirm:$false
        $result.ChNFe | Should -BeExactly $note.chNFe
        $result.Status | Should -BeExactly 'Authorized'
        Test-NfceSyncComplete | Should -Be $true
    }

    It 'has as many requests on the wire as -ThrottleLimit allows, from 1 to 32' {
        $notes = @(Add-Note -Machine $machine -Count 3)
        $results = @(Sync-NfcePending -ThrottleLimit 1 -Confirm:$false)

        $results.ChNFe | Should -Be ($notes.chNFe | Sort-Object) -Because 'one at a time they come in the order of the list'
        { Sync-NfcePending -ThrottleLimit 0 -Confirm:$false } |
            Should -Throw -ErrorId 'ParameterArgumentValidationError,NfceSync.PowerShell.SyncNfcePendingCommand'
        { Sync-NfcePending -ThrottleLimit 33 -Confirm:$false } |
            Should -Throw -ErrorId 'ParameterArgumentValidationError,NfceSync.PowerShell.SyncNfcePendingCommand'
    }

    It 'sends nothing for <what>, and says what remains' -ForEach @(
        @{ what = 'no key'; keys = @() }
        @{ what = 'a blank key'; keys = @('   ') }
    ) {
        $note = Add-Note -Machine $machine
        Sync-NfcePending -ChNFe $keys -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceNotesRemain,NfceSync.PowerShell.SyncNfcePendingCommand'
        Get-SefazCall -Simulator $simulator -ChNFe $note.chNFe | Should -BeNullOrEmpty
    }

    It 'says that SEFAZ is paused, and leaves the notes pending' {
        $null = Add-Note -Machine $machine
        Add-Fault -Simulator $simulator -Rule @{ kind = 'PausedForNow' }

        $null = Sync-NfcePending -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems
        $ids = @($problems | ForEach-Object { ($_.FullyQualifiedErrorId -split ',')[0] })
        $ids | Should -Contain 'NfceServicePaused'
        $ids | Should -Contain 'NfceNotesRemain'
        (Get-NfcePending).Status | Should -BeExactly 'Pending'
    }

    It 'tells the story of each note with -Verbose' {
        $note = Add-Note -Machine $machine
        $story = Sync-NfcePending -Confirm:$false -Verbose 4>&1 |
            Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | ForEach-Object -MemberName Message
        "$story" | Should -Match $note.chNFe
    }
}

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

Describe 'Get-NfceStore' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator
        $second = Get-Registration -Machine $machine -Name 'Loja 02'
        # A branch: the head office's certificate is good for it.
        $second.Cnpj = '12345678000276'
        $null = Register-NfceStore @second
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'lists all stores' {
        (Get-NfceStore).Name | Should -Be @('Loja 01', 'Loja 02')
    }

    It 'finds stores by "<name>"' -ForEach @(
        @{ name = 'Loja 02'; found = @('Loja 02') }
        @{ name = 'loja*'; found = @('Loja 01', 'Loja 02') }
        @{ name = '*1'; found = @('Loja 01') }
    ) {
        (Get-NfceStore -Name $name).Name | Should -Be $found
    }

    It 'takes names from the pipeline, and from objects that have one' {
        ('Loja 02' | Get-NfceStore).Name | Should -BeExactly 'Loja 02'
        ([pscustomobject] @{ Store = 'Loja 01' } | Get-NfceStore).Name | Should -BeExactly 'Loja 01'
    }

    It 'says which name no store has' {
        $found = Get-NfceStore -Name 'Loja 02', 'Loja 99' -ErrorAction SilentlyContinue -ErrorVariable problems

        $found.Name | Should -BeExactly 'Loja 02'
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceStoreNotFound,NfceSync.PowerShell.GetNfceStoreCommand'
        $problems[0].TargetObject | Should -BeExactly 'Loja 99'
    }

    It 'finds nothing for a pattern that none has, without an error' {
        Get-NfceStore -Name 'Filial*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'completes names' {
        $text = 'Get-NfceStore -Name '
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be @("'Loja 01'", "'Loja 02'")
    }

    It 'never shows the password' {
        $kept = Get-NfceStore -Name 'Loja 01'
        $kept.PSObject.Properties.Name | Should -Not -Contain 'CertificatePassword'
    }
}

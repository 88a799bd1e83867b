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

Describe 'Register-NfceStore' {
    BeforeEach {
        $machine = Open-StoreMachine -Simulator $simulator -Empty
        $registration = Get-Registration -Machine $machine
    }

    AfterEach {
        Close-StoreMachine -Machine $machine
    }

    It 'registers a store and writes it' {
        $store = Register-NfceStore @registration

        $store.Name | Should -BeExactly 'Loja 01'
        $store.Cnpj | Should -BeExactly '12.345.678/0001-95'
        $store.Uf | Should -BeExactly 'RS'
        $store.Environment | Should -BeExactly 'Homologacao'
        $store.System | Should -BeExactly 'Plus'
        $store.SourcePath | Should -BeExactly $machine.Source
        $store.Recurse | Should -Be $true
        $store.Pattern | Should -BeExactly '*.xml'
        (Get-NfceStore).Name | Should -BeExactly 'Loja 01'
    }

    It 'takes paths relative to the location' {
        Push-Location -LiteralPath (Split-Path -Path $machine.Source -Parent)
        try {
            $registration.SourcePath = 'source'
            (Register-NfceStore @registration).SourcePath | Should -BeExactly $machine.Source
        }
        finally {
            Pop-Location
        }
    }

    It 'takes the password as a credential' {
        $registration.Remove('CertificatePassword')
        $registration.CertificateCredential = [pscredential]::new('any', $simulator.Password)

        (Register-NfceStore @registration).Name | Should -BeExactly 'Loja 01'
    }

    It 'registers nothing with -WhatIf' {
        $registration.Remove('Confirm')
        Register-NfceStore @registration -WhatIf | Should -BeNullOrEmpty
        Get-NfceStore -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $machine.Queue | Should -Not -Exist
    }

    It 'takes -NoRecurse, -Pattern and -TrustedRootPath' {
        $store = Register-NfceStore @registration -NoRecurse -Pattern '*-nfce.xml'

        $store.Recurse | Should -Be $false
        $store.Pattern | Should -BeExactly '*-nfce.xml'
        $store.TrustedRootPath | Should -BeExactly $simulator.Root
        $below = Join-Path -Path $machine.Source -ChildPath 'below'
        $null = New-Item -Path $below -ItemType Directory
        $notes = @(Add-Note -Machine $machine -Count 3)
        Move-Item -LiteralPath $notes[0].path -Destination (Join-Path -Path $machine.Source -ChildPath 'a-nfce.xml')
        Move-Item -LiteralPath $notes[1].path -Destination (Join-Path -Path $below -ChildPath 'b-nfce.xml')
        @(Get-NfcePending).ChNFe | Should -BeExactly $notes[0].chNFe
        (Sync-NfcePending -Confirm:$false).ChNFe | Should -BeExactly $notes[0].chNFe -Because 'the root is trusted'
    }

    It 'registers each line of a CSV file, and a bad one does not keep the next back' {
        $csv = Join-Path -Path (Split-Path -Path $machine.Source -Parent) -ChildPath 'stores.csv'
        foreach ($line in @('Loja 01', '12345678000195'), @('Loja 02', '12345678000190'), @('Loja 03', '12345678000276')) {
            [pscustomobject] @{
                Name               = $line[0]
                Cnpj               = $line[1]
                Uf                 = 'RS'
                Environment        = 'Homologacao'
                System             = 'Plus'
                SourcePath         = $machine.Source
                ArchivePath        = $machine.Archive
                CertificatePath    = $simulator.Pfx
                Thumbprint         = ''
                Pattern            = ''
                TrustedRootPath    = $simulator.Root
                ServiceBaseAddress = $simulator.Services
            } | Export-Csv -Path $csv -Append -NoTypeInformation
        }

        $stores = Import-Csv -Path $csv |
            Register-NfceStore -CertificatePassword $simulator.Password -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problems

        $stores.Name | Should -Be @('Loja 01', 'Loja 03')
        $problems.Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NfceIssuerIdInvalid,NfceSync.PowerShell.RegisterNfceStoreCommand'
        (Get-NfceStore).Name | Should -Be @('Loja 01', 'Loja 03')
    }

    It 'completes UFs' {
        $text = 'Register-NfceStore -Uf R'
        $completion = [System.Management.Automation.CommandCompletion]::CompleteInput($text, $text.Length, $null)
        $completion.CompletionMatches.CompletionText | Should -Be @('RJ', 'RN', 'RO', 'RR', 'RS')
    }

    It 'refuses the same CNPJ under a second name' {
        $null = Register-NfceStore @registration
        $registration.Name = 'Loja 02'

        { Register-NfceStore @registration } |
            Should -Throw -ErrorId 'NfceStoreAlreadyRegistered,NfceSync.PowerShell.RegisterNfceStoreCommand'
    }

    It 'refuses <what> with <errorId> and registers nothing' -ForEach @(
        @{ what = 'a CNPJ with a wrong digit'; parameter = 'Cnpj'; value = '12345678000190'; errorId = 'NfceIssuerIdInvalid' }
        @{ what = 'an unknown UF'; parameter = 'Uf'; value = 'XX'; errorId = 'NfceUfUnknown' }
        @{ what = 'a name with a wildcard'; parameter = 'Name'; value = 'Loja*'; errorId = 'NfceStoreNameInvalid' }
        @{ what = 'a path of no file system'; parameter = 'ArchivePath'; value = 'variable:x'; errorId = 'NfcePathNotAbsolute' }
        @{ what = 'a certificate that is not there'; parameter = 'CertificatePath'; value = 'nowhere.pfx'; errorId = 'NfcePfxMissing' }
    ) {
        $registration[$parameter] = $value

        { Register-NfceStore @registration } | Should -Throw -ErrorId "$errorId,NfceSync.PowerShell.RegisterNfceStoreCommand"
        Get-NfceStore -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
    }

    It 'refuses a wrong password at once, and does not repeat it' {
        $wrong = [System.Security.SecureString]::new()
        'not-the-one'.ToCharArray() | ForEach-Object { $wrong.AppendChar($_) }
        $registration.CertificatePassword = $wrong

        $failure = { Register-NfceStore @registration } |
            Should -Throw -ErrorId 'NfcePfxWrongPassword,NfceSync.PowerShell.RegisterNfceStoreCommand' -PassThru
        "$failure $($failure.Exception)" | Should -Not -Match 'not-the-one'
    }
}

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
        Get-NfceStore | Should -BeNullOrEmpty
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
        Get-NfceStore | Should -BeNullOrEmpty
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

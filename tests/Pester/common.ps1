# Dot-sourced in the BeforeAll of each file. Runs in Windows PowerShell 5.1 and PowerShell 7, on Windows and Linux.
# The module under test is the built one (build.ps1 or build.sh); SEFAZ is the simulator in a process of its own.

$script:Repository = Split-Path -Path (Split-Path -Path $PSScriptRoot -Parent) -Parent

function Import-BuiltModule {
    # Twice: a module that is loaded through a load context may lose its commands with -Force.
    $manifest = Join-Path -Path $script:Repository -ChildPath 'artifacts/NfceSync.PowerShell/NfceSync.PowerShell.psd1'
    if (-not (Test-Path -LiteralPath $manifest)) {
        throw "There is no module at '$manifest'. Build it first: ./build.ps1 or ./build.sh"
    }

    Import-Module -Name $manifest -Global -Force -ErrorAction Stop
    Import-Module -Name $manifest -Global -Force -ErrorAction Stop
}

function Connect-Simulator {
    # Starts a SEFAZ with an authority, a root certificate and a store's certificate in a folder of its own.
    $bin = Join-Path -Path $script:Repository -ChildPath 'src/NfceSync.SefazSimulator/bin'
    $program = Get-ChildItem -Path $bin -Filter 'NfceSync.SefazSimulator.dll' -Recurse -ErrorAction Ignore |
        Where-Object { Test-Path -LiteralPath ([System.IO.Path]::ChangeExtension($_.FullName, '.runtimeconfig.json')) } |
        Sort-Object -Property LastWriteTimeUtc -Descending |
        Select-Object -First 1
    if (-not $program) {
        throw "There is no simulator below '$bin'. Build it first: ./build.ps1 or ./build.sh"
    }

    $folder = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "nfce-pester-$([guid]::NewGuid().ToString('N'))"
    $cnpj = '12345678000195'
    $word = [guid]::NewGuid().ToString('N')
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $start.FileName = (Get-Command -Name dotnet -CommandType Application | Select-Object -First 1).Source
    $start.Arguments = '"{0}" --folder "{1}" --password {2} --issuer {3} --notes 0' -f $program.FullName, $folder, $word, $cnpj
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $services = $null
    $control = $null
    try {
        while (-not ($services -and $control)) {
            $line = $process.StandardOutput.ReadLineAsync()
            if (-not $line.Wait(60000) -or $null -eq $line.Result) {
                throw 'The simulator has not started.'
            }

            if ($line.Result -match 'https://\S+') {
                $services = [uri] $Matches[0]
            }
            elseif ($line.Result -match 'http://\S+') {
                $control = [uri] $Matches[0]
            }
        }
    }
    catch {
        $process.Kill()
        throw
    }

    $password = New-Object -TypeName System.Security.SecureString
    $word.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
    [pscustomobject] @{
        Process    = $process
        Folder     = $folder
        Services   = $services
        Control    = $control
        Cnpj       = $cnpj
        Pfx        = Join-Path -Path $folder -ChildPath "$cnpj.pfx"
        Root       = Join-Path -Path $folder -ChildPath 'root.pem'
        Password   = $password
        NextNumber = 1
    }
}

function Disconnect-Simulator {
    param($Simulator)

    # Where Connect-Simulator has failed there is none.
    if ($Simulator) {
        $Simulator.Process.Kill()
        $Simulator.Process.WaitForExit()
        $Simulator.Process.Dispose()
        Remove-Item -LiteralPath $Simulator.Folder -Recurse -Force
    }
}

function Open-StoreMachine {
    # An empty queue and empty folders, with the store 'Loja 01' registered unless it is to be -Empty.
    param($Simulator, [switch] $Empty)

    $folder = Join-Path -Path $Simulator.Folder -ChildPath ([guid]::NewGuid().ToString('N'))
    $machine = [pscustomobject] @{
        Simulator    = $Simulator
        Queue        = Join-Path -Path $folder -ChildPath 'queue'
        Source       = Join-Path -Path $folder -ChildPath 'source'
        Archive      = Join-Path -Path $folder -ChildPath 'archive'
        PreviousHome = $env:NFCESYNC_HOME
    }
    $null = New-Item -Path $machine.Source -ItemType Directory -Force
    $env:NFCESYNC_HOME = $machine.Queue
    if (-not $Empty) {
        $registration = Get-Registration -Machine $machine
        $null = Register-NfceStore @registration -ErrorAction Stop
    }

    $machine
}

function Close-StoreMachine {
    param($Machine)

    if ($Machine) {
        $env:NFCESYNC_HOME = $Machine.PreviousHome
        Clear-Fault -Simulator $Machine.Simulator
    }
}

function Get-Registration {
    # What Register-NfceStore is given, to be changed by a test.
    param($Machine, [string] $Name = 'Loja 01')

    @{
        Name                = $Name
        Cnpj                = $Machine.Simulator.Cnpj
        Uf                  = 'RS'
        Environment         = 'Homologacao'
        System              = 'Plus'
        SourcePath          = $Machine.Source
        ArchivePath         = $Machine.Archive
        CertificatePath     = $Machine.Simulator.Pfx
        CertificatePassword = $Machine.Simulator.Password
        SavePassword        = $true
        ServiceBaseAddress  = $Machine.Simulator.Services
        TrustedRootPath     = $Machine.Simulator.Root
        Confirm             = $false
    }
}

function Invoke-Simulator {
    # The control endpoint: JSON in, JSON out, always as a stream of objects.
    param($Simulator, [string] $Method = 'Get', [string] $Path, $Body)

    $request = @{
        Uri             = [uri]::new($Simulator.Control, $Path)
        Method          = $Method
        UseBasicParsing = $true
        ErrorAction     = 'Stop'
    }
    if ($null -ne $Body) {
        $request.Body = ConvertTo-Json -InputObject $Body -Compress
        $request.ContentType = 'application/json; charset=utf-8'
    }

    # Windows PowerShell gives an array back as one object.
    $answer = Invoke-RestMethod @request
    $answer | ForEach-Object { $_ } | Where-Object { $null -ne $_ }
}

function Add-Note {
    # Notes as the ERP leaves them, issued ten minutes ago, 34.56 each. Writes chNFe, digestValue and path of each.
    param($Machine, [int] $Count = 1, [int] $TpEmis = 9)

    $body = @{
        folder      = $Machine.Source
        count       = $Count
        issuerId    = $Machine.Simulator.Cnpj
        firstNumber = $Machine.Simulator.NextNumber
        tpEmis      = $TpEmis
    }
    $Machine.Simulator.NextNumber += $Count
    Invoke-Simulator -Simulator $Machine.Simulator -Method Post -Path 'notes' -Body $body
}

function Add-Fault {
    # One rule of the simulator, e.g. @{ kind = 'CutAfterProcessing'; service = 'Autorizacao'; times = 1 }.
    param($Simulator, [hashtable] $Rule)

    $null = Invoke-Simulator -Simulator $Simulator -Method Post -Path 'faults' -Body $Rule
}

function Clear-Fault {
    param($Simulator)

    $null = Invoke-Simulator -Simulator $Simulator -Method Delete -Path 'faults'
}

function Get-Ledger {
    # What SEFAZ knows of these notes.
    param($Simulator, [string[]] $ChNFe)

    Invoke-Simulator -Simulator $Simulator -Path 'ledger' | Where-Object -Property chNFe -In -Value $ChNFe
}

function Get-SefazCall {
    # The calls about these notes.
    param($Simulator, [string[]] $ChNFe)

    Invoke-Simulator -Simulator $Simulator -Path 'calls' | Where-Object -Property chNFe -In -Value $ChNFe
}

function Start-OtherShell {
    # The same PowerShell in a process that can ask nobody. Gives exit code, output and errors.
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute(
        'PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It waits for the process and leaves nothing behind.')]
    param([string] $Script)

    $manifest = (Get-Module -Name NfceSync.PowerShell).Path -replace '\.psm1$', '.psd1'
    $text = "Import-Module -Name '$($manifest -replace "'", "''")' -ErrorAction Stop; $Script"
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    # Not the path of this process: PowerShell as a tool of .NET is a process named dotnet.
    $program = if ($PSVersionTable.PSEdition -eq 'Core') { 'pwsh' } else { 'powershell' }
    $start.FileName = Join-Path -Path $PSHOME -ChildPath $program
    # With -EncodedCommand nothing has to be quoted.
    $encoded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes($text))
    $start.Arguments = "-NoProfile -NonInteractive -OutputFormat Text -EncodedCommand $encoded"
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit(120000)) {
        $process.Kill()
        throw "The other shell has not ended: $Script"
    }

    [pscustomobject] @{ ExitCode = $process.ExitCode; Output = $output.Result; Errors = $errors.Result }
    $process.Dispose()
}

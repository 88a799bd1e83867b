<#
.SYNOPSIS
Sends the pending notes of many store machines and tells of each whether nothing is left.

.DESCRIPTION
Works on all machines at the same time over PowerShell remoting. Writes one object a machine, whatever happened to it:
a machine that does not answer is not complete. Asks once, before anything is sent.

.PARAMETER ComputerName
The store machines.

.PARAMETER ConfigurationName
Their endpoint, e.g. NfceSupport (see Register-NfceEndpoint.ps1); the usual one if left out.

.PARAMETER Credential
An account that may use the endpoint; your own if left out.

.PARAMETER Session
Open sessions in place of names, e.g. over SSH: New-PSSession -HostName loja-01, loja-02

.EXAMPLE
$stores = Import-PowerShellDataFile .\stores.psd1
.\Sync-Fleet.ps1 -ComputerName $stores.Computers.ComputerName | Format-Table

.EXAMPLE
$answers = .\Sync-Fleet.ps1 -ComputerName LOJA-01, LOJA-02 -Confirm:$false
if ($answers.Complete -contains $false) { exit 1 }
#>
[CmdletBinding(DefaultParameterSetName = 'ComputerName', SupportsShouldProcess, ConfirmImpact = 'High')]
param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'ComputerName')]
    [ValidateNotNullOrEmpty()]
    [string[]] $ComputerName,

    [Parameter(ParameterSetName = 'ComputerName')]
    [string] $ConfigurationName,

    [Parameter(ParameterSetName = 'ComputerName')]
    [pscredential] $Credential,

    [Parameter(Mandatory, ParameterSetName = 'Session')]
    [ValidateNotNullOrEmpty()]
    [System.Management.Automation.Runspaces.PSSession[]] $Session
)

Set-StrictMode -Version 3.0

$computers = if ($Session) { $Session.ComputerName } else { $ComputerName }
if (-not $PSCmdlet.ShouldProcess($computers -join ', ', 'Sync-NfcePending')) {
    return
}

$target = @{}
foreach ($name in 'ComputerName', 'ConfigurationName', 'Credential', 'Session') {
    if ($PSBoundParameters.ContainsKey($name)) {
        $target[$name] = $PSBoundParameters[$name]
    }
}

# One plain command a call: that is all that an endpoint without language takes. Errors are gathered and told with their
# machine; the other machines go on. They have been asked above, and there is nobody at their keyboards.
$troubles = @()
$general = @()
$sent = @()
$answers = @()
try {
    $sent = @(Invoke-Command @target -ScriptBlock { Sync-NfcePending -Confirm:$false } -ErrorAction SilentlyContinue -ErrorVariable +troubles)

    # Test-NfceSyncComplete writes one Boolean on each machine. What comes back from several is a list of Booleans, and a list of
    # two is true whatever is in it: never "if (Invoke-Command ... { Test-NfceSyncComplete })". Count machines instead.
    $answers = @(Invoke-Command @target -ScriptBlock { Test-NfceSyncComplete } -ErrorAction SilentlyContinue -ErrorVariable +troubles)
}
catch {
    # PowerShell on Linux has no WSMan client: names end here, for all machines alike. Sessions over SSH do not.
    $general = @($_)
}

# Whose error it is: one that came from a machine says so; one about a machine that was not reached is about its session
# or its name.
function Get-Origin {
    param($Problem)

    foreach ($from in 'OriginInfo', 'TargetObject') {
        $value = if ($Problem.PSObject.Properties[$from]) { $Problem.$from }
        foreach ($name in 'PSComputerName', 'ComputerName') {
            if ($null -ne $value -and $value.PSObject.Properties[$name]) {
                return $value.$name
            }
        }
    }

    "$value"
}

foreach ($computer in $computers) {
    $itsAnswers = @($answers | Where-Object PSComputerName -EQ $computer)
    $itsTroubles = @($troubles | Where-Object { (Get-Origin -Problem $_) -eq $computer })
    [pscustomobject] @{
        ComputerName = $computer
        Complete     = $itsAnswers.Count -eq 1 -and $itsAnswers[0] -eq $true
        Sent         = @($sent | Where-Object PSComputerName -EQ $computer | Where-Object Status -EQ 'Authorized').Count
        Problems     = @([System.Linq.Enumerable]::Distinct([string[]] @($general + $itsTroubles)))
    }
}

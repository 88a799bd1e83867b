# build | test | pack: a thin way in; the work is in the projects.
[CmdletBinding()]
param(
    [ValidateSet('build', 'test', 'pack')]
    [string] $Task = 'build'
)

$target = if ($Task -eq 'pack') { 'src/NfceSync.PowerShell' } else { 'NfceSync.PowerShell.sln' }
dotnet $Task (Join-Path -Path $PSScriptRoot -ChildPath $target) -c Release --nologo
exit $LASTEXITCODE

#!/usr/bin/env bash
# What of the Windows PowerShell 5.1 side can be run without Windows: the tests of the core's net472 build, and of the
# loader on the assembled module, under mono. Needs the .NET SDK and mono (Debian: mono-devel).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

core=NfceSync.Core.Tests.Mono
helper=NfceSync.Core.Tests.Mono.Helper
loader=NfceSync.PowerShell.Loader.Tests.Mono
for project in "$core" "$helper" "$loader"; do
    dotnet build "$project" --nologo -v q
done

# In the runner's own domain: another one would work on copies of the assemblies, without SQLite's library beside them.
# The method that is left out asks for a verdict on an empty signature value, at which mono's RSA throws; FolderTests asks
# for the others of its kind.
status=0
dotnet run --no-build --project "$helper" -- \
    mono --debug "$core/bin/Debug/net472/runner/xunit.console.exe" "$core/bin/Debug/net472/$core.dll" -nologo -noappdomain \
    -nomethod NfceSync.Core.Tests.Notes.NoteReaderRefusalTests.A_changed_note_and_a_foreign_signature_value_are_refused || status=$?
mono --debug "$loader/bin/Debug/net472/runner/xunit.console.exe" "$loader/bin/Debug/net472/$loader.dll" -nologo -noappdomain || status=$?
exit "$status"

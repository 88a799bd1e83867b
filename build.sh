#!/bin/sh
# build | test | pack: a thin way in; the work is in the projects.
set -eu
cd "$(dirname "$0")"
case "${1:-build}" in
    build) exec dotnet build NfceSync.PowerShell.sln -c Release --nologo ;;
    test) exec dotnet test NfceSync.PowerShell.sln -c Release --nologo ;;
    pack) exec dotnet pack src/NfceSync.PowerShell -c Release --nologo ;;
    *) echo "usage: $0 [build|test|pack]" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# The tests tested: breaks rules of the engine on purpose, one at a time, in a copy of the tree, and shows which
# tests go red. Needs bash, tar and the .NET SDK; the tree itself is not touched.
#
#   tests/mutations/run.sh              all of them
#   tests/mutations/run.sh fencing      those whose name contains the word
#
# Ends with 0 when every mutation was found, 1 when one survived (no test went red), 2 when one no longer applies (the
# text that it breaks has changed: adapt the mutation below) or the unbroken tests are not green. A test that is red
# before anything is broken finds nothing: only one that goes red counts.
#
# A mutation is a file, the text that must stand in it exactly once, what takes its place, and the tests that may find it.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
only=${1:-}
project=tests/NfceSync.Core.Tests/NfceSync.Core.Tests.csproj
tests='FullyQualifiedName~NfceSync.Core.Tests'
# Few histories of the simulation are enough to find a rule that is broken on every path.
export NFCE_SIM_HISTORIES=${NFCE_SIM_HISTORIES:-1000}

copy=$(mktemp -d "${TMPDIR:-/tmp}/nfcesync-mutations.XXXXXX")
trap 'rm -rf "$copy"' EXIT
(cd "$repository" && tar --exclude=bin --exclude=obj --exclude=artifacts --exclude=TestResults --exclude=.git -cf - .) | tar -xf - -C "$copy"
cd "$copy"

names=() filters=() files=() changes=()
# NAME TESTS FILE then pairs of TEXT and what takes its place
mutation() {
  names+=("$1") filters+=("$2") files+=("$3")
  shift 3
  changes+=("$(printf '%s\0' "$@" | base64 | tr -d '\n')")
}

mutation 'consult first: a note without an answer is sent again' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Sync/Decide.cs \
  '            return Stay(note, NoteState.Uncertain, failure);
        }

        return OnVerdict(note, reply, reply.Protocol?.CStat ?? reply.CStat, now);' \
  '            return Stay(note, NoteState.Pending, failure);
        }

        return OnVerdict(note, reply, reply.Protocol?.CStat ?? reply.CStat, now);'

mutation 'consult first: a note left by a crash is sent again' "$tests.Sync|$tests.Crash.TwoProcesses|$tests.Simulation" \
  src/NfceSync.Core/Queue/NoteWrites.cs \
  'UPDATE note SET state = 3, reason_id = $1' \
  'UPDATE note SET state = 1, reason_id = $1'

mutation 'digVal: a protocol counts whatever it is about' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Sync/Decide.cs \
  'return protocol.DigVal == note.DigestValue' \
  'return protocol.DigVal is not null'

mutation 'fencing: a run that lost its lease goes on writing' "$tests.Sync|$tests.Queue|$tests.Simulation" \
  src/NfceSync.Core/Queue/GroupCommitter.cs \
  'run.Key?.Check(_session);' \
  '_ = run.Key;'

mutation 'fencing: a run that stood still sends though another has its lease' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Queue/Leases.cs \
  'return _clock.GetUtcNow() >= term.ExpiresAt || _clock.GetElapsedTime(term.RenewedAt) >= Duration;' \
  'return _clock.GetUtcNow() >= term.ExpiresAt.AddYears(1);'

mutation 'commit before send: the request leaves while its commit is under way' "$tests.Crash.Announcement|$tests.Crash.DurabilityOrder|$tests.Simulation" \
  src/NfceSync.Core/Sync/SefazCaller.cs \
  'Begun begun = await BeginAsync(' \
  'Task<WireReply>? early = service == SefazService.Autorizacao ? SendAsync(service, envelope(1)) : null;
        Begun begun = await BeginAsync(' \
  'WireReply wire = await SendAsync(' \
  'WireReply wire = early is not null ? await early : await SendAsync('

mutation 'commit before send: the disk is not waited for' "$tests.Queue|$tests.Crash.DurabilityOrder" \
  src/NfceSync.Core/Queue/QueueDatabase.cs \
  '"PRAGMA synchronous = FULL"' \
  '"PRAGMA synchronous = NORMAL"'

mutation 'consult: an answer about another key counts' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Sync/Decide.cs \
  'if (reply is null || (reply.ChNFe is { } key && key != note.Key.Value))' \
  'if (reply is null)'

mutation 'evidence: a note is tried again though it is no longer to be sent' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Queue/NoteWrites.cs \
  'WHERE note_id = $1 AND state = 2 AND evidence IS NULL", note.NoteId' \
  'WHERE note_id = $1", note.NoteId'

mutation 'the 656 block: what is announced when a run must stop is still sent' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Sync/SefazCaller.cs \
  '        if (_stop.IsSet)
        {' \
  '        if (_stop.IsSet && begun.AttemptId < 0)
        {'

mutation 'the 656 block: a blocked store goes on calling' "$tests.Sync|$tests.Simulation" \
  src/NfceSync.Core/Queue/Scopes.cs \
  'return end > now ? end : null;' \
  'return end > now.AddYears(1) ? end : null;'

# Changes FILE by the pairs, each of whose texts must stand there once.
apply() {
  local content text other
  content=$(cat "$1"; printf x)
  while IFS= read -r -d '' text && IFS= read -r -d '' other; do
    local without=${content/"$text"/}
    [[ $without != "$content" && $without != *"$text"* ]] || return 1
    content=${content/"$text"/"$other"}
  done < <(printf '%s' "$2" | base64 -d)
  printf '%s' "${content%x}" > "$1"
}

# Builds and runs the tests of a filter; the red ones and why go to red.txt. Fails where nothing could be run.
run_tests() {
  : > red.txt
  dotnet build "$project" -v q --nologo -p:TreatWarningsAsErrors=false -p:EnforceCodeStyleInBuild=false > build.txt 2>&1 \
    || { grep -m3 'error' build.txt >&2; return 1; }
  dotnet test "$project" --no-build --nologo --filter "$1" --logger 'console;verbosity=normal' > tests.txt 2>&1 || true
  grep -q '^Total tests: [1-9]' tests.txt || { tail -3 tests.txt >&2; return 1; }
  awk '/^ *Failed NfceSync/ { name = $2; sub(/^NfceSync\.Core\.Tests\./, "", name); sub(/\(.*/, "", name) }
    /^ *Error Message:/ && name != "" { getline; sub(/^ */, ""); print name ": " substr($0, 1, 150); name = "" }' tests.txt \
    | sort -u -t: -k1,1 | grep -vFf <(sed 's/$/:/' red-before.txt) > red.txt || true
}

: > red-before.txt
status=0
worse() { (( $1 > status )) && status=$1; return 0; }

chosen=()
for i in "${!names[@]}"; do
  [[ ${names[$i]} == *"$only"* ]] && chosen+=("$i")
done
(( ${#chosen[@]} > 0 )) || { echo "No mutation is called '$only'." >&2; exit 2; }

echo 'unbroken:'
all=$(for i in "${chosen[@]}"; do printf '%s\n' "${filters[$i]}" | tr '|' '\n'; done | sort -u | paste -sd '|')
if ! run_tests "$all"; then
  echo '  the tests cannot be run' >&2
  exit 2
fi
echo "  $(sed -n 's/^Total tests: //p' tests.txt) tests, $(wc -l < red.txt) of them red"
if [[ -s red.txt ]]; then
  sed 's/^/    /' red.txt
  worse 2
fi
cut -d: -f1 red.txt > red-before.txt

for i in "${chosen[@]}"; do
  echo "${names[$i]}:"
  cp "${files[$i]}" original.txt
  if ! apply "${files[$i]}" "${changes[$i]}"; then
    echo "  NO LONGER APPLIES to ${files[$i]}"
    worse 2
  elif ! run_tests "${filters[$i]}"; then
    echo '  THE TESTS CANNOT BE RUN'
    worse 2
  elif [[ -s red.txt ]]; then
    echo "  found, $(wc -l < red.txt) red:"
    sed 's/^/    /' red.txt
  else
    echo '  SURVIVED: no test went red'
    worse 1
  fi
  cp original.txt "${files[$i]}"
  touch "${files[$i]}"
done
exit "$status"

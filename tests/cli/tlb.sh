#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --tlb keep: a kernel that forgets to invalidate a translation fails, and is told where; with the invalidation, or
# with the default TLB, it does not.  What is built in forgets nothing.

set -u
LC_ALL=C
export LC_ALL
. "$(dirname "$0")/why_lib.sh"
program=./worldswitch
guest=guest/tests/cli/forgets.elf
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
  echo "FAIL: $1" >&2
  sed 's/^/    /' "${2:-/dev/null}" >&2
  failures=$((failures + 1))
}

# runs STATUS WHAT ARGUMENT...
runs() {
  wanted=$1 what=$2
  shift 2
  $program "$@" > "$scratch/out" 2> "$scratch/errors"
  found=$?
  [ "$found" -eq "$wanted" ] || fail "$what: exit status $found, not $wanted" "$scratch/errors"
}

# forgets WAY STATUS TEXT...: `why` says each TEXT (a basic regular expression), on one screen.
forgets() {
  way=$1 status=$2
  shift 2
  runs "$status" "$way, forgotten" run "$guest" --append "$way" --tlb keep
  runs 1 "$way, coherent" run "$guest" --append "$way"
  runs 1 "$way, not forgotten" run "$guest" --append "$(echo "$way" | tr a-z A-Z)" --tlb keep
  runs 0 "$way, why" why "$guest" --append "$way" --tlb keep
  unbroken < "$scratch/out" > "$scratch/why"
  for text in "an old translation was used: page " "<way_$way+" "$@"; do
    grep -q -e "$text" "$scratch/why" || fail "$way: no \"$text\"" "$scratch/why"
  done
  one_screen "$scratch/out" >&2 || fail "$way: more than one screen" "$scratch/out"
}

page='kept page 0x800000 as 0x[0-9a-f]*, but its entry is 0x[0-9a-f]*: invlpg, or a load of CR3, is missing'
forgets a 11 "$page" 'PTE was last written at mark [0-9]* by .*: movl \$0,'
forgets b 11 "$page" 'PTE was last written at mark [0-9]* by .*<way_b+'
forgets c 11 "$page" 'PTE was last written at mark [0-9]* by .*<way_c+0x[0-9a-f]*>: andl'
forgets d 4 "$page" 'first fault: #PF' 'still has an old translation of page 0x800000, and the page may not be written'
forgets e 11 'sets no bit again that was cleared in' '<way_e+0x[0-9a-f]*>: andl'
forgets f 11 'sets no bit again that was cleared in' '<way_f+0x[0-9a-f]*>: andl'
forgets g 11 'kept global page 0x800000 as .*: invlpg, or a change of CR4.PGE, is missing'
forgets h 11 'page 0x00801000' 'directory entry of page 0x801000 as .*: invlpg, or a load of CR3, is missing' \
  'PDE was last written at mark [0-9]* by .*<way_h+'
forgets i 11 'kept page 0xc00000' 'PDE was last written at mark [0-9]* by .*<way_i+'
forgets j 11 'kept page 0xff800000' 'PDE was last written at mark [0-9]* by .*<way_j+'
forgets k 11 "$page" 'PTE was last written at mark [0-9]* by .*<way_k+'

# Where a write walks the page tables anew, what was made of the old translation goes: stepped, the run is the same.
for way in l m n; do
  runs 1 "$way" run "$guest" --append "$way" --tlb keep
  runs 1 "$way, coherent" run "$guest" --append "$way"
  runs 0 "$way, stepped" trace "$guest" --append "$way" --tlb keep --all
  tail -n 1 "$scratch/out" | grep -q ' right+' || fail "$way: stepped, it is another run" "$scratch/errors"
done

# The trace has it as an event, and as a record with its reason.
runs 0 "trace" trace "$guest" --append b --tlb keep
grep -q 'stale-translation.*kept page 0x800000' "$scratch/out" || fail "trace: no event" "$scratch/out"
runs 0 "trace, jsonl" trace "$guest" --append b --tlb keep --format jsonl
grep -q '"kind":"stale-translation".*"page":"0x00800000".*"reason":"the CPU kept' "$scratch/out" ||
  fail "trace: no record" "$scratch/out"

# A session remembers the option, and nothing else may set it.
runs 11 "recording" run "$guest" --append b --tlb keep --record "$scratch/b.wsr" --checkpoints 4
runs 11 "the recorded run" run "$scratch/b.wsr"
runs 2 "a session and --tlb" run "$scratch/b.wsr" --tlb keep
runs 2 "a word that is none" run "$guest" --tlb never

# What is built in says the same.
for system in "--vms 1" --lab; do
  # shellcheck disable=SC2086 # words
  $program run $system > "$scratch/coherent" 2> "$scratch/errors"
  # shellcheck disable=SC2086
  runs $? "run $system" run $system --tlb keep
  cmp -s "$scratch/out" "$scratch/coherent" || fail "run $system says something else" "$scratch/out"
done
runs 0 "audit" audit --lab --tlb keep
grep -q "^no-global-left .* 0$" "$scratch/out" || fail "audit: a translation was left behind" "$scratch/out"

# What instruction 27 is for: without it, a world sees pages of the other one.
runs 0 "ablate" ablate --tlb keep
grep -q '^  27  remove .*detected: cr4, no-global-left, output$' "$scratch/out" || fail "ablate: 27" "$scratch/out"
grep -q 'without instruction 27: .*the CPU still has [0-9]* translations of the left world' "$scratch/out" ||
  fail "ablate: what 27 leaves" "$scratch/out"

cat > "$scratch/keep.lua" <<'EOF'
local path = ...
local guest = worldswitch.image(path, {tlb = "keep", limit = 100000})
assert(not pcall(worldswitch.image, path, {tlb = "never"}))
EOF
runs 0 "a script" lua "$scratch/keep.lua" "$guest"

[ "$failures" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint: careless.S has one defect a letter, which does not fail yet; each is told of, and nothing else.  A capital letter
# is the same without the defect: nothing is told of.  What is built in has none.

set -u
LC_ALL=C
export LC_ALL
program=./worldswitch
guest=guest/tests/cli/careless.elf
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

fail() {
  echo "FAIL: $1" >&2
  sed 's/^/    /' "${2:-/dev/null}" >&2
  failures=$((failures + 1))
}

# lints STATUS WHAT ARGUMENT...
lints() {
  wanted=$1 what=$2
  shift 2
  $program lint "$@" > "$scratch/out" 2> "$scratch/errors"
  found=$?
  [ "$found" -eq "$wanted" ] || fail "$what: exit status $found, not $wanted" "$scratch/out"
}

head -c 8192 /dev/zero > "$scratch/module"

# careless WAY RULE TEXT: the way runs to its end, and one finding has this rule and this text.
careless() {
  way=$1
  right=$(echo "$way" | tr a-z A-Z)
  $program run "$guest" --append "$way" --module "$scratch/module" -q > "$scratch/out" 2>&1
  [ $? -eq 1 ] || fail "$way: the guest fails already" "$scratch/out"
  lints 12 "$way" "$guest" --append "$way" --module "$scratch/module"
  grep -q "^ *[0-9]*  $2: $3" "$scratch/out" || fail "$way: no \"$2: $3\"" "$scratch/out"
  grep -q '^    .* \[.*"\]$' "$scratch/out" || fail "$way: no citation" "$scratch/out"
  grep -q '^1 finding in ' "$scratch/out" || fail "$way: more than one finding" "$scratch/out"
  lints 0 "$right" "$guest" --append "$right" --module "$scratch/module"
  grep -q '^0 findings in ' "$scratch/out" || fail "$right: findings" "$scratch/out"
}

careless a gate 'the gate of vector 14 leads to 0x0008:0xc000.*: the page directory entry is not present'
careless b descriptor 'GDT entry 5 is a TSS with limit 0x40'
careless c ring-0-stack 'ring 3 is entered, .*: the page directory entry is not present'
careless d reserved-bit 'the page directory entry at physical .*, for linear 0x00800000, is 0x2083'
careless e eoi 'the handler of IRQ 0 returns, but the master (port 0x20) has had no EOI'
careless f module-stack 'ESP 0x[0-9a-f]* is in module 1, which the loader has put at physical'
careless g stale-translation 'page 0x00300000 is used after its entry was changed'
careless h ring-0-stack 'ring 3 is entered, .*: SS0 in the TSS is null'
careless i shared-stack 'the process with CR3 0x[0-9a-f]* goes back to ring 3 by the frame of another one, CR3 0x'

# The same of a CPU that keeps translations: the reason says more.
lints 12 "g, kept" "$guest" --append g --tlb keep
grep -q 'stale-translation: the CPU kept page 0x300000' "$scratch/out" || fail "g, kept: no reason" "$scratch/out"

# A GDT of which a part is not mapped.
lints 12 "an entry that is not mapped" guest/tests/guest/double.elf
grep -q 'gate: the gate of vector 64 .*: the page table entry is not present' "$scratch/out" ||
  fail "an entry that is not mapped: no reason" "$scratch/out"

# Records, and the number of instructions.
lints 12 "jsonl" "$guest" --append b --format jsonl
grep -q '^{"type":"finding","at":[0-9]*,"rule":"descriptor","text":".*","explanation":".*","citation":".*"}$' "$scratch/out" ||
  fail "jsonl: no record" "$scratch/out"
lints 0 "the limit" "$guest" --append b --max-insns 100
lints 2 "no such image" no-such.elf

# The laboratory, and some of the hosted system.
lints 0 "the laboratory" --lab
lints 0 "the hosted system" --max-insns 4000000

[ "$failures" -eq 0 ]

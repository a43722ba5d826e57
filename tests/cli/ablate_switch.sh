#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ablate --switch on kernels of other people: each removal is noticed, or it is explained why not. Half of the kernels are
# tried; all with WS_MORE=1, as CI asks, or WS_LONG=1.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}"
. "$(dirname "$0")/../tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
guests=$(cd "$top_builddir" && pwd)/guest/tests
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
status=0

fail() {
  echo "$*"
  status=1
}

# tried KERNEL ROUTINE REMOVALS NOTICED INTERRUPTS: so many, and nothing is without an explanation
tried() {
  "$program" ablate --switch "$2" --storm --format jsonl -o "$2.jsonl" "$guests/teaching/$1.elf" > said 2>&1 ||
    fail "$1: $(cat said)"
  removals=$(grep -c '"change":"remove"' "$2.jsonl")
  noticed=$(grep '"change":"remove"' "$2.jsonl" | grep -c '"detected":true')
  explained=$(grep '"change":"remove"' "$2.jsonl" | grep '"detected":false' | grep -c '"survives":"[a-z]')
  passes=$(grep '"change":"interrupt"' "$2.jsonl" | grep -c '"detected":false')
  [ "$removals $noticed $((noticed + explained)) $passes" = "$3 $4 $3 $5" ] ||
    fail "$1: $removals removals, $noticed noticed, $explained explained, $passes interrupts"
}
# An interrupt is tried at each boundary of four switches, where the kernel can serve one.
tried preempt timer_entry 14 14 58
tried tasks task_switch_1 1 1 0
tried worlds world_switch 24 18 0
if more; then
  tried kthreads swtch 16 14 68
  tried processes swtch 15 15 64
  tried scheduler swtch 13 13 0
fi

# What survives, and why: interrupts are off already; the tables are loaded again before anything differs by them.
survives() {
  grep "\"text\":\"$2\"" "$1.jsonl" | grep -q "\"survives\":\"$3\"" || fail "$1: \"$2\" does not survive as $3"
}
survives world_switch cli same
survives world_switch 'lgdt 8(%edx)' unread
"$program" ablate -q --switch world_switch "$guests/teaching/worlds.elf" > text || fail "worlds as text"
tail -1 text | grep -q '^remove: 24 tried, 18 detected, 6 known to be harmless, 0 not detected (4 same, 2 unread)$' ||
  fail "the totals: $(tail -1 text)"

# A switch that loads CR3 before ESP and can be interrupted in between: one boundary of each way fails.
"$program" ablate --switch swtch --storm --format csv "$guests/teaching/window.elf" > window
[ $? -eq 12 ] || fail "the window: status is not 12"
grep ',interrupt,' window | grep -v ',no,yes,' > fails
[ "$(wc -l < fails)" -eq 4 ] && [ "$(grep -c 'context-whose-stack' fails)" -eq 4 ] ||
  fail "the window: $(cat fails)"

# Parts on many machines are one campaign.
for part in 1 2; do
  "$program" ablate --switch swtch --shard $part/2 --format jsonl -o "part$part" "$guests/teaching/scheduler.elf" ||
    fail "part $part"
done
"$program" ablate --merge -q part2 part1 | grep -q '^remove: 13 tried, 13 detected' || fail "the parts are not the whole"

# refused WORDS OPTION...: bad usage, and it is said what is wrong
refused() {
  words=$1
  shift
  "$program" ablate "$@" > said 2>&1
  [ $? -eq 2 ] && grep -q -- "$words" said || fail "$*: $(cat said)"
}
refused 'no symbol "nothing"' --switch nothing "$guests/teaching/worlds.elf"
refused 'no symbol "12x"' --switch 12x "$guests/teaching/worlds.elf"
refused 'which switch of' "$guests/teaching/worlds.elf"
refused 'built-in switch takes no such thing' --memory 8M
refused 'does not go with --switch' --switch swtch --pairs "$guests/teaching/worlds.elf"
"$program" ablate --switch gdt "$guests/teaching/worlds.elf" > said 2>&1
[ $? -eq 12 ] && grep -q 'made no switch' said || fail "a routine that is none: $(cat said)"
exit $status

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Line mode, and scripts: what is asked for by lines is what keys do, and what is said is what trace says.
. "$(dirname "$0")/../tools/guard.sh"
: "${top_builddir:=.}"
program=${WORLDSWITCH_PROGRAM:-$top_builddir/worldswitch}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM HUP

fail() {
  echo "FAIL: $*"
  cat "$work/out"
  exit 1
}

# ask LINE...: the answers to these lines
ask() {
  printf '%s\n' "$@" | "$program" view --lab --plain >"$work/out" 2>&1 || fail "the status of $* is $?"
}
# TEXT is a part of the answers, with blanks for ends of lines.
says() { tr '\n' ' ' <"$work/out" | grep -qF -- "$1" || fail "\"$1\" is not said"; }

# the first world switch, by keys, by names, and by a number
begin=$("$program" trace --lab --format jsonl | grep '"kind":"world"' | head -n 1 | sed 's/.*"begin":\([0-9]*\),.*/\1/')
ask w
says "Mark $begin, world boot, ring 0."
says "World switch from boot to host, instruction 1 of 45"
ask world 's'
says "instruction 2 of 45"
cp "$work/out" "$work/first"
ask w step
cmp -s "$work/out" "$work/first" || fail "the name and the key differ"
ask w 44s
says "instruction 45 of 45"
ask w '3 step' 'step back'
says "instruction 3 of 45"
ask ":$begin" ''
says "Why:"
[ "$(grep -c "^Mark $begin," "$work/out")" = 2 ] || fail "an empty line does not say again where this is"
ask 'search cr3'
says "Next is mov %eax, %cr3"
ask /cr3 "s"
says "cr3 from"

# marks with names; a prompt that waits for the next line; panels
ask w 'm a' g "'a"
says "mark $begin is called a"
[ "$(grep -c "^Mark $begin," "$work/out")" = 2 ] || fail "'a does not come back"
ask : "$begin"
says "Mark $begin, world boot"
ask 2
says "cr3"
ask '?'
says "s or Right: one instruction.  S goes the other way."

# what cannot be done is said, and the run goes on
ask nonsense s
says '"nonsense" is no mark and no command'
says "Mark 1,"
ask 0s '9999999s' 'w x'
says '0 times: from 1 to 1000000 are possible'
says '"x" was left out: one request a line'
ask S
says "this is the start"
ask Space
says "line mode does not play"
ask G s
says "The end: "
printf 's' | "$program" view --lab --plain >"$work/out" || fail "a line without an end"
says "Mark 1,"
"$program" view --lab --plain </dev/null >"$work/out" || fail "an empty input"
says "Mark 0,"
grep -q '[^ -~]' "$work/out" && fail "something else than ASCII"

# what a step caused, and what the next one will do here
ask :end s
says "What comes of it here, in ring 0: writes to port 0xf4, debug exit: 0x00."
says "With it the run ends: the guest left through the debug exit port."
says "That caused: writes to port 0xf4, debug exit: 0x00."
says "The end: the guest left through the debug exit port."

# a branch says that it is one, each time
gone=$(($("$program" trace --lab --format jsonl | grep '"kind":"world"' | sed -n '2s/.*"begin":\([0-9]*\),.*/\1/p') + 24))
ask ":$gone" x s X ''
says "This is a branch, not the recorded run, which it left at mark $gone: without mov %ecx, %cr3."
says "Changed here by you: without mov %ecx, %cr3."
[ "$(grep -c "^This is a branch" "$work/out")" = 2 ] || fail "the branch is not said, or stays"
says "the recorded run again, at mark $gone"

# a script's screen is the one that the same keys make
"$program" view --lab --script 'w s s' >"$work/out" || fail "a script's status"
says "world switch boot"
says " 3/45"
[ "$(wc -l <"$work/out")" -eq 24 ] || fail "the screen has not 24 rows"
"$program" view --lab --script ":$begin<Enter> s s" --size 100x40 --dump "$work/out" || fail "--dump"
says " 3/45"
[ "$(wc -l <"$work/out")" -eq 40 ] || fail "the screen has not 40 rows"
printf '\353\376' >"$work/forever" # jmp to itself
"$program" view --flat 0x100000 "$work/forever" --script G >"$work/out" || fail "a run that never ends: status $?"
says "no end in 200000000 instructions"
"$program" view --lab --script 's <Hyper>' >"$work/out" 2>&1
says '"Hyper" does nothing'
for wrong in "--script s<" "--script s --size 80" "--script s --plain" "--dump x" "--size 80x24" \
  "--script s --dump /nonexistent/x"; do
  # shellcheck disable=SC2086  # several words
  "$program" view --lab $wrong >"$work/out" 2>&1 && fail "\"$wrong\" is taken"
done
exit 0

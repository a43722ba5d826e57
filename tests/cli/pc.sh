#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a PC has beside its serial port: the text screen at the end of a run, a keyboard that is typed on, physical
# memory where nothing is, names for a kernel that a loader brings, and where modules lie.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
guest=$(cd "$top_builddir" && pwd)/guest/tests/machine/boot_report.elf
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0

# expect STATUS PATTERN ARGUMENT...
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" "$@" > out 2>&1 < /dev/null
  status=$?
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    echo "worldswitch $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
    failed=1
  fi
}

# --- the screen ---
# movl $0x4f424f41, 0xb8000 ("AB" in white on red); movb $0xdb, 0xb80a0; mov $16, %al; out %al, $0xf4
printf '\307\005\000\200\013\000\101\117\102\117\306\005\240\200\013\000\333\260\020\346\364' > screen
expect 33 '^AB$' run --screen --flat 0x100000 screen
expect 33 '^\.$' run --screen --flat 0x100000 screen
expect 33 '^.\[0;1;37;41mAB.\[0m' run --screen --color always --flat 0x100000 screen
"$program" run --flat 0x100000 screen > out
[ -s out ] && echo "without --screen, the screen is printed" && failed=1
expect 2 'the command "trace" has no option "--screen"' trace --screen

# --- the keyboard ---
# 1: in $0x64, %al; test $1, %al; jz 1b; in $0x60, %al; cmp $0x9c, %al; jne 2f; mov $16, %al; out %al, $0xf4
# 2: add $0x20, %al; mov $0x3f8, %dx; out %al, %dx; jmp 1b: it ends when Enter is released
printf '\344\144\250\001\164\372\344\140\074\234\165\004\260\020\346\364\004\040\146\272\370\003\356\353\346' > keys
printf 'a\n' > typed
expect 33 '^>.<$' run --keys typed --flat 0x100000 keys
"$program" run --keys typed --flat 0x100000 keys > straight
printf 'a\n' | "$program" run --keys - --flat 0x100000 keys > piped
cmp straight piped || failed=1
"$program" run --keys typed --record keys.wsr --checkpoints 4 --flat 0x100000 keys > recorded
"$program" run keys.wsr > again
status=$?
[ $status -eq 33 ] && cmp straight recorded && cmp straight again || {
  echo "a session with keys, status $status"
  failed=1
}
"$program" trace --io --format jsonl --keys typed --flat 0x100000 keys > marks
"$program" trace --io --format jsonl keys.wsr > marks.again
[ -s marks ] && cmp marks marks.again || failed=1
expect 2 'a recorded session has its own' run --keys typed keys.wsr

# In the visualizer: the same keys, once more after going back, and in the recording.
"$program" view --script 'sya<Enter>:end<Enter>6' --record seen.wsr --flat 0x100000 keys > forward
"$program" view --script 'sya<Enter>:end<Enter>g:end<Enter>6' --flat 0x100000 keys > twice
grep -q '>.*xbe' forward && cmp forward twice || failed=1
"$program" run seen.wsr > again
status=$?
[ $status -eq 33 ] && cmp straight again || {
  echo "a session with keys typed in the visualizer, status $status"
  failed=1
}
expect 0 'typed at mark [0-9]*, where the run has come to: "a b" and Enter' \
  view --script 'ya b<Enter>' --flat 0x100000 keys
expect 0 'this run is a recorded one, with its own keys' view --script 'y' seen.wsr
expect 0 'not typed: the run has ended at mark [0-9]' view --script ':end<Enter>ya<Enter>' --flat 0x100000 screen
printf 'type a\n:end\n6\nq\n' | "$program" view --plain --max-insns 3000000 --flat 0x100000 keys > plain 2>&1
grep -q '>.*xbe' plain || {
  echo "keys typed in line mode:"
  cat plain
  failed=1
}
expect 2 'cannot read "nothing"' run --keys nothing --flat 0x100000 keys
expect 2 'standard input goes to --serial-in' run --keys - --serial-in - --flat 0x100000 keys

# --- no memory ---
# mov 0x20000004, %al, twice; mov $16, %al; out %al, $0xf4
printf '\240\004\000\000\040\240\004\000\000\040\260\020\346\364' > stray
expect 0 'no-memory +read from 0x20000004, 1 byte, 0xff' trace --flat 0x100000 stray
[ "$(grep -c no-memory out)" -eq 1 ] || {
  echo "a page is told of more than once"
  failed=1
}
expect 0 '"kind":"no-memory",.*"phys":"0x20000004","direction":"in","bytes":1,"value":255' \
  trace --format jsonl --flat 0x100000 stray

# --- names, and modules ---
cp "$guest" boot.elf
expect 6 'image_start\+0x5 ' trace --all --max-insns 3 --symbols boot.elf --flat 0x100000 stray
expect 2 '"typed" has none' run --symbols typed boot.elf
expect 2 'cannot read "nothing"' run --symbols nothing boot.elf
expect 2 'what is built in takes no such thing' run --lab --symbols boot.elf
expect 33 'module 1: 0x[0-9a-f]*000, 2 bytes, "typed"' run -v --module typed boot.elf
exit $failed

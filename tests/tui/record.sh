#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A person who records what they visit: names and notes, what the guest received, every way out.
. "$(dirname "$0")/lib.sh"

# names, a note, back and forth
options="--record $work/visit.wsr --checkpoints 2"
visualizer 80 24
until_seen "mark 0"
keys w
until_seen "1/45"
entry=$(mark)
keys m a
until_seen "mark $entry is called a"
keys : 'leaves=the boot code leaves' Enter
until_seen "is called leaves in the recording"
keys : '5000' Enter
until_mark 5000
keys : 'leaves' Enter
until_seen "leaves: the boot code leaves"
until_mark "$entry"
keys q
until_seen "status 0"
until_seen "modes are as before"
"$program" diff "$entry" 5000 "$work/visit.wsr" >"$work/differs" || fail "the recording cannot be run"
[ -s "$work/differs" ] || fail "nothing differs"
"$program" run "$work/visit.wsr@a" >"$work/out" 2>&1 || fail "it has no mark a: $(cat "$work/out")"
"$program" run "$work/visit.wsr@99999" >"$work/out" 2>&1
grep -q "ends at mark 5[0-9]*\$" "$work/out" || fail "it does not end where the visit was farthest: $(cat "$work/out")"

# a copy, with one more name; it opens at the other one
cp "$work/visit.wsr" "$work/visit-before.wsr"
system="$work/visit.wsr@leaves" options="--record $work/copy.wsr"
visualizer 80 24
until_mark "$entry"
keys : '3000' Enter
until_mark 3000
keys : 'later=' Enter
until_seen "mark 3000 is called later"
keys q
until_seen "status 0"
cmp "$work/visit.wsr" "$work/visit-before.wsr" || fail "the recording that was copied has changed"
for name in a leaves later; do
  "$program" run "$work/copy.wsr@$name" >"$work/out" 2>&1 || fail "the copy has no $name: $(cat "$work/out")"
done
"$program" run "$work/copy.wsr@4000" >"$work/out" 2>&1 || fail "the copy ends too early: $(cat "$work/out")"

# without a recording there is nothing to note in
options=
visualizer 80 24
until_mark "$entry"
keys : 'x=y' Enter
until_seen "nothing is recorded"
keys q
until_seen "status 0"

# what the guest receives: it sends it back (in; test; jz; in; out; jmp)
printf '\146\272\375\003\354\250\001\164\367\146\272\370\003\354\356\353\357' >"$work/echo.bin"
printf 'three words here' >"$work/typed"
system="--flat 0x200000 $work/echo.bin" options="--serial-in $work/typed --record $work/echo.wsr"
visualizer 80 24
until_seen "mark 0"
keys : '3000000' Enter
until_mark 3000000
keys C-c # leaves nothing
until_seen "q leaves"
keys q
until_seen "status 0"
rm "$work/typed" "$work/echo.bin"
"$program" run "$work/echo.wsr" >"$work/out" 2>/dev/null
grep -q 'three words here' "$work/out" || fail "what was received is not in the recording: $(cat "$work/out")"

# a place where nothing can be written is told before anything runs
system=--lab options="--record $work/no/folder.wsr"
visualizer 80 24
until_seen "nothing has been run"
until_seen "status 10"

# far from the start, by a checkpoint: what was jumped over is not in the list, and is watched when one asks
printf '\100\377\005\000\220\000\000\353\367' >"$work/count.bin" # inc; incl 0x9000; jmp back
"$program" run --flat 0x200000 --max-insns 60000000 --record "$work/far.wsr" --checkpoints 0 --mark late=50000000 \
  "$work/count.bin" 2>/dev/null
system="$work/far.wsr@late" options=
visualizer 80 24
until_mark 50000000
keys 5
until_seen "the crossings before mark 48000000 are not known"
keys C
until_seen "no crossing before this one"
until_mark 50000000
until_gone "are not known yet"
keys S
until_mark 49999999
keys q
until_seen "status 0"

# a signal that ends the program leaves the old file
if ! ps -o pid= --ppid $$ >/dev/null 2>&1; then
  echo "left out: the signal, since this ps knows no --ppid"
  exit 0
fi
system=--lab options="--record $work/visit.wsr"
visualizer 80 24
until_seen "mark 0"
keys w
until_seen "1/45"
shell=$(mux display-message -p -t test '#{pane_pid}')
kill -TERM "$(ps -o pid= --ppid "$shell" | head -1 | tr -d ' ')"
until_seen "status 143"
until_seen "modes are as before"
cmp "$work/visit.wsr" "$work/visit-before.wsr" || fail "a signal has changed the old file"
set -- "$work"/visit.wsr.*
[ ! -e "$1" ] || fail "a temporary file is left: $1"
exit 0

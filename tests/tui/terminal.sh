#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Terminals and locales of several kinds.
. "$(dirname "$0")/lib.sh"

# colours and lines, where there are any
visualizer 80 24
until_seen "mark 0"
until_seen "│"
colours() { mux capture-pane -p -e -t test | grep -q "$(printf '\033')\[[0-9;]*3[1-7]"; }
await colours || fail "no colours"

# without colour everything is still said
visualizer 80 24 NO_COLOR=1
until_seen "mark 0"
keys w
until_seen "1/45"
settle
if mux capture-pane -p -e -t test | grep -q "$(printf '\033')\[[0-9;]*\(38;5\|3[1-7]\|9[0-7]\)"; then
  fail "colours in spite of NO_COLOR"
fi
until_screen "a changed value has no *" grep '[0-9a-f]\*'

# ASCII, by locale and by option
ascii_only() {
  until_seen "mark 0"
  keys w
  until_seen "1/45"
  settle
  screen | LC_ALL=C grep -q '[^ -~]' && fail "characters that are not ASCII $1"
  until_screen "the instruction about to begin has no mark" grep '^ >'
}
visualizer 80 24 LANG=C LC_ALL=C
ascii_only "in locale C"
options=--ascii
visualizer 80 24
ascii_only "with --ascii"
options=

# old terminals: what was painted stays, and the prompt has a row of its own
for term in vt100 linux; do
  visualizer 80 24 TERM=$term
  until_seen "mark 0"
  keys q
  until_screen "$term: the prompt does not stand on a clean line" grep -x "status 0"
done

# one that cannot place a cursor gets lines; Ctrl-C explains, and leaves nothing
visualizer 80 24 TERM=dumb
until_seen "Mark 0, world boot, ring 0."
keys C-c
until_seen "q and Enter leaves"
keys w Enter
until_seen "instruction 1 of 45"
keys q Enter
until_seen "status 0"

# no terminal that could show it
visualizer 80 24 TERM=no-such-terminal
until_seen "is not known"
until_seen "status 10"
"$program" view --lab </dev/null >"$work/out" 2>"$work/err"
[ $? = 10 ] || fail "the exit status without a terminal is not 10"
[ ! -s "$work/out" ] || fail "something was written to what is no terminal"
grep -q "terminal" "$work/err" || fail "nothing says that a terminal is needed"

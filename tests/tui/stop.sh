#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Playing and pausing, and Ctrl-Z with a shell underneath.
. "$(dirname "$0")/lib.sh"

visualizer 80 24
until_seen "mark 0"
keys Space
until_seen "playing"
until_not_mark 0
keys + + + + + +
until_seen "10000 instructions a second"
keys Space
until_gone "playing"
first=$(mark)
second=$(mark)
[ "$first" = "$second" ] || fail "it plays on after Space"

# Ctrl-Z, then fg
start 80 24 "PS1='prompt> ' LANG=C.UTF-8 LC_ALL=C.UTF-8 bash --norc -i"
until_seen "prompt>"
keys "'$program' view --lab" Enter
until_seen "mark 0"
keys w
until_seen "1/45"
screen >"$work/before"
keys C-z
until_seen "Stopped"
[ "$(mux display-message -p -t test '#{alternate_on}')" = 0 ] || fail "Ctrl-Z does not give the terminal back"
keys fg Enter
until_seen "1/45"
until_gone "Stopped"
screen >"$work/after"
cmp "$work/before" "$work/after" || fail "the screen did not come back after fg"

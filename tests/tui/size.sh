#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Windows of several sizes: what is shown fits, follows a resize, and is what the view says, character by character.
. "$(dirname "$0")/lib.sh"

# the screen is the same text that d writes to a file; the last row has the answer to d itself
compare_dump() {
  keys d
  until_seen "write the screen to file"
  keys Enter
  until_seen "the screen was written"
  screen | sed '$d' | sed 's/ *$//' >"$work/seen"
  sed '$d' "$work"/worldswitch-*.txt >"$work/dumped"
  rm "$work"/worldswitch-*.txt
  cmp "$work/seen" "$work/dumped" || fail "the screen is not what the view draws at $1"
}

visualizer 80 24
until_seen "mark 0"
keys w
until_seen "1/45"
compare_dump 80x24
keys Escape
until_seen "q leave"
screen >"$work/small"

mux resize-window -t test -x 100 -y 30
tries=0
while [ "$(screen | wc -l)" -lt 30 ] || ! screen | tail -1 | grep -q "q leave"; do
  tries=$((tries + 1))
  [ $tries -lt 200 ] || fail "the key line is not at the bottom of 30 rows"
  sleep 0.05
done
compare_dump 100x30

mux resize-window -t test -x 20 -y 5
until_seen "80x24 or more"
[ "$(screen | tr '\n' ' ' | tr -s ' ')" = "the window is too small: 80x24 or more is needed, this is 20x5 " ] ||
  fail "the message does not fit"
keys s # must do no harm in the dark
keys S
keys Escape
mux resize-window -t test -x 80 -y 24
until_seen "q leave"
screen >"$work/small-again"
cmp "$work/small" "$work/small-again" || fail "the screen did not come back after the window was small"

for panel in 1 2 3 4 5 6 7 8; do
  keys $panel
  until_seen "[$panel "
  compare_dump "80x24, panel $panel"
done
keys o
compare_dump "80x24, maximized"

# a window that is too small from the beginning
visualizer 20 5
until_seen "80x24 or more"
mux resize-window -t test -x 100 -y 30
until_seen "mark 0"
keys q
until_seen "status 0"

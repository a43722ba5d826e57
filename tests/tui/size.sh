#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Windows of several sizes: what is shown fits, follows a resize, and is what the view says, character by character.
. "$(dirname "$0")/lib.sh"

# the screen is the same text that d writes to a file; the last row has the answer to d itself
is_dumped() { sed '$d' | sed 's/ *$//' | cmp -s - "$work/dumped"; }
compare_dump() {
  keys d
  until_seen "write the screen to file"
  keys Enter
  until_seen "the screen was written"
  sed '$d' "$work"/worldswitch-*.txt >"$work/dumped"
  rm "$work"/worldswitch-*.txt
  until_screen "the screen is not what the view draws at $1" is_dumped
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
key_line_is_last() { tail -n +30 | grep "q leave"; }
until_screen "the key line is not at the bottom of 30 rows" key_line_is_last
compare_dump 100x30

mux resize-window -t test -x 20 -y 5
until_seen "80x20 or more"
says_too_small() { [ "$(tr '\n' ' ' | tr -s ' ')" = "the window is too small: 80x20 or more is needed, this is 20x5 " ]; }
until_screen "the message does not fit" says_too_small
keys s # must do no harm in the dark
keys S
keys Escape
mux resize-window -t test -x 80 -y 24
until_seen "q leave"
until_screen "the screen did not come back after the window was small" cmp -s - "$work/small"

mux resize-window -t test -x 80 -y 20
status_is_first() { sed -n 1p | grep " mark "; } # else the terminal has cut off what was there
until_screen "80x20 is not drawn" status_is_first
until_seen "q leave"
compare_dump 80x20
keys Escape
mux resize-window -t test -x 80 -y 24
until_screen "the screen did not come back after 80x20" cmp -s - "$work/small"

for panel in 1 2 3 4 5 6 7 8; do
  keys $panel
  until_seen "[$panel "
  compare_dump "80x24, panel $panel"
done
keys o
compare_dump "80x24, maximized"

# a large one shows four panels
keys o 3 Escape
mux resize-window -t test -x 200 -y 60
key_line_is_60th() { tail -n +60 | grep "q leave"; }
until_screen "the key line is not at the bottom of 60 rows" key_line_is_60th
until_seen "crossings ──"
compare_dump "200x60"

# a window that is too small from the beginning
visualizer 20 5
until_seen "80x20 or more"
mux resize-window -t test -x 100 -y 30
until_seen "mark 0"
keys q
until_seen "status 0"

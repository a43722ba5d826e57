#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A line that is typed: the cursor stands where the next character goes, keys edit, Tab completes, and Up brings back.
# Without one it stands on the instruction that is about to begin.
. "$(dirname "$0")/lib.sh"

cursor() { mux display-message -p -t test '#{cursor_flag} #{cursor_x} #{cursor_y}'; }
until_cursor() { await cursor_is "$1" || fail "the cursor is at $(cursor), not at $1"; }
on_instruction() { row=$(screen | grep -n '^ ▶' | head -n 1 | cut -d : -f 1) && cursor_is "1 0 $((row - 1))"; }
cursor_is() { [ "$(cursor)" = "$1" ]; }

visualizer 80 24
until_mark 0
await on_instruction || fail "the cursor is at $(cursor), not on the instruction"
keys : 2 0 8
until_seen ":208_"
until_cursor "1 5 23"
keys Left Left
until_cursor "1 3 23"
keys , End 0
until_seen ":2,080_"
keys Enter
until_mark 2080
await on_instruction || fail "the cursor is at $(cursor), not on the instruction again"

keys g : Up
until_seen ":2,080_"
keys Home DC DC DC BSpace End Enter
until_mark 80
keys : w o Tab
until_seen ":world_   world, world back"
keys Space b Tab Escape
until_gone ":world b"
keys : 4 0 s Enter
until_mark 120
keys : h e l p Space x Enter
until_seen "x: go on without this instruction"

# counts, breakpoints, playing up to one, and the way back to where a jump began
keys g 4 0 s
until_mark 40
keys : b r e a k Space c r o s s i n g = w o r l d Enter
until_seen 'breakpoint "crossing=world" set'
keys + + + + + + + + Space
until_seen "a breakpoint: crossing=world"
until_mark 78
keys C-o
until_mark 40
keys : b r e a k s Enter
until_seen "  1  crossing=world"
keys Escape : u n b r e a k Space 1 Enter
until_seen "breakpoint 1 is removed"

# what is pasted is no keys, but a line takes it
paste() {
  mux set-buffer "$1"
  mux paste-buffer -p -t test
}
keys g
until_mark 0
paste "wwq"
until_seen "pasted text is not taken as keys"
until_mark 0
keys :
paste "2,080
q"
until_seen ":2,080_"
keys Enter
until_mark 2080
keys m
paste "x"
until_seen "pasted text is not taken as keys"
keys Escape

keys : q Enter
until_seen "status 0"
exit 0

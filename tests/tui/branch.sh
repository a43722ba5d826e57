#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Leaving an instruction of the world switch out, stepping into what comes of it, and coming back.
. "$(dirname "$0")/lib.sh"

visualizer 80 24 NO_COLOR=1
until_mark 0
keys w w
until_seen "world switch host → vmm 1/45"
gone=$(($(mark) + 24)) # the write of CR3
keys : "$gone" Enter
until_mark "$gone"
settle
screen >"$work/recorded"

keys x
until_seen "without mov %ecx, %cr3: this is a branch; X comes back"
until_screen "the top line does not say so" grep "^ BRANCH "
keys s
until_mark "$((gone + 1))"
until_seen "X leaves this branch: without mov %ecx, %cr3"
keys G
until_seen "the end"
until_screen "the top line does not say so at the end" grep "^ BRANCH "
keys X
until_mark "$gone"
until_gone BRANCH
settle
until_screen "X does not lead back to the recorded run" cmp -s - "$work/recorded"

# a register
keys : s e t Space c r 4 = 0 Enter
until_seen "cr4=00000000: this is a branch"
until_screen "CR4 is not changed" grep "cr4 00000000"
keys X
until_gone BRANCH
keys X
until_seen "this is the recorded run"
keys : s e t Space c r 4 = f f f f f f f f Enter
until_seen "the CPU refuses it"
[ "$(mark)" = "$gone" ] || fail "a change that is refused moved"
exit 0

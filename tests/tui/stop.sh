#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Playing and pausing, and Ctrl-Z with a shell underneath.
. "$(dirname "$0")/lib.sh"

# the hosted system, which plays for minutes
system=
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
settle
screen >"$work/before"
keys C-z
until_seen "Stopped"
[ "$(mux display-message -p -t test '#{alternate_on}')" = 0 ] || fail "Ctrl-Z does not give the terminal back"
keys fg Enter
until_seen "1/45"
until_gone "Stopped"
until_screen "the screen did not come back after fg" cmp -s - "$work/before"
mux set-buffer q
mux paste-buffer -p -t test
until_seen "pasted text is not taken as keys"

# a guest that runs for ever: Esc and Ctrl-C stop the journey and not the visualizer
cat >"$work/endless.S" <<'end'
        .long 0x1badb002, 0, -0x1badb002
        .globl _start
_start: jmp _start
end
if [ -n "${GUEST_CC:-}" ] &&
  $GUEST_CC -nostdlib -static -no-pie -Wl,-N,-Ttext=0x100000,--build-id=none -o "$work/endless.elf" "$work/endless.S" 2>/dev/null; then
  options="$work/endless.elf"
  system=
  for key in Escape C-c; do
    visualizer 80 24
    until_seen "mark 0"
    keys G
    until_seen "Esc stops"
    keys s # waits for its turn, and is forgotten
    keys $key
    until_seen "stopped, and back at mark 0; :"
    until_mark 0
    reached=$(screen | sed -n 's/.*; :\([0-9]*\) goes where it was stopped.*/\1/p')
    [ "${reached:-0}" -gt 0 ] || fail "it is not said where it was stopped"
    keys ":$reached" Enter
    until_mark "$reached"
    keys S
    until_mark $((reached - 1))
    keys q
    until_seen "status 0"
  done
else
  echo "left out: the endless guest, since GUEST_CC is not set"
fi

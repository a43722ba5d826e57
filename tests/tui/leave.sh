#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every way out gives the terminal back: modes, cursor, the screen that was there before.
. "$(dirname "$0")/lib.sh"

given_back() {
  until_seen "modes are as before"
  until_screen "$1: the screen from before is not there" grep "^before"
  [ "$(mux display-message -p -t test '#{alternate_on}')" = 0 ] || fail "$1: still on the other screen"
  [ "$(mux display-message -p -t test '#{cursor_flag}')" = 1 ] || fail "$1: the cursor is hidden"
}

running() {
  visualizer 80 24
  until_seen "mark 0"
  keys w
  until_seen "1/45"
}

for key in q F10; do
  running
  keys $key
  until_seen "status 0"
  given_back "$key"
done

# Ctrl-C alone explains, and gives up what is being typed.
running
keys C-c
until_seen "nothing to stop here; Ctrl-C also stops long jumps; q leaves"
keys : 1 2
until_seen ":12_"
keys C-c
until_seen "given up; Ctrl-C"
keys Space
until_seen "playing"
keys C-c
until_seen "paused; Ctrl-C"
keys : q Enter
until_seen "status 0"
given_back ":q"

# The visualizer is a child of the shell of the window, perhaps behind a wrapper of libtool's.
visualizer_pid() {
  shell=$(mux display-message -p -t test '#{pane_pid}')
  pid=$(ps -o pid= --ppid "$shell" | head -1 | tr -d ' ')
  while child=$(ps -o pid= --ppid "$pid" | head -1 | tr -d ' ') && [ -n "$child" ]; do
    pid=$child
  done
  echo "$pid"
}

if ps -o pid= --ppid $$ >/dev/null 2>&1; then
  for signal in TERM HUP QUIT SEGV ABRT; do
    running
    kill -$signal "$(visualizer_pid)"
    given_back "SIG$signal"
    screen | grep -q "status 0" && fail "SIG$signal: left as if nothing had happened"
  done
  running
  kill -INT "$(visualizer_pid)"
  until_seen "status 0"
  given_back SIGINT
else
  echo "left out: the signals, since this ps knows no --ppid"
fi
exit 0

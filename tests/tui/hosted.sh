#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The panel of figure 7-10, in several sizes and kinds of terminal: the box where the machine is, and the way of the last
# disk interrupt, forwards and backwards.  The marks are those that "trace" has found.
. "$(dirname "$0")/lib.sh"

# the box that is emphasized, told by the character before its name; the code's own is in another part of the screen
here() { until_screen "\"$2\" is not emphasized at $3" grep -F -- "$1$2"; }
only_here() { until_screen "not one box is emphasized at $2" one_box "$1"; }
one_box() { [ "$(sed -n '/7 host/,$p' | grep -o "$1[A-Za-z]" | wc -l)" -eq 1 ]; }
below_13() { sed '1,13d' | cmp -s - "$work/handler"; }

# the steps of the last disk interrupt of the run
"$program" trace --vms 1 --format jsonl >"$work/trace" || fail "trace does not work"
grep '"path":"interrupt","vector":46,' "$work/trace" | tail -n 1 >"$work/path"
step() { sed "s/.*\"step\":\"$1\",\"at\":\([0-9]*\).*/\1/" "$work/path"; }
[ -s "$work/path" ] || fail "no disk interrupt was forwarded in the whole run"

go() {
  keys :
  until_seen ":_"
  keys "$1" Enter
  until_mark "$1"
}

tour() {
  hand=$1
  go "$(step i)"
  here "$hand" "virtual machine" "step i"
  only_here "$hand" "step i"
  go "$(step ii)"
  here "$hand" "world switch" "step ii"
  go "$(step iii)"
  here "$hand" "VMX driver" "step iii"
  keys s
  until_seen "${hand}int handler"
  only_here "$hand" "step iv"
  until_seen "(iv)"
  settle
  screen | sed '1,13d' >"$work/handler"
  go $(($(step v) + 1))
  here "$hand" VMX "the end of step v"
  until_seen "(v)"
  go "$(step iv)"
  until_seen "${hand}int handler"
  settle
  until_screen "going back shows another panel" below_13
  keys o
  until_seen "here: the host OS, interrupt handler"
  until_seen "the last disk interrupt: vector 46"
  until_seen "int, same vector"
  keys o
}

system= options="--vms 1"
visualizer 80 24
until_mark 0
keys 7
until_seen "[7 host]"
until_seen "virtual machine"
screen | grep -q "▶virtual" && fail "the virtual machine is emphasized at reset"
tour ▶

visualizer 100 30 NO_COLOR=1
until_mark 0
keys 7
until_seen "here: the loader"
until_seen "no interrupt has gone this way"
tour ▶
mux resize-window -t test -x 20 -y 5
until_seen "80x20 or more"
keys s S
mux resize-window -t test -x 131 -y 47
until_seen "the last disk interrupt: vector 46"

visualizer 80 24 LANG=C LC_ALL=C TERM=vt100
until_mark 0
keys 7
until_seen "| virtual machine"
tour ">"

# another guest says that it is another
system=--lab options=
visualizer 80 24
until_mark 0
keys 7
until_seen "this guest is not the hosted system"

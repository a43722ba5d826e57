#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guided tour in a real terminal: the first start offers it, once; it goes from the laboratory to the hosted system,
# and whoever does not want it presses any other key.

. "$(dirname "$0")/lib.sh"

rm -r "$XDG_STATE_HOME"
system=
visualizer 80 24
until_seen "t takes the guided tour, some minutes; other keys go on without it"
keys s
until_gone "t takes the guided tour"
until_mark 1
keys q
until_seen "status 0"

visualizer 80 24
until_seen "s step"
lacks_offer() { ! grep -qF "guided tour,"; }
until_screen "it is offered again" lacks_offer
keys t
until_seen "tour, 1 of 6"
until_seen "world boot"
for step in 2 3 4 5 6; do
  keys t
  until_seen "tour, $step of 6"
done
keys t
until_seen "tour, 1 of 4"
keys T
until_seen "tour, 1 of 6"
keys Escape
until_gone "tour, 1"
keys q
until_seen "status 0"
until_seen "modes are as before"

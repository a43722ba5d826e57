#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A person at 80x24: through the first world switch with s, instruction by instruction; back again; on to the next ones.
. "$(dirname "$0")/lib.sh"

visualizer 80 24
until_mark 0
until_screen "the ring is not shown" grep "ring 0"
until_screen "nothing says what to press" grep "s step"

# through all 45, forward and back
keys w
until_seen " 1/45"
settle
screen >"$work/first"
number=1
while [ $number -lt 45 ]; do
  keys s
  number=$((number + 1))
  until_seen "world switch boot → host $number/45"
  [ $number -ne 25 ] || until_screen "instruction 25 is not explained" grep VANISHES
done
keys s
until_seen "world host"
until_gone "/45 world"
while [ $number -gt 1 ]; do
  keys S
  number=$((number - 1))
  until_seen "world switch boot → host $((number + 1))/45"
done
keys S
until_seen "world switch boot → host 1/45"
settle
until_screen "S does not lead back to the same screen" cmp -s - "$work/first"

# the start, and not beyond
keys g
until_mark 0
keys S
until_seen "this is the start"
[ "$(mark)" = 0 ] || fail "S at the start moved"
keys l
until_seen '"l" does nothing'

# context switches, the end of a crossing, and back to its beginning
keys c
until_seen "world switch boot → host 1/45"
keys c
until_seen "context switch"
begin=$(mark)
keys f
until_gone "context switch"
end=$(mark)
[ "$end" -gt "$begin" ] || fail "f did not go forward"
keys C
until_mark "$begin"
keys n
keys N
until_mark "$begin"

# to the end and back by name and by number
keys m x
until_seen "is called x"
keys G
until_seen "the end"
keys "'" x
until_mark "$begin"
keys : 7 Enter
until_mark 7

# search, on and back
keys / cr3 Enter
until_not_mark 7
until_screen "the search did not stop at a write to CR3" grep "▶.*%cr3"
first=$(mark)
keys "]"
until_not_mark "$first"
until_screen "] did not go to a write to CR3" grep "▶.*%cr3"
keys "["
until_mark "$first"
keys / nonsense Enter
until_seen '"nonsense": search for'
[ "$(mark)" = "$first" ] || fail "a search that makes no sense moved"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whatever names an image or a session brings along, and whatever a file is called: no byte of it reaches the terminal
# but printable ones, lines stay lines, and nothing is left out.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${SED:=sed}" "${JQ:=}"
program=$(cd "$top_builddir" && pwd)/worldswitch
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
checks=0
failed=0

complain() {
  echo "$1"
  cat -v out | head -5
  failed=1
}

# show PATTERN ARGUMENT...: what the command says, on both channels, is printable, and has the pattern
show() {
  pattern=$1
  shift
  "$program" "$@" > out 2>&1 < /dev/null
  checks=$((checks + 1))
  [ -z "$(tr -d '\12\40-\176' < out)" ] || complain "worldswitch $*: it says something that is not printable"
  grep -qF -e "$pattern" out || complain "worldswitch $*: no \"$pattern\""
}

escape=$(printf '\033')
bell=$(printf '\007')
c1=$(printf '\233')

# An image whose symbols, and the names of whose worlds and processes, were changed into others of the same length.
"$program" image --lab -o lab.elf || exit 99
$SED -e "s/vmm\.vector_6/vm${escape}[vector_6/; s/ws\.world\.vmm/ws.world.v${bell}m/; s/ws\.process\.host\.A/ws.process.host.$c1/" \
  lab.elf > hostile.elf
cmp -s lab.elf hostile.elf && {
  echo "the image has no such symbols any more"
  exit 1
}
for format in text csv; do
  show 'v\x07m' trace --format $format hostile.elf
  show '\x9b' trace --format $format hostile.elf
done
show '"v\\x07m"' trace --format jsonl hostile.elf
show 'vm\x1b[vector_6' trace hostile.elf
if [ -n "$JQ" ]; then
  "$program" trace --format jsonl hostile.elf 2> /dev/null | "$JQ" -r '.handler_symbol // empty' > out
  checks=$((checks + 1))
  grep -qxF 'vm\x1b[vector_6' out || complain "a handler lost its symbol"
fi
show 'v\x07m' compare hostile.elf
show 'v\x07m' figure 7-11 --ascii hostile.elf
show 'v\x07m' diff 100 2956 hostile.elf

# Names and notes of a session.
"$program" run --lab -q --record marks.wsr --mark "x${escape}c=5=a note${bell}" > /dev/null 2>&1
show 'x\x1bc (5: a note\x07)' run marks.wsr@nowhere

# Files, and what only looks like a command.
newline='one
worldswitch: a forged line'
show 'one\x0aworldswitch: a forged line' run "$newline"
show '\x1b]0;title' run -o /nowhere/x "${escape}]0;title"
show '/nowhere/\x1bc' trace --lab -o "/nowhere/${escape}c"

# A part of a campaign.
"$program" ablate --shard 1/45 --format jsonl -o part.jsonl || exit 99
$SED -e 's/"explanation":"/&\\u001b[2J\\u202e/; s/"by":\["/&\\n/' part.jsonl > hostile.jsonl
for format in text csv; do
  show '\x0a' ablate --merge --format $format hostile.jsonl
done
show '\x1b[2J\xe2\x80\xae' ablate --merge hostile.jsonl

echo "$checks checks"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sessions as a person uses them: recorded, opened by every command, killed while being written.

set -u
: "${top_builddir:=.}"
worldswitch=$top_builddir/worldswitch
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

fail() {
  echo "$*"
  status=1
}

# expect STATUS PATTERN ARGUMENT...: what it exits with, and what it says on either stream.
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$worldswitch" "$@" > "$scratch/out" 2>&1 < /dev/null
  got=$?
  [ $got -eq "$wanted" ] || fail "worldswitch $*: status $got, not $wanted: $(head -3 "$scratch/out")"
  grep -q -- "$pattern" "$scratch/out" || fail "worldswitch $*: no \"$pattern\": $(head -3 "$scratch/out")"
}

session=$scratch/lab.wsr
# Where the host leaves for the VMM, and where it has arrived, as the compiler has it.
# shellcheck disable=SC2046 # two words
set -- $("$worldswitch" trace --lab --format jsonl |
  sed -n 's/.*"from":"host","to":"vmm","begin":\([0-9]*\),"end":\([0-9]*\).*/\1 \2/p' | head -1)
leaves=$1 entered=$2
end=$("$worldswitch" diff --lab 0 999999 2>&1 | sed -n 's/.*ends at mark \([0-9]*\).*/\1/p')
expect 0 'all processes have exited' run --lab --record "$session" \
  --mark "leaves=$leaves=the host leaves" --mark "entered=$entered"
"$worldswitch" run --lab > "$scratch/live"
"$worldswitch" run "$session" > "$scratch/again"
cmp "$scratch/live" "$scratch/again" || fail "the run again says something else"
"$worldswitch" trace --format jsonl --lab > "$scratch/live"
"$worldswitch" trace --format jsonl "$session" > "$scratch/again"
cmp "$scratch/live" "$scratch/again" || fail "the run again has another trace"
expect 0 '^9 world switches and 7 context switches, 0 findings$' audit "$session"
expect 0 '^cr3 ' diff "$leaves" "$entered" "$session"
expect 0 '^host: leaves$' run "$session@leaves"
expect 0 '^host: leaves$' run "$session@$entered"
expect 0 'world switch' compare "$session"

# Another recording of it, with other marks.
expect 1 'exited' run "$session" --record "$scratch/second.wsr" --mark third=3000
expect 0 '' run "$scratch/second.wsr@third"
expect 0 '' run "$scratch/second.wsr@leaves"

# The hosted system, with its disk, up to some mark.
"$worldswitch" run --max-insns 3000000 > "$scratch/live" 2> /dev/null
expect 6 '' run --max-insns 3000000 --record "$scratch/hosted.wsr"
"$worldswitch" run "$scratch/hosted.wsr" > "$scratch/again" 2> /dev/null
[ $? -eq 6 ] || fail "the hosted system has not run again"
cmp "$scratch/live" "$scratch/again" || fail "the hosted system says something else"

# With the symbols of both worlds: the VMM's are in a file on the disk that the image carries.
expect 6 '' run --vms 1 --max-insns 6000000 --record "$scratch/both.wsr"
"$worldswitch" figure 7-10 -q --vms 1 --max-insns 6000000 > "$scratch/live"
"$worldswitch" figure 7-10 -q "$scratch/both.wsr" > "$scratch/again"
grep -q 'vmm\.vector_13' "$scratch/live" || fail "the hosted system has no symbols of the VMM"
cmp "$scratch/live" "$scratch/again" || fail "the recorded hosted system has another figure"
"$worldswitch" image -o "$scratch/hosted.elf"
"$worldswitch" image --disk --vms 1 -o "$scratch/hosted.img"
"$worldswitch" figure 7-10 -q --max-insns 6000000 --disk "$scratch/hosted.img" "$scratch/hosted.elf" > "$scratch/again"
grep -q 'vmm\.vector_13' "$scratch/again" || fail "the hosted system from a file has no symbols of the VMM"

# --- checkpoints ---------------------------------------------------------------------------------
# A guest that counts in a register and in memory, far enough for checkpoints to be gone to.
# A whole state makes a session longer, compressed or not.
longer() { [ "$(wc -c < "$1")" -gt "$(wc -c < "$2")" ]; }
printf '\100\377\005\000\220\000\000\353\367' > "$scratch/count.bin"
expect 6 '' run --flat 0x200000 --max-insns 60000000 --record "$scratch/far.wsr" --checkpoints 2 \
  --mark 'late=50000000=far from the start' "$scratch/count.bin"
expect 6 '' run --flat 0x200000 --max-insns 60000000 --record "$scratch/plain.wsr" \
  --mark 'late=50000000=far from the start' "$scratch/count.bin"
longer "$scratch/far.wsr" "$scratch/plain.wsr" || fail "a session has no checkpoints"
expect 6 '' run "$scratch/far.wsr"
expect 10 'needs a terminal' view "$scratch/far.wsr@late"
if grep -q damaged "$scratch/out"; then fail "a checkpoint is damaged: $(cat "$scratch/out")"; fi
"$worldswitch" run "$scratch/far.wsr@30000000" --record "$scratch/copy.wsr" --mark new=29000000 ||
  fail "a session with checkpoints is not copied"
"$worldswitch" run "$scratch/plain.wsr@30000000" --record "$scratch/plain_copy.wsr" --mark new=29000000 ||
  fail "a session without checkpoints is not copied"
longer "$scratch/copy.wsr" "$scratch/plain_copy.wsr" || fail "a copy has lost its checkpoints"
"$worldswitch" run "$scratch/copy.wsr@new" || fail "a copy has lost its mark"
"$worldswitch" run "$scratch/copy.wsr@10000000" --record "$scratch/short.wsr" || fail "a copy is not copied"
longer "$scratch/copy.wsr" "$scratch/short.wsr" || fail "a copy has a checkpoint behind its end"
expect 0 '' run --lab --record "$scratch/few.wsr" --checkpoints 4
expect 1 '' run "$scratch/few.wsr"
expect 0 '9 world switches' audit "$scratch/few.wsr"

# --- refusals ------------------------------------------------------------------------------------
expect 2 'has no mark "nowhere"' run "$session@nowhere"
expect 2 "one of its names: leaves ($leaves: the host leaves), entered ($entered)\$" run "$session@nowhere"
expect 2 "ends at mark $end" run "$session@$((end + 1))"
expect 2 'a recorded session has its own' run --memory 16M "$session"
expect 2 'a recorded session has its own' trace --serial-in /dev/null "$session"
expect 2 'cannot read' run "$scratch/none.wsr"
expect 2 'nothing is recorded' run --lab --mark a=1
expect 2 'is not NAME=MARK' run --lab --record "$scratch/x.wsr" --mark 1a=1
expect 2 'the run ended at mark' run --lab --record "$scratch/x.wsr" --mark a=99999999
expect 10 'nothing has been run' run --lab --record "$scratch/no/folder.wsr"
expect 10 'nothing has been run' view --lab --record "$scratch/no/folder.wsr"
expect 2 'nothing is recorded' run --lab --checkpoints 1
expect 2 '256 at most' run --lab --record "$scratch/x.wsr" --checkpoints 257
echo nonsense > "$scratch/not.wsr"
expect 2 'not a recorded session' run "$scratch/not.wsr"
head -c 3000 "$session" > "$scratch/cut.wsr"
expect 2 'cut off' view "$scratch/cut.wsr"
cp "$session" "$scratch/damaged.wsr"
printf 'X' | dd of="$scratch/damaged.wsr" bs=1 seek=2000 conv=notrunc 2> /dev/null
expect 2 'its checksum is wrong' trace "$scratch/damaged.wsr"
cp "$session" "$scratch/newer.wsr"
printf '\007' | dd of="$scratch/newer.wsr" bs=1 seek=20 conv=notrunc 2> /dev/null
expect 2 'has version 7, and this program reads version 6' audit "$scratch/newer.wsr"

# --- killed at any instant: the old file or the new one ------------------------------------------
cp "$session" "$scratch/kept.wsr"
# From the beginning of a recording to a bit behind its end, however long one takes here.
begin=$(date +%s%N)
"$worldswitch" run --lab --record "$scratch/kept.wsr" > /dev/null 2>&1
whole=$(($(date +%s%N) - begin))
for part in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 16; do
  wait=$(awk "BEGIN { print $whole * $part / 14 / 1000000000 }")
  "$worldswitch" run --lab --record "$scratch/kept.wsr" > /dev/null 2>&1 &
  victim=$!
  sleep "$wait"
  kill -KILL $victim 2> /dev/null
  wait $victim 2> /dev/null
  "$worldswitch" run "$scratch/kept.wsr" > "$scratch/out" 2>&1
  [ $? -eq 1 ] || fail "killed after $wait s: $(head -2 "$scratch/out")"
done
exit $status

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same guest is the same each time: each command says the same, and the states of a run that goes free, one
# instruction at a time, recorded, replayed, or out of order by a timeline, have the same hashes.  Three guests twice;
# with WS_LONG=1, each guest of the tests twenty times.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}"
program=./worldswitch
limit=50000 # instructions
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

if [ -n "${WS_LONG:-}" ]; then
  times=20
  guests=$(find guest/tests -name '*.elf' ! -name keeper.elf | sort) # that one is a program of the host, and no kernel
else
  times=2
  guests='guest/tests/guest/tasks.elf guest/tests/teaching/preempt.elf guest/tests/teaching/forgets.elf'
fi

# says WHAT ARGUMENT...: this command says what it said the first time.
says() {
  what=$1
  shift
  $program "$@" > "$scratch/now" 2>&1
  echo "status $?" >> "$scratch/now"
  same "$what" now
}

# same WHAT FILE: the file is what the first file of this name was.
same() {
  if [ ! -e "$scratch/first.$1" ]; then
    cp "$scratch/$2" "$scratch/first.$1"
  elif ! cmp -s "$scratch/$2" "$scratch/first.$1"; then
    echo "FAIL: $guest: $1 is another one" >&2
    diff "$scratch/first.$1" "$scratch/$2" | head -5 | sed 's/^/    /' >&2
    failures=$((failures + 1))
  fi
}

once() {
  for way in free stepped sought; do
    says hashes lua "$top_srcdir/tests/cli/always.lua" "$guest" $way $limit
  done
  says run run --max-insns $limit "$guest"
  says run run --max-insns $limit --record "$scratch/it.wsr" --checkpoints 16 "$guest"
  same session it.wsr
  # An exit status of 12: the state at a checkpoint is another one.
  says run run "$scratch/it.wsr"
  says events trace --format jsonl --max-insns $limit "$guest"
  says events trace --format jsonl "$scratch/it.wsr"
  $program trace --format jsonl --all --max-insns $limit "$guest" 2>&1 |
    grep -v '"kind":"instruction"' > "$scratch/now"
  same stepped now
  for command in why lint audit figure; do
    says $command $command --max-insns $limit "$guest"
  done
  says diff diff 10 1000 --max-insns $limit "$guest"
}

for guest in $guests; do
  rm -f "$scratch"/first.*
  time=0
  while [ $time -lt $times ]; do
    once
    time=$((time + 1))
  done
  # What is reported does not depend on how it is heard.
  grep -v '"type":"instruction"\|^status' "$scratch/first.events" > "$scratch/free"
  grep -v '"type":"instruction"\|^status' "$scratch/first.stepped" > "$scratch/stepped"
  cmp -s "$scratch/free" "$scratch/stepped" || {
    echo "FAIL: $guest: other events, when it is stepped" >&2
    diff "$scratch/free" "$scratch/stepped" | head -5 >&2
    failures=$((failures + 1))
  }
done

[ "$failures" -eq 0 ]

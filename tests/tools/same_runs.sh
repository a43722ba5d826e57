#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Do two builds of the program come to the same runs?  For changes that must not change anything.
#
# usage: same_runs.sh BEFORE AFTER [GUESTS]
#
# BEFORE and AFTER are two worldswitch programs.  GUESTS is a folder of guest programs: the folder "guest" of a build, or
# any folder with *.elf files; without it, the folder "guest" beside AFTER.  Both programs run the same guest files, so
# a change of a guest is not seen; a change of the systems that the library carries is.
#
# Each run is compared by what it writes, to standard output, as errors and to its disk, and by its exit status.  Where
# a run is recorded, its whole state is compared at some marks, too.  What differs is printed, and the exit status is 1.  It is 2
# if there is nothing to compare: no program, no guests, or a run that both programs refuse.

set -u
LC_ALL=C
export LC_ALL

stop() {
  echo "same_runs.sh: $*" >&2
  exit 2
}

# absolute FILE
absolute() {
  echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
}

[ $# -eq 2 ] || [ $# -eq 3 ] || stop "usage: same_runs.sh BEFORE AFTER [GUESTS]"
for program in "$1" "$2"; do
  if [ ! -f "$program" ] || [ ! -x "$program" ]; then
    stop "$program: no such program"
  fi
done
before=$(absolute "$1") after=$(absolute "$2")
guests=$(absolute "${3:-$(dirname "$2")/guest}")
[ ! -d "$guests/tests/guest" ] || guests=$guests/tests/guest
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' INT TERM HUP
mkdir "$scratch/before" "$scratch/after"
runs=0 differ=0 sessions=run.wsr

# The disk that tests/machine/guests.h gives to guests: 2048 sectors, each a line with its number.
awk 'BEGIN { for (n = 0; n < 2048; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"

# run PROGRAM FOLDER ARGUMENT...: leave there what it writes
run() (
  program=$1
  cd "$scratch/$2" || exit
  shift 2
  rm -f run.wsr
  cp "$scratch/disk" disk
  "$program" "$@" > out 2> err < /dev/null
  echo "exit status $?" > end
)

# Say where the two files of that name part.
tell() {
  echo "  $1:"
  if [ "$1" = run.wsr ]; then
    "$after" run "$scratch/before/run.wsr" 2>&1 > /dev/null < /dev/null | head -n 1
  else
    diff -a "$scratch/before/$1" "$scratch/after/$1" | head -n 7
  fi | cut -c 1-160 | sed 's/^/    /'
}

# same ARGUMENT...: run both programs with these arguments, at the same time, and compare
same() {
  run "$before" before "$@" &
  run "$after" after "$@"
  wait $!
  runs=$((runs + 1))
  if ! cat "$scratch"/*/end | grep -vqx 'exit status 2'; then
    stop "both refuse \"worldswitch $*\": $(cat "$scratch/after/err")"
  fi
  different=
  for kind in end err out disk $sessions; do
    [ -e "$scratch/before/$kind" ] || [ -e "$scratch/after/$kind" ] || continue
    cmp -s "$scratch/before/$kind" "$scratch/after/$kind" || different="$different $kind"
  done
  [ -n "$different" ] || return
  differ=$((differ + 1))
  echo "worldswitch $*"
  for kind in $different; do
    tell "$kind"
  done
}

# Sessions hold hashes of states, and whole states.  Where a run's hashes are meant to be others, their form has another
# version, and nothing can be compared.
run "$before" before run --lab --record run.wsr --checkpoints 16
if "$after" run "$scratch/before/run.wsr" 2>&1 > /dev/null < /dev/null | grep 'the session has version'; then
  echo "  so no states are compared"
  sessions='' differ=1
fi

# What the library carries: the hosted system, and the laboratory.
for system in '' --lab; do
  for arguments in 'run --record run.wsr --checkpoints 16' 'trace --format jsonl' 'trace --instructions' \
    'trace --all --max-insns 100000' 'audit --format jsonl' compare 'figure 7-10' 'figure 7-11' image; do
    # shellcheck disable=SC2086 # lists of words
    same $arguments $system
  done
done
same image --disk
same run --disk disk
same run --lab --serial-in disk
same diff 2911 2956 --lab
same diff 100000 2000000
same trace --lab --all --syntax intel
same ablate --shard 1/9 --jobs 1

for guest in "$guests"/*.elf; do
  [ -f "$guest" ] || stop "$guests: no guest programs there (make check builds them)"
  same run --record run.wsr --checkpoints 16 --max-insns 20000000 --disk disk "$guest"
  same trace --all --format jsonl --max-insns 20000 --disk disk "$guest"
done

echo "$runs runs; what differs: $differ"
[ "$differ" -eq 0 ]

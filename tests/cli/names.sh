#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A world that nobody named has one name at a mark, whichever command says it.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
guests=$(cd "$top_builddir" && pwd)/guest/tests/watch
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

# The laboratory without its symbols, and so without its names: the file says that it has no sections.
"$program" image --lab -o lab.elf || exit 99
cp lab.elf nameless.elf
printf '\0\0\0\0' | dd of=nameless.elf bs=1 seek=32 conv=notrunc 2> dd.said
printf '\0\0\0\0\0\0' | dd of=nameless.elf bs=1 seek=46 conv=notrunc 2> dd.said

# ends IMAGE MARK...: run, trace and audit say the same about the end at that mark
ends() {
  image=$1
  shift
  for mark; do
    "$program" run --max-insns "$mark" "$image" > run.out 2> run
    "$program" trace --max-insns "$mark" "$image" > trace.out 2> trace
    "$program" audit --max-insns "$mark" "$image" > audit.out 2> audit
    cmp run trace && cmp run audit && grep -q ', world "' run || {
      echo "$image, mark $mark:"
      cat run trace audit
      failed=1
    }
  done
}
# Before paging, in the midst of the first switch into a world and of the next, long after both.
ends nameless.elf 10 60 100 110 122 124 1000 2930 2940 2955 2956 4970 4990 9000 19000
ends "$guests/switches.elf" 30 60 80 82 83 84 90 91 92 95 1000 100000
ends "$guests/tables_late.elf" 5 9 10 11 13 100

# What was sent before is not sent again when the run is looked at again.
"$program" run --max-insns 19000 lab.elf > lab 2> said
"$program" run --max-insns 19000 nameless.elf > nameless 2> said
cmp lab nameless || failed=1

# All that a trace names are worlds that a crossing leaves or enters.
"$program" trace --format jsonl nameless.elf > records 2> said
sed -n 's/.*"kind":"world","from":"\([^"]*\)","to":"\([^"]*\)".*/\1 \2/p' records | tr ' ' '\n' | sort -u > entered
sed -n 's/.*"world":"\([^"]*\)".*/\1/p' records | grep -v '^boot$' | sort -u > named
[ -s entered ] && cmp entered named || {
  echo 'a trace names other worlds than it switches:'
  cat named
  failed=1
}

# sees WORDS...: view has the switches that trace tells, with the same names, and is in the world that run ends in
sees() {
  "$program" trace --format jsonl "$@" 2> said | sed -nE \
    's/^.*"kind":"([a-z]*)","from":"([^"]*)","to":"([^"]*)","begin":([0-9]*),.*/\1 \2 \3 \4/p' | sed 6q > told
  printf '%s\n' c c c c c c 5 | "$program" view --plain "$@" 2> said | sed -nE \
    's/^[> ]*[0-9]+ (world|context|thread) +([^ ]*) > ([^ ]*) +([0-9]+) .*/\1 \2 \3 \4/p' > seen
  [ "$(wc -l < told)" -eq 6 ] && cmp told seen || {
    echo "$*: trace and view tell other switches, or not six:"
    cat told seen
    failed=1
  }
  while read -r _ _ _ mark; do
    "$program" run --max-insns "$mark" "$@" 2>&1 > run.out | sed -nE 's/.*, world "([^"]*)".*/\1/p' > run
    printf ':%s\n' "$mark" | "$program" view --plain "$@" 2> said |
      sed -nE "s/^Mark $mark, world ([^,]*),.*/\1/p" > view
    [ -s run ] && cmp run view || {
      echo "$*, mark $mark: run and view are in other worlds"
      cat run view
      failed=1
    }
  done < told
}
teaching=${guests%/*}/teaching
sees --lab
sees "$teaching/kthreads.elf"
sees "$teaching/scheduler.elf"
exit $failed

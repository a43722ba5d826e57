#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One allocation fails, each in its turn, in all commands.  Then the program ends with status 10 and one line that
# says so, or it did without that memory: status, output and files are those of a run in which none failed.  Never
# is there an answer that is another one, and never a file that is not whole.
#
# What fails is the first allocation of a place, by which all functions on the stack are meant. Some two places of a
# command are tried, eight with WS_MORE=1, as CI asks; all of them with WS_LONG=1, which takes half an hour.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}" "${CC:=cc}"
. "$top_srcdir/tests/tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
guests=$(cd "$top_builddir" && pwd)/guest/tests
source=$(cd "$top_srcdir" && pwd)/tests/memory/fail_allocation.c
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99

if "$program" version | grep -q 'sanitizers yes'; then
  echo "a sanitizer has an allocator of its own: skipped"
  exit 77
fi
$CC -O1 -shared -fPIC -o fail.so "$source" || exit 77

trials=0
failed=0
tries_each=2
if more; then tries_each=8; fi
tries_each=${WS_FAIL_TRIES:-$tries_each}

# attempt NUMBER ARGUMENT...: run with that allocation failing; leaves `status` and the files out, err, file
attempt() {
  number=$1
  shift
  rm -f file places
  cp disk_before disk
  guard env FAIL_ALLOCATION="$number" FAIL_PLACES=places LD_PRELOAD=./fail.so "$program" "$@" > out 2> err < in
  status=$?
}

# Is standard input the first part of this file?  What comes last may be missing, and no more.
is_beginning_of() {
  cat > part
  head -c "$(wc -c < part)" "$1" | cmp -s - part
}

# What is wrong with the last attempt; empty: nothing.
verdict() {
  if [ "$status" -eq "$right_status" ] && cmp -s out right_out && cmp -s err right_err; then
    [ ! -e right_file ] || cmp -s file right_file || echo "another file"
    cmp -s disk right_disk || echo "another disk"
  elif [ "$status" -ne 10 ]; then
    echo "status $status"
  elif ! tail -n 1 err | grep -q '^worldswitch: .*memory' || ! head -n -1 err | is_beginning_of right_err; then
    echo "not one line about memory: $(head -3 err)"
  elif ! is_beginning_of right_out < out; then
    echo "another output"
  elif ! cmp -s disk disk_before && ! cmp -s disk right_disk; then
    echo "half a disk"
  elif [ -e file ] && ! grep -q 'is written without' err; then
    echo "a file was left that should not be there"
  fi
}

# each ARGUMENT...: the command, with each of its allocations failing
each() {
  attempt 0 "$@"
  right_status=$status
  rm -f right_file
  mv out right_out
  mv err right_err
  mv disk right_disk
  [ ! -e file ] || mv file right_file
  sort -n places > tried
  count=$(wc -l < tried)
  stride=$((count / tries_each + 1))
  ! long || stride=1
  wrong=0
  for number in $(awk -v stride=$stride 'NR % stride == 0' tried); do
    attempt "$number" "$@"
    trials=$((trials + 1))
    complaint=$(verdict)
    if [ -n "$complaint" ]; then
      wrong=$((wrong + 1))
      [ $wrong -gt ${WS_FAIL_SHOW:-5} ] || echo "worldswitch $*: allocation $number fails: $complaint"
    fi
  done
  echo "worldswitch $*: status $right_status, $count places, every ${stride}th tried, $wrong wrong"
  [ $wrong -eq 0 ] || failed=1
}

# all ARGUMENT...: a command that does something
all() {
  each "$@"
  [ "$right_status" -ne 2 ] || {
    echo "worldswitch $*: it is refused, and tries nothing"
    failed=1
  }
}

# refused ARGUMENT...: one that says what is wrong with its input
refused() {
  each "$@"
  [ "$right_status" -eq 2 ] || {
    echo "worldswitch $*: status $right_status: it is not refused"
    failed=1
  }
}

: > in
printf '12' > typed
head -c 1000 /dev/zero | tr '\0' a > disk_before
"$program" image --lab -o lab.elf || exit 99
"$program" run --lab -q --record lab.wsr --mark 'leaves=2911=the host leaves its world' > /dev/null
for part in 1 2; do
  "$program" ablate --shard $part/2 --format jsonl -o part$part.jsonl || exit 99
done

WS_LESSONS=$(cd "$top_srcdir" && pwd)/tests/lesson/labs
export WS_LESSONS
mkdir handed
sed 's/$ANSWER/$41/' "$WS_LESSONS/10-answer/solution/answer.s" > handed/wrong.s
cp "$WS_LESSONS/10-answer/solution/answer.s" handed/right.s
for part in 1 2; do
  "$program" grade handed --lesson 10 --unconfined --report records --shard $part/2 -o handed$part 2> /dev/null
done
head -c 3000 lab.elf > half.elf
head -c 300 lab.wsr > half.wsr
echo 'expect(' > wrong.lua
echo 'local lab = worldswitch.laboratory() lab:run(3000) expect("a crossing", 1, #lab:crossings() > 2, "none")' > s.lua

if [ $# -gt 0 ]; then
  all "$@"
  exit $failed
fi
all run --lab
all run --lab -o file
all run lab.elf --serial-in typed --module typed=words --append text
all run --lab --record file --mark 'leaves=2911=why' --checkpoints 3
all run lab.wsr@leaves
all run "$guests/watch/tables_late.elf"
all run --max-insns 1000 "$guests/watch/switches.elf"
all run --disk disk "$guests/cli/scribble.elf"
all trace --lab
all trace --lab --instructions --format jsonl
all trace --lab --all --format csv --max-insns 3000
all trace lab.elf --format jsonl -o file
all figure 7-10 --max-insns 6000000
all figure 7-11 --lab
all compare --lab
all compare --lab --format jsonl
all audit --lab
all audit --lab --format jsonl
all audit "$guests/watch/fpu_threads.elf"
all why "$guests/guest/triple_idt.elf"
all lint "$guests/guest/gates.elf"
all lint --format jsonl "$guests/guest/gates.elf"
all audit --format jsonl "$guests/guest/triple_idt.elf"
all trace "$guests/teaching/jumps.elf"
all diff 2911 2956 --lab
all diff 2911 2956 lab.wsr --format jsonl
all ablate --shard 1/44 --jobs 1
all ablate --switch world_switch "$guests/teaching/worlds.elf" --shard 1/20 --jobs 1
all ablate --merge part1.jsonl part2.jsonl
all image --lab -o file
all image --disk -o file
all doctor
all help
all view --lab
all view --lab --script 's s w' --dump file
refused view --lab --script 's<'
refused run half.elf
refused run half.wsr
refused run lab.wsr@nowhere
if ! "$program" lua s.lua 2>&1 | grep -q 'built without Lua'; then
  all lua s.lua
  refused lua wrong.lua
  all lesson list
  all lesson show 10
  all lesson hint 10
  all lesson check 10 handed/wrong.s
  all lesson quiz 13 --count 3 --answers
  all lesson quiz 13 --count 3 --format gift
  all lesson quiz 13 --count 3 --format text2qti
  all grade handed --lesson 10 --jobs 1 --unconfined
  all grade handed --lesson 10 --jobs 1 --unconfined --report class
  all grade --merge handed1 handed2 --report class -o file
  all grade --merge handed1 handed2 --report junit
  all grade --merge handed1 handed1 handed2 --report tap
  all grade handed/right.s --lesson 10 --jobs 1 --unconfined --report autolab
  all grade handed/wrong.s --lesson 10 --jobs 1 --unconfined --report coderunner -o file
fi
echo "$trials trials"
exit $failed

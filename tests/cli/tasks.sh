#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Linux's tasks have the names that the kernel keeps of them: in all commands that name threads and processes, at each
# mark, in a recording as in the run. Other kernels' threads have numbers.
#
# Where the environment names a Linux kernel, as for tests/bench/boot.sh, its tasks are looked at, too:
#
#   WS_BENCH_LINUX, WS_BENCH_INITRD, WS_BENCH_APPEND   a Linux kernel, its initial RAM disk, its command line
#   WS_BENCH_LINUX_INSNS    so many instructions are run, 4000000000 if nothing is told

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}"
. "$(dirname "$0")/../tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
kernel=$(cd "$top_builddir" && pwd)/guest/tests/cli/tasks.bin
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0

fail() {
  echo "$*"
  failed=1
}

# switches TRACE: who is left and entered, and in how many instructions
switches() {
  sed -n 's/^ *[0-9]*  \([a-z]*\) switch *\(.*\), until.*/\1: \2/p' "$1"
}

# --- trace ---
cat > wanted << 'END'
thread: thread-1 (swapper/0) -> thread-2 (swapper/0), 95 instructions
thread: thread-2 (kthreadd) -> thread-3 (kthreadd), 95 instructions
context: process-1 (init) -> process-2 (init), 95 instructions
context: process-2 (ps) -> process-1 (init), 95 instructions
context: process-1 (init) -> process-3 (init), 95 instructions
context: process-3 (cat) -> process-1 (init), 95 instructions
thread: thread-3 (init) -> thread-2 (kthreadd), 95 instructions
thread: thread-2 (kthreadd) -> thread-3 (init), 95 instructions
thread: thread-3 (init) -> thread-2 (kthreadd), 95 instructions
context: process-1 (init) -> process-4 (kthreadd), 95 instructions
thread: thread-6 -> thread-1 (swapper/0), 95 instructions
END
"$program" trace --linux "$kernel" > traced
[ $? -eq 0 ] || fail "trace ended otherwise"
switches traced > named
cmp wanted named || fail "trace names tasks otherwise: $(diff wanted named)"
"$program" run --linux "$kernel" --record tasks.wsr --checkpoints 8 > /dev/null
"$program" trace tasks.wsr > again
cmp traced again || fail "the recording has other names"
if [ -n "$QEMU" ]; then
  qemu -m 32 -kernel "$kernel"
  status=$?
  [ $status -eq 33 ] || fail "under QEMU, the kernel ends with $status"
else
  echo "no QEMU: nothing to compare with"
fi

# The same code, as a kernel of nobody: its second part follows two sectors. All is as before, but for names of tasks.
tail -c +1025 "$kernel" > second
"$program" trace --flat 0x100000 second > flat
sed 's/ ([^)]*)//g' wanted > nameless
switches flat > named
cmp nameless named || fail "where it is not Linux, trace says: $(diff nameless named)"

# Records have what a name is in a field of its own; names of threads and processes stay what they are.
"$program" trace --format jsonl --linux "$kernel" > records
for record in '"from":"process-2","to":"process-1","from_task":"ps","to_task":"init"' \
  '"from":"thread-6","to":"thread-1","to_task":"swapper/0"'; do
  grep -q -e "$record" records || fail "no record has $record"
done
"$program" trace --format jsonl --flat 0x100000 second | grep _task && fail "a record names a task of no Linux"

# --- compare ---
"$program" compare --linux "$kernel" | sed -n 2p > compared
grep -q 'process-1 (init) -> process-2 (init) .*thread-1 (swapper/0) -> thread-2 (swapper/0)' compared ||
  fail "compare has no names: $(cat compared)"

# --- the visualizer ---
# top KEYS: the top line, behind the end, so that all is known
top() {
  "$program" view --script ":end<Enter>$1" --size 120x30 --linux "$kernel" | head -n 1
}

# mark N: where the N-th switch ends
mark() {
  sed -n 's/.* switch .*until mark //p' traced | sed -n "$1p"
}

# shown PATTERN KEYS
shown() {
  line=$(top "$2")
  echo "$line" | grep -q -e "$1" || fail "view $2: the top line is \"$line\", wanted \"$1\""
}

shown 'thread-1 (swapper/0)' ''
shown 'world world-1, process process-2, thread-4 (init) ' ":$(mark 3)<Enter>"
shown 'thread-4 (ps) ' ":$(($(mark 3) + 20))<Enter>"
shown 'world world-1, process process-1, thread-2 (kthreadd) ' ":$(mark 7)<Enter>"
shown 'process process-1, thread-3 (init) ' ":$(mark 8)<Enter>"
shown 'process-1 .* thread switch thread-2 (kthreadd) .* thread-3 (init) 90/95' ":$(($(mark 8) - 6))<Enter>"
shown 'world boot .*mark 10$' ':10<Enter>'
printf ':end\n:%s\n' "$(mark 8)" | "$program" view --plain --linux "$kernel" > plain
grep -q "^Mark $(mark 8), world world-1, process process-1, thread-3 (init), ring 0" plain || fail "line mode: $(cat plain)"
"$program" view --script ":end<Enter>:$(mark 8)<Enter>5" --size 120x40 --linux "$kernel" > panel
grep -q 'thread-2 (kthreadd) .* thread-3 (init)' panel || fail "the crossings' panel has no names: $(cat panel)"

# --- Linux itself ---
if [ -n "${WS_BENCH_LINUX:-}" ]; then
  "$program" trace --linux "$WS_BENCH_LINUX" ${WS_BENCH_INITRD:+--initrd "$WS_BENCH_INITRD"} \
    --append "${WS_BENCH_APPEND:-console=ttyS0}" --max-insns "${WS_BENCH_LINUX_INSNS:-4000000000}" > linux
  switches linux > named
  head -n 1 named | grep -q '^thread: thread-1 (swapper/0*) -> thread-2 (swapper/0*)' || fail "first: $(head -1 named)"
  grep -vq ' (.*) -> .* (.*),' named && fail "without names: $(grep -v ' (.*) -> .* (.*),' named | head -3)"
  for task in ksoftirqd/0 rcu_preempt; do # these never end, and nobody else is ever called so
    grep -o "[a-z]*-[0-9]* ($task)" named | sort -u > numbers
    [ "$(wc -l < numbers)" -eq 1 ] || fail "$task is $(tr '\n' ' ' < numbers)"
  done
fi

exit $failed

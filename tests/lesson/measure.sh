#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands in lab 14's text work as they stand there, and lead to the answers of its solution. jq reads a trace of
# millions of bytes a dozen times for it: only with WS_MORE=1, as CI asks, or WS_LONG=1.

lab=$(cd "${top_srcdir:-.}" && pwd)/lessons/14-measure-it
. "${top_srcdir:-.}/tests/hosted/lib.sh"
more || {
  echo "WS_MORE=1 or WS_LONG=1 tries the commands of lab 14"
  exit 77
}
[ -n "$JQ" ] || JQ=$(command -v jq) || {
  echo "no jq here: the commands of lab 14 were not tried"
  exit 77
}
if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

worldswitch() {
  "$program" "$@"
}
jq() {
  "$JQ" "$@"
}
"$program" image --disk -o disk.img
extract vm.elf disk.img > vm.elf
extract vm1.disk disk.img > vm.disk

# answer NAME: what the solution says
"$program" lua "$lab/../fill.lua" 14-measure-it "$lab/solution/answers.txt" > answers.txt || exit 1
answer() {
  sed -n "s/^$1: //p" answers.txt
}

# --- blocks of code, and what stands in hints between backquotes ---
awk -v tick='```' '
  index($0, tick) == 1 {
    inside = !inside
    if (inside)
      name = sprintf("block.%02d", ++n) ($0 == tick ? ".sh" : ".lua")
    next
  }
  inside { print > name }' "$lab/lesson.md"
grep -o '`jq [^`]*`' "$lab/lesson.md" | tr -d '`' | awk '{ print > ("hint." NR ".sh") }'
mv block.*.lua early.lua
for script in block.*.sh hint.*.sh; do
  if grep -q gnuplot "$script" && ! command -v gnuplot > gnuplot.path; then
    continue
  fi
  # shellcheck source=/dev/null
  . "./$script" > "$script.out" 2> errors
  status "$script: $(head -1 "$script")" 0 $?
  verify "$script: $(cat "$script" errors)" test ! -s errors
  grep -q '> run.jsonl' "$script" || verify "$script prints nothing: $(cat "$script")" test -s "$script.out"
done
verify "the text has fewer commands than it had" test "$checks" -ge 20

# --- answers ---
grep -aE '"type":"crossing"|"path":"request"|"kind":"(vector|return)"' run.jsonl > few.jsonl # which jq reads sooner
kinds=$(jq -r 'select(.type == "crossing") | .kind' few.jsonl | sort | uniq -c | awk '$2 != "thread" { print $2 $1 }' | tr '\n' ' ')
verify "the switches are $kinds" test "$kinds" = "context$(answer context-switches) world$(answer world-switches) "
share=$(awk -v all="$(tail -n 1 run.jsonl | jq .at)" '{ print int($1 * 100 / all) }' hint.1.sh.out)
verify "the VMM's share is $share" test "$share" = "$(answer vmm-share)"
marks_of() {
  jq "select(.path == \"request\") | $1" few.jsonl
}
lines=$("$program" run --vms 1 | grep '^vm: ' | sed '/a software interrupt/,$d' | wc -c)
before=$(marks_of .at | sed -n "${lines}p") line=$(marks_of '.steps[0].at' | sed -n "$((lines + 1))p")
traps=$(jq "select(.kind == \"vector\" and .world == \"vmm\" and .at > $before and .at < $line) | .at" few.jsonl | wc -l)
verify "a software interrupt has $traps traps" test "$traps" -eq "$(answer int-traps)"
word=$(jq 'select(.port == 496 and .direction == "out") | .at' bare.jsonl | head -n 1)
disk=$(jq "select(.vector == 46 and .at > $word) | .at" bare.jsonl | head -n 1)
verify "a disk write has $((disk - word)) instructions on the bare PC" test $((disk - word)) -eq "$(answer write-bare)"
write=$(marks_of 'select(.steps[1].at - .steps[0].at > 10000) | .steps[0].at')
back=$(marks_of 'select(.steps[1].at - .steps[0].at > 10000) | .at')
back=$(jq "select(.kind == \"return\" and .world == \"vmm\" and .at > $back) | .at" few.jsonl | head -n 1)
verify "a disk write has $((back - write)) instructions in the VM" test $((back - write)) -eq "$(answer write-vm)"
"$program" lua early.lua 33 > early.33
verify "two instructions before CR3 do harm" contains 'at instruction none of the 45' early.33
"$program" lua early.lua 37 > early.37
verify "six instructions before CR3 end elsewhere" contains "at instruction $(answer early-fault)\$" early.37
verify "the reason is not named" contains '#PF' early.37

echo "$checks checks"
exit $failed

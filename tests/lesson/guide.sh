#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lab that lessons/INSTRUCTOR.md shows works as it stands there.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
guide=$(cd "$top_srcdir" && pwd)/lessons/INSTRUCTOR.md
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# A block of code behind a line **`FILE`** is that file.
mkdir -p my-labs/20-add/solution
awk '
  /^\*\*`.*`\*\*$/ { file = "my-labs/" substr($0, 4, length($0) - 6); next }
  /^```/ { if (writing) { writing = 0; file = "" } else if (file) writing = 1; next }
  writing { print > file }' "$guide"
WS_LESSONS=my-labs
export WS_LESSONS

fail() {
  echo "$*"
  head -20 out
  exit 1
}
lines=$(cat my-labs/20-add/lesson.lua my-labs/20-add/solution/add.s | wc -l)
[ "$lines" -gt 20 ] && [ "$lines" -le 45 ] || fail "the example has $lines lines"
"$program" lesson list > out 2>&1 && grep -q '^20  Add two numbers' out || fail "it is not listed"
"$program" lesson start 20 > out 2>&1 && grep -q 'your code here' 20-add/add.s || fail "it has no starter"
"$program" lesson check 20 > out 2>&1
[ $? -eq 12 ] && grep -q 'must return' out || fail "the starter does not fail"
"$program" lesson check 20 my-labs/20-add/solution/add.s > out 2>&1 && grep -q '4 of 4 points' out ||
  fail "the solution does not pass"
printf 'add: movl 4(%%esp), %%eax; ret\n' > add.s
"$program" lesson check 20 add.s > out 2>&1
grep -q 'That is its first' out || fail "the mistake is not named"
"$program" lesson hint 20 > out 2>&1 && grep -q 'first argument' out || fail "there is no hint"

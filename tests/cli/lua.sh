#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# worldswitch lua: words, results, exit statuses, messages.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

# expect STATUS PATTERN ARGUMENT...: worldswitch lua exits so, and says so in one line or in its output
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" lua "$@" > out 2>&1 < /dev/null
  status=$?
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    echo "worldswitch lua $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
    failed=1
  fi
}

"$program" lua no-such-file > out 2>&1
if grep -q 'built without Lua' out; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

echo 'print(#arg, ...)' > words.lua
echo 'expect("good", 2, true, "") expect("bad", 1, false, "it is bad")' > results.lua
echo 'expect("good", 2, true, "")' > good.lua
echo 'local x = = 1' > wrong.lua
printf '\nworldswitch.image("none")\n' > fails.lua
printf '\033Lua' > binary.lua
expect 0 '^2	one	two$' words.lua one two
expect 0 '^2	-x	--lab$' -- words.lua -x --lab
expect 12 '^NOT OK  bad \(0 of 1\)$' results.lua
expect 0 '^2 of 2 points$' good.lua
"$program" lua -o report good.lua || { echo "-o: another status"; failed=1; }
grep -q '^2 of 2 points$' report || { echo "-o: no report"; failed=1; }
expect 2 '^worldswitch: wrong.lua:1: unexpected symbol' wrong.lua
expect 2 '^worldswitch: fails.lua:2: worldswitch.image: "none": No such file' fails.lua
expect 2 'attempt to load a binary chunk' binary.lua
expect 2 '^worldswitch: cannot read "none.lua": No such file' none.lua
expect 2 '^worldswitch: name the script$'
expect 2 'has no option "--memory"' --memory 16M good.lua
[ ! -c /dev/full ] || {
  "$program" lua words.lua > /dev/full 2> out
  [ $? -eq 10 ] || { echo "a full disk passes for success"; failed=1; }
}
exit $failed

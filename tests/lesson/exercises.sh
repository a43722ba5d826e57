#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lessons/EXERCISES.md has thirty exercises. Each has a section, a difficulty, and a command which ends well and shows
# what the exercise says; comments in the text tell it as patterns: <!-- Look for: PATTERN -->, <!-- Never: PATTERN -->.
#
# Every fourth command runs each time, of those that take little; all with WS_MORE=1, as CI asks, or WS_LONG=1.

set -u
LC_ALL=C.UTF-8
NO_COLOR=1
export LC_ALL NO_COLOR
: "${top_builddir:=.}" "${top_srcdir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
text=$(cd "$top_srcdir" && pwd)/lessons/EXERCISES.md
. "$top_srcdir/tests/tools/guard.sh"
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# One run is one run: what several exercises ask for is asked once.
worldswitch() {
  told=told-$(printf '%s' "$*" | tr -c 'a-zA-Z0-9' _)
  [ -e "$told.status" ] || {
    "$program" "$@" > "$told" 2> "$told.errors"
    echo $? > "$told.status"
  }
  cat "$told.errors" >&2
  cat "$told"
  return "$(cat "$told.status")"
}
complain() {
  echo "exercise $number: $*"
  failed=1
}

# A file for each exercise: its script, its command, what to look for, what must never be there.
awk -v tick='```' '
  /^### / {
    number = sprintf("%02d", substr($2, 1, length($2) - 1))
    if (number + 0 != ++count)
      exit 1
    print > (number ".text")
  }
  /^## / { number = "" }
  index($0, tick) == 1 { block = substr($0, 4); next }
  block == "lua" { print > ("exercise-" number ".lua") }
  block == "console" { sub(/^\$ /, ""); print > (number ".command") }
  block { next }
  number && /^\*Sections? 7\.[0-9]+.*\. (Easy|Medium|Hard)\.\*$/ { print > (number ".rank") }
  /^<!-- Look for: .* -->$/ { print substr($0, 16, length($0) - 19) > (number ".look") }
  /^<!-- Never: .* -->$/ { print substr($0, 13, length($0) - 16) > (number ".never") }
  END { print count > "count" }' "$text" || failed=1
[ "$(cat count)" -eq 30 ] || {
  echo "there are $(cat count) exercises"
  failed=1
}

for file in ??.text; do
  number=${file%.text}
  [ -s "$number.rank" ] || complain "it has no section and difficulty"
  [ -s "$number.look" ] || complain "it does not say what to look for"
  [ "$(grep -c '^worldswitch ' "$number.command")" -eq 1 ] || complain "its command is none of ours"
  case $number in
    *[1235679] | 14) more || continue ;;
  esac
  # shellcheck source=/dev/null
  (. "./$number.command") > out 2> errors < /dev/null
  status=$?
  [ $status -eq 0 ] || complain "status $status"
  [ ! -s errors ] || complain "$(head -3 errors)"
  while IFS= read -r pattern; do
    grep -qE -e "$pattern" out || {
      complain "\"$pattern\" is not there; this is:"
      head -8 out
    }
  done < "$number.look"
  [ ! -e "$number.never" ] || while IFS= read -r pattern; do
    ! grep -E -e "$pattern" out || complain "\"$pattern\" is there"
  done < "$number.never"
done
echo "$(cat count) exercises"
exit $failed

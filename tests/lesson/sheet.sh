#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The sheet of a lab with variants carries its student's name, and the check says whose it is if it judges by another's.

set -u
LC_ALL=C.UTF-8
NO_COLOR=1
export LC_ALL NO_COLOR
: "${top_builddir:=.}" "${top_srcdir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
WS_LESSONS=$(cd "$top_srcdir" && pwd)/lessons
export WS_LESSONS
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# told FILE PATTERN [OPTION...]: a check of the file says so.
told() {
  file=$1 pattern=$2
  shift 2
  "$program" lesson check 6 "$file" "$@" > out 2>&1
  tr -s '\n ' '  ' < out > line
  grep -qE -e "$pattern" line || {
    echo "lesson check 6 $file $*: wanted \"$pattern\"; it said:"
    head -5 out
    failed=1
  }
}

"$program" lesson start 6 --student anna anna > out 2>&1
"$program" lesson start 6 all > out 2>&1
"$program" lesson start 1 --student anna first > out 2>&1
grep -qx '# student: anna' anna/answers.txt || { echo "the sheet has no name"; failed=1; }
grep -q '# student:' all/answers.txt first/answers.txt && { echo "a sheet has a name, and no variant"; failed=1; }

cp anna/answers.txt answers.txt
told answers.txt 'of the variant of "anna", and is judged by that of "bela"\.' --student bela
told answers.txt 'of the variant of "anna", and is judged by the one of nobody: say --student'
told answers.txt 'phases .* No answer was given' --student anna
grep -q 'the variant' out && { echo "anna's own sheet is called another's"; failed=1; }
told all/answers.txt 'phases .* No answer was given' --student anna

exit $failed

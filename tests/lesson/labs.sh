#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# All labs: the starter fails, the solution passes, and so does every correct variant, tests/lesson/NN/right-*; every
# mistake, wrong-*, fails with what its first line announces: "# expect: PATTERN".
#
# Of variants and mistakes one in sixteen is judged; all with WS_MORE=1, as CI asks, or WS_LONG=1.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
source=$(cd "$top_srcdir" && pwd)
. "$source/tests/tools/guard.sh"
WS_LESSONS=$source/lessons
export WS_LESSONS
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
checks=0
failed=0

# A pattern may go over the end of a line.
says() {
  tr -s '\n ' '  ' < "$1" | grep -qE -e "$2"
}

# judge LAB FILE STATUS PATTERN: alone, as a student does it
judge() {
  "$program" lesson check "$1" "$2" > out 2>&1 < /dev/null
  status=$?
  checks=$((checks + 1))
  if [ $status -ne "$3" ] || ! says out "$4"; then
    echo "lab $1, $2: status $status, wanted $3 and \"$4\"; it said:"
    head -8 out
    failed=1
  fi
}

# graded FILE VERDICT PATTERN: what the report on a class says of one submission
graded() {
  name=$(basename "$1")
  checks=$((checks + 1))
  if ! head -1 "said/$name" | grep -qE "$2" || ! says "said/$name" "$3"; then
    echo "lab $lab, $1: wanted \"$2\" and \"$3\"; it said:"
    head -8 "said/$name"
    failed=1
  fi
}

# thin FIRST FILE...: remove fifteen of sixteen, beginning with that one
thin() {
  place=${1#0}
  shift
  for file; do
    place=$((place + 1))
    [ $((place % 16)) -eq 0 ] || rm "$file"
  done
}

# Copy what is handed in for a lab to handed/, its solution too; marks and counts in braces are put in.
hand_in() {
  rm -rf handed
  mkdir handed
  cp "$source/tests/lesson/${1%%-*}"/* handed
  right=$(find handed -name 'right-*' | wc -l)
  wrong=$(find handed -name 'wrong-*' | wc -l)
  more || thin "${1%%-*}" handed/*
  cp "$source/lessons/$1"/solution/* handed
  grep -qE '^[^#]*\{[a-z-]+[^ ]*\}' handed/* || return
  (cd handed && "$program" lua "$source/lessons/fill.lua" "$1" ./*) > filled || failed=1
  awk '/^--- / { name = "handed/" $2; printf "" > name; next } { print > name }' filled
}

# Grade a folder, as an instructor does it; what was said of each submission goes to a file of its own in said/.
grade() {
  rm -rf said
  mkdir said
  "$program" grade "$1" --lesson "$2" --report text -o class.txt < /dev/null || failed=1
  awk '/^[^ ]+: [0-9]+ of [0-9]+, / { name = $1; sub(/:$/, "", name) } name { print > ("said/" name) }' class.txt
}

"$program" lesson list > out 2>&1
if grep -q 'built without Lua' out; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

for folder in "$source"/lessons/[0-9][0-9]-*; do
  lab=$(basename "$folder")
  number=${lab%%-*}
  hand_in "$lab"
  mkdir solution
  solution=solution/$(basename "$folder"/solution/*)
  mv "handed/${solution#*/}" solution
  "$program" lesson start -q "$lab" start || failed=1
  judge "$lab" "start/$(basename "$solution")" 12 '^NOT OK '
  rm -rf start
  judge "$lab" "$solution" 0 'ok '
  rm -r solution
  grade handed "$lab"
  for file in handed/right-*; do
    [ -e "$file" ] || continue
    graded "$file" ', passed$' ''
  done
  for file in handed/wrong-*; do
    [ -e "$file" ] || continue
    graded "$file" ', (not passed|could not be judged)$' "$(sed -n '1s/^# expect: //p' "$file")"
  done
  if [ $right -lt 5 ] || [ $wrong -lt 8 ]; then
    echo "lab $lab: $right variants and $wrong mistakes; five and eight are wanted at least"
    failed=1
  fi
done
echo "$checks submissions judged"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# worldswitch lesson quiz: the same bytes for the same seed, a question that is the same whatever the count, answers
# that a student finds, too, formats that courses can read, and what is refused. With WS_MORE=1, as CI asks, or
# WS_LONG=1, three times as many questions are answered.

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
failed=0

fail() {
  echo "$*"
  failed=1
}

# expect STATUS PATTERN ARGUMENT...: worldswitch lesson quiz exits so, and says so
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" lesson quiz "$@" > out 2>&1 < /dev/null
  status=$?
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    echo "worldswitch lesson quiz $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
    failed=1
  fi
}

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# --- a seed is a quiz ---
for lab in 1 2 3; do
  expect 0 '^Lab [0-9], .*: 10 questions, seed 1$' $lab
  cp out first
  [ "$(awk 'length > 80' first)" = "" ] || fail "lab $lab: a line of more than 80 columns"
  grep -q '^Answers' first && fail "lab $lab: the answers are told"
  expect 0 '^ 1\. ' $lab --seed 1 --count 10
  cmp out first || fail "lab $lab: the same seed, another quiz"
  expect 0 '^10\. ' $lab --count 14
  sed 1d first > ten
  sed 1d out | head -n "$(wc -l < ten)" | cmp - ten || fail "lab $lab: another count, other questions"
  expect 0 'seed text of mine$' $lab --seed 'text of mine'
  cmp -s out first && fail "lab $lab: another seed, the same quiz"
  expect 0 'seed 1, for anna$' $lab --student anna
  sed 1d out | cmp -s - ten && fail "lab $lab: a student has nobody's quiz"
  expect 0 '^Answers$' $lab --answers
  head -n "$(wc -l < first)" out | cmp - first || fail "lab $lab: with answers, other questions"
  [ "$(sed -n '/^Answers/,$p' out | grep -c '^ *[0-9]*\. ')" -eq 10 ] || fail "lab $lab: not every question is answered"
done
"$program" lesson start -q 2 here --student bert
(cd here && "$program" lesson quiz 2 | grep -q 'seed 1, for bert$') ||
  fail "the student of a folder is not known"

# --- each kind, by one who has only the question ---
seeds=4
! more || seeds=12
"$program" lua "$source/tests/lesson/quiz.lua" "$source/lessons" $seeds 1 > out 2>&1 || {
  fail "answered otherwise:"
  head -60 out
}

# --- what courses read ---
both() {
  "$program" lesson quiz "$1" --count "$2" --seed "$3" --format gift -o gift &&
    "$program" lesson quiz "$1" --count "$2" --seed "$3" --format text2qti -o qti &&
    "$program" lua "$source/tests/lesson/formats.lua" gift qti "$2" > out 2>&1 || {
    fail "lab $1, seed $3: $(cat out)"
  }
}
for lab in 1 2 3 4 5 6 7 8 9; do
  both $lab 10 7
  expect 0 '^## 3\. ' $lab --format markdown
done
WS_LESSONS=$source/tests/lesson/labs
both 13 40 odd
expect 0 '^Title: Number$' 13 --format text2qti
expect 0 '^=   [0-9]* \+- 2$' 13 --format text2qti
printf 'a\nb' > seed
expect 0 'seed a\\x0ab$' 13 --seed "$(cat seed)"

# --- what is refused ---
expect 2 'the lab "10-answer" has no quiz' 10
expect 2 'name the lab: its number'
expect 2 '"b" is one word too many' 13 b
expect 2 '--count: from 1 to 1000' 13 --count 0
expect 2 '--count: from 1 to 1000' 13 --count 1001
expect 2 '"csv" is not one of text\|markdown\|gift\|text2qti' 13 --format csv
lab() {
  mkdir -p "labs/20-made"
  printf 'title = "Made" file = "answers.txt" sheet = "x" minutes = 1 points = 1\n%s\n' "$1" > labs/20-made/lesson.lua
}
WS_LESSONS=labs
fields='kind = "k", text = "t" .. n, way = "w"'
lab "function quiz(n) n = math.random(3) return {$fields, form = \"number\", answer = n} end"
expect 0 '^ 3\. k$' 20 --count 3
expect 2 '--count: after question 3 there is none that is new' 20 --count 4
lab "function quiz(n) return {$fields, form = \"number\", answer = 1, wrong = {{1, \"f\"}}} end"
expect 10 'question 1, "k", seed "1": the answer "1" is there twice' 20
lab "function quiz(n) return {$fields, form = \"essay\", answer = 1} end"
expect 10 "invalid option 'essay'" 20
lab "function quiz(n) return {$fields, form = \"number\", answer = 1, color = 1} end"
expect 10 'quiz: unknown option "color"' 20
lab "function quiz(n) return 1 end"
expect 10 'table expected, got number' 20
grep -q 'mistake, not yours' out || fail "whose mistake is it?"
lab "function quiz(n) error('broken') end"
expect 10 'lesson.lua:2: broken' 20
lab "quiz = quiz_of{function() end}"
expect 10 'a kind finds no question' 20
exit $failed

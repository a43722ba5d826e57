#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# worldswitch grade: which submissions there are, the same report for any order and number of jobs, the formats.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}" "${JQ:=}"
program=$(cd "$top_builddir" && pwd)/worldswitch
WS_LESSONS=$(cd "$top_srcdir" && pwd)/tests/lesson/labs
export WS_LESSONS
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

# expect STATUS PATTERN ARGUMENT...: worldswitch grade --unconfined exits so, and says so
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" grade --unconfined "$@" > out 2>&1 < /dev/null
  status=$?
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    echo "worldswitch grade $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
    failed=1
  fi
}

# says PATTERN: so does the last report
says() {
  grep -qE -e "$1" out || {
    echo "no \"$1\" in the report"
    failed=1
  }
}

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# --- a class ---
solution=$WS_LESSONS/10-answer/solution/answer.s
fill() {
  mkdir "$1"
  for name in $2; do
    case $name in
      bert) mkdir "$1/bert" && cp "$solution" "$1/bert/answer.s" ;;
      link) ln -s "$solution" "$1/link.s" ;;
      folder) ln -s bert "$1/folder" ;;
      anna.s) cp "$solution" "$1/anna.s" ;;
      wrong.s) printf 'answer: movl $41, %%eax; cli; hlt\n' > "$1/wrong.s" ;;
      none) mkdir "$1/none" ;;
      'a<b>&"#.s') printf 'answer: .print "ok 1"; mov %%nothing\n' > "$1/$name" ;;
      loop.s) printf 'answer: jmp answer\n' > "$1/loop.s" ;;
      readme.txt) echo 'not handed in' > "$1/readme.txt" ;;
    esac
  done
}
names='anna.s bert folder link loop.s none wrong.s a<b>&"#.s readme.txt'
fill class "$names"
fill again "$(echo "$names" | tr ' ' '\n' | sort -r | tr '\n' ' ')"
expect 0 '^10-answer: 8 submissions, 2 passed, 2 not passed, 4 could not be judged$' class --lesson 10
says '^anna.s +3 of   3$'
says '^bert: 3 of 3, passed$'
says 'EAX is 0x00000029, must be 0x0000002a. \(at mark [0-9]+\)$'
says 'symbolic'
says 'No such'
cp out first
for jobs in 1 2 5; do
  (cd class && "$program" grade --unconfined --lesson 10 --jobs $jobs .) > one 2> err
  (cd again && "$program" grade --unconfined --lesson 10-answer --jobs $jobs -o ../two .) > err 2>&1
  cmp one two || {
    echo "another order, another report: --jobs $jobs"
    failed=1
  }
done

# --- formats ---
expect 0 '^<testsuites name="10-answer" tests="8" failures="2" errors="4"' class --lesson 10 --report junit
says '<testsuite name="a&lt;b&gt;&amp;&quot;#.s" tests="1"'
says '<failure type="expectation" message="EAX is 0x00000029'
expect 0 '^TAP version 14$' class --lesson 10 --report tap
says '^1\.\.8$'
says '^ok [0-9] - anna.s: EAX holds the answer$'
says '^not ok [0-9] - a<b>&"\\#.s: answer.s$'
expect 2 'holds one submission, and here are 8' class --lesson 10 --report github
if [ -n "$JQ" ]; then
  "$program" grade --unconfined class/bert --lesson 10 --report gradescope > out
  "$JQ" -e '.score==3 and (.tests|length)==1 and (.tests[0]|.score==3 and .max_score==3 and .status=="passed" and
    .number=="1" and .output_format=="text" and .visibility=="visible")' out > /dev/null || says 'gradescope'
  "$program" grade --unconfined class/wrong.s --lesson 10 --report gradescope > out
  "$JQ" -e '.score==0 and .tests[0].status=="failed" and (.tests[0].output|test("must be"))' out > /dev/null ||
    says 'gradescope'
  "$program" grade --unconfined class/wrong.s --lesson 10 --report github > out
  "$JQ" -e '.version==1 and .status=="fail" and .max_score==3 and .tests[0].status=="fail" and .tests[0].score==0 and
    .tests[0].filename=="answer.s"' out > /dev/null || says 'github'
  "$program" grade --unconfined 'class/a<b>&"#.s' --lesson 10 --report github > out
  "$JQ" -e '.status=="error" and .tests[0].status=="error" and .tests[0].score==0' out > /dev/null || says 'github'
fi

# --- usage ---
expect 2 'name the lab, and one file or folder' class
expect 2 'there is no lab "3"' class --lesson 3
mkdir nothing
expect 2 'there is no "answer.s" in "nothing"' nothing --lesson 10
expect 2 'cannot read "nowhere": No such file' nowhere --lesson 10
expect 2 '"json" is not one of text' class --lesson 10 --report json
mkdir path
printf '#!/bin/sh\nexit 1\n' > path/bwrap
chmod +x path/bwrap
PATH=$PWD/path:$PATH "$program" grade class --lesson 10 > out 2>&1
[ $? -eq 10 ] && grep -q 'cannot be confined here' out || {
  echo "without bubblewrap: $(cat out)"
  failed=1
}
exit $failed

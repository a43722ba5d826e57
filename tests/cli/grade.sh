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
says '"answer.s" in it: it is empty$'
cp out first
for jobs in 1 2 5; do
  (cd class && "$program" grade --unconfined --lesson 10 --jobs $jobs .) > one 2> err
  (cd again && "$program" grade --unconfined --lesson 10-answer --jobs $jobs -o ../two .) > err 2>&1
  cmp one two || {
    echo "another order, another report: --jobs $jobs"
    failed=1
  }
done

# --- what is the same for all is made once; variants stay each student's own ---
mkdir once
"$program" lesson start -q 14 --student anna once/anna && "$program" lesson start -q 14 --student bert once/bert || failed=1
cp -r once/anna once/carl
expect 0 '^14-once: 3 submissions, 2 passed, 1 not passed, 0 could' once --lesson 14 --students
says '^anna: 2 of 2, passed$'
says '^carl: 1 of 2, not passed$'
says 'variant \(0 of 1\)$'

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

# --- the class as a whole: many with one mistake, two that are alike ---
mkdir many
for name in anna bert carl; do cp "$solution" many/$name.s; done
cat > many/dora.s << 'end'
.globl answer
answer: movl $1, %ecx; movl $2, %edx; movl $3, %ebx; movl $4, %esi
first: addl %ecx, %edx; subl %ebx, %esi; xorl %edi, %edi; orl %edx, %edi
  movl $40, %eax
  cli; hlt
end
# emil has taken dora's, and changed how it looks
sed 's/first/mine/; s/;/; # and then\n/g; s/\$4,/$0x4,/' many/dora.s > many/emil.s
printf 'answer: mov %%nothing\n' > many/fred.s
expect 0 '^10-answer: 6 submissions, 3 passed, 2 not passed, 1 could not be judged$' many --lesson 10 --report class
says '^Points: of 3, 1.5 on average, 3 in the middle$'
says '^        3     3  ############$'
says '^     2 of    5  ##########                EAX holds the answer$'
grep -A 1 '^  EAX holds the answer: 2$' out | says '^        dora.s, emil.s$'
says '^  it does not become a program: 1$'
says '^  100%  dora.s  emil.s$'
grep -q 'anna.s  bert.s' out && says 'no pair of those who have nothing of their own'
expect 0 '^name,points,max,state,"EAX holds the answer"' many --lesson 10 --report csv
says '^"dora.s",0,3,failed,0'
says '^"fred.s",0,3,error,'
LC_ALL=C.UTF-8 "$program" grade --unconfined many --lesson 10 --report class > out 2> errors
says "$(printf '^        3     3  \342\226\210\342\226\210')"

# --- parts, and reports without grading again ---
# parts N FOLDER
parts() {
  for part in $(seq "$1"); do
    "$program" grade --unconfined "$2" --lesson 10 --report records --shard "$part/$1" -o "part-$part" || failed=1
  done
}
for report in text class csv junit tap records; do
  "$program" grade --unconfined many --lesson 10 --report $report > whole 2> errors || failed=1
  for count in 1 3 8; do
    parts $count many
    # shellcheck disable=SC2046 # names without blanks
    "$program" grade --merge $(seq "$count" | sed "s/^/part-/" | sort -r) --report $report > merged 2> errors || failed=1
    cmp whole merged || {
      echo "--report $report: $count parts are not the whole: $(cat errors)"
      failed=1
    }
  done
done
parts 3 many
expect 2 'part 2/3 is missing: 2 submissions' --merge part-1 part-3 -o none
[ -e none ] && says 'no report of a class with parts missing'
sed '$d' part-2 > short
expect 2 'part 2/3 is not whole: 1 submission is missing' --merge part-1 short part-3
head -c 100 part-2 > cut_off
expect 2 'cut_off:1: not a line of JSON' --merge part-1 cut_off part-3
cat part-1 part-2 part-3 > all
expect 0 '^10-answer: 6 submissions' --merge all part-2
sed 's/"state":2/"state":0/' part-3 > changed
expect 2 'with another result: one was changed' --merge all changed
printf '\n' >> many/carl.s
"$program" grade --unconfined many --lesson 10 --report records --shard 2/3 -o other || failed=1
expect 2 'a part of other submissions' --merge part-1 other part-3
sed 's/"lesson":"10-answer"/"lesson":"11-in-c"/' part-2 > other
expect 2 "a part of another lab's class" --merge part-1 other part-3
sed 's/"version":"[^"]*"/"version":"0.0"/' part-2 > other
expect 2 'another version of this program' --merge part-1 other part-3
sed 's/"lab":"./"lab":"x/' part-2 > other
expect 2 'other files of the lab' --merge part-1 other part-3
sed 's/"shards":3/"shards":4/' part-2 > other
expect 2 'into another number of parts' --merge part-1 other part-3
expect 2 'cannot read' --merge nowhere
echo '{"type":"class"}' > other
expect 2 'the first record is not that of a class' --merge other
expect 2 'there is nothing to join' --merge
expect 2 'those of the files' --merge part-1 --lesson 10
expect 2 'a part of a class is no report' many --lesson 10 --shard 1/3
expect 2 'is not I/N' many --lesson 10 --shard 4/3 --report records
expect 2 'holds one submission, and here are 6' --merge all --report vpl
"$program" grade --unconfined many/anna.s --lesson 10 --report records -o one || failed=1
expect 0 '^Grade :=>>3$' --merge one --report vpl

# --- what is passed over, what is missing, and what may be two things ---
mkdir mixed mixed/dora mixed/emil mixed/__MACOSX mixed/.git
cp "$solution" mixed/anna.s
for name in anna.S bela.asm chen.s.txt; do echo nop > mixed/$name; done
cp "$solution" mixed/dora/Answer.S
echo nop > mixed/dora/notes
expect 0 '^worldswitch: 3 files in "mixed" are passed over: "anna.S", "bela.asm", "chen.s.txt"$' mixed --lesson 10
says 'a file that ends in ".s", or a folder with "answer.s" in it'
says '^10-answer: 3 submissions, 1 passed, 0 not passed, 2 could not be judged$'
grep -A 1 '^dora: ' out | says 'there is no "answer.s" in it: there is "Answer.S", "notes"$'
grep -A 1 '^emil: ' out | says 'there is no "answer.s" in it: it is empty$'
cp "$solution" mixed/emil/answer.s
cp "$solution" mixed/answer.s
expect 2 '"mixed" may be one submission, or a class: "answer.s" is in it, and in 1 of its folders' mixed --lesson 10
expect 0 '^mixed/answer.s +3 of   3$' mixed/answer.s --lesson 10

# --- a mark is told of where there is a recording of it: of the first mistake ---
mkdir labs labs/20-twice && sed 's/^end$/  expect("once more", 1, false, "No.", lab)\nend/' \
  "$WS_LESSONS/10-answer/lesson.lua" > labs/20-twice/lesson.lua
cp -r "$WS_LESSONS/10-answer/solution" labs/20-twice
WS_LESSONS=$PWD/labs expect 0 'must be 0x0000002a. \(at mark [0-9]+\)$' class/wrong.s --lesson 20
says '^        No\.$'
WS_LESSONS=$PWD/labs "$program" lesson check 20 class/wrong.s > out 2>&1
[ "$(grep -c '^ *at mark' out)" -eq 1 ] || says 'one mark'

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

# --- what confines: without bubblewrap it is Landlock, and without that grade refuses ---
for path in "$PATH" "$PWD/path:$PATH"; do
  PATH=$path "$program" grade class --lesson 10 > walled 2>&1
  status=$?
  if PATH=$path "$program" doctor | grep -qE '^ok +(bubblewrap|landlock) .*confines'; then
    [ $status -eq 0 ] && cmp first walled || {
      echo "another report with walls, or none: status $status"
      failed=1
    }
  elif [ $status -ne 10 ] || ! grep -q 'cannot be confined here' walled; then
    echo "grade without walls: status $status, $(cat walled)"
    failed=1
  fi
done

# --- what is said of programs that are no good: never that the lab is to blame ---
# unfit WORDS SOURCE
unfit() {
  printf "$2" > unfit.s
  "$program" grade --unconfined unfit.s --lesson 10 > folded 2>&1
  tr -s '\n ' '  ' < folded > out
  says "it does not become a program: $1"
}
unfit 'the program is too large: it takes 293 KiB, and there is room for 256' 'answer: nop; .skip 300000\n'
unfit 'the section ".note.x" has no place in the program' '.section .note.x,"a"\n.long 1\n.text\nanswer: nop\n'
unfit 'the program would become larger than 4 MiB' 'answer: .org 0x7fffffff\n'
unfit 'it takes more than 1 GiB of memory' 'answer: .rept 100000000\n.long 0\n.endr\n'
unfit 'answer.s:1: there is no "nowhere", neither' 'answer: call nowhere\n'
exit $failed

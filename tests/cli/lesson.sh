#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# worldswitch lesson: a small lab from start to end, and submissions that want what they must not get.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${top_srcdir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
WS_LESSONS=$(cd "$top_srcdir" && pwd)/tests/lesson/labs
export WS_LESSONS
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
mkdir tmp && TMPDIR=$scratch/tmp && export TMPDIR # what is left behind there is ours
failed=0

# expect STATUS PATTERN ARGUMENT...: worldswitch lesson exits so, and says so
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" lesson "$@" > out 2>&1 < /dev/null
  status=$?
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    echo "worldswitch lesson $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
    failed=1
  fi
}

"$program" lesson list > out 2>&1
if grep -q 'built without Lua' out; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# --- usage ---
expect 0 '^10  The answer  .* 5 min   3 points$'
expect 2 '"dance" is none of list, show' dance 1
expect 2 'name the lab: its number' show
expect 2 'there is no lab "19"' show 19
expect 2 '"b" is one word too many' start 10 a b
expect 0 'Put 42 into EAX, see the manual' show 10
grep -q 'It takes one' out && { echo "show tells the hints"; failed=1; }
expect 0 '^Look at the hints' show 10-answer
"$program" lesson show 10 --html > out 2>&1
grep -qE '<title>Lab 10: The answer</title>|built without cmark' out &&
  grep -qE '<strong>EAX</strong>|built without cmark' out || { echo "--html: $(cat out)"; failed=1; }
WS_LESSONS=$scratch expect 2 'there are no labs in' list

# --- a student's way ---
expect 0 '^Hint 1:' hint 10
expect 0 '^The next ones come when the lab was started' hint 10
expect 0 '^10-answer/answer.s is where to begin' start 10
expect 2 'is there already' start 10
expect 0 'started$' list
grep -q 'your code here' 10-answer/answer.s && ! grep -q '\$ANSWER' 10-answer/answer.s || {
  echo "the starter is not one"
  failed=1
}
expect 12 '^NOT OK  EAX holds the answer' check 10
grep -q 'EAX is 0x[0-9a-f]*, must be 0x0000002a' out || { echo "no explanation"; failed=1; }
grep -q '^to look at it: worldswitch view 10-answer/10-answer.wsr@mistake$' out || { echo "nothing to look at"; failed=1; }
"$program" run -q 10-answer/10-answer.wsr@mistake > out 2>&1 || { echo "the session: $(cat out)"; failed=1; }
expect 0 '0 of 3$' list
expect 0 'It takes one instruction' hint 10
expect 0 '`movl` it is' hint 10
expect 0 'This is the last one' hint 10
expect 0 '^Hint 1:' hint 10 1
expect 0 '^Hint 2:' hint 10 2
expect 0 'This is the last one' hint 10
expect 2 '"9" was not shown yet' hint 10 9
expect 2 '"0" was not shown yet' hint 10 0
expect 2 '"x" was not shown yet' hint 10 x
sed 's/# your code here/movl $42, %eax/' 10-answer/answer.s > answer && mv answer 10-answer/answer.s
expect 0 '^ok      EAX holds the answer \(3 of 3\)' check 10
expect 0 '3 of 3, passed$' list
cd 10-answer && expect 0 '^3 of 3 points' check 10 && cd ..
cp 10-answer/answer.s kept && sed 's/\$42/$41/' kept > 10-answer/answer.s
expect 12 '^NOT OK' check 10
expect 0 '0 of 3 \(best: 3\)$' list
cp kept 10-answer/answer.s
expect 0 '^3 of 3 points' check 10
expect 0 '3 of 3, passed$' list

# One lab that is broken hides no other one.
mkdir broken && cp -r "$WS_LESSONS/10-answer" "$WS_LESSONS/12-variants" broken && echo 'x = = 1' > broken/10-answer/lesson.lua
WS_LESSONS=$PWD/broken expect 0 '^10  cannot be read: .*lesson.lua:1: ' list
grep -q '^12  Variants' out || { echo "no lab behind the broken one: $(cat out)"; failed=1; }
expect 0 '' start 10 other
expect 12 '' check 10 other/answer.s

# --- variants, files besides, and what was done from outside ---
expect 0 'answers.txt is where to begin' start 12 --student "Anna B." anna
expect 0 'answers.txt is where to begin' start 12 all
expect 2 'a name of at most 63' start 12 --student "$(printf 'x%.0s' $(seq 64))" long
grep -q 'For "Anna B."' anna/answers.txt && grep -q 'For ""' all/answers.txt || { echo "student: $(cat anna/answers.txt)"; failed=1; }
cmp -s anna/a.txt all/a.txt && { echo "one variant for all"; failed=1; }
"$program" run -q --max-insns 2000 anna/two.elf > out 2>&1
[ $? -eq 8 ] || { echo "the image: $(cat out)"; failed=1; }
number=$(($(sed -n 's/number //p' anna/a.txt) + 1))
echo "answer: $number" > anna/answers.txt
cd anna && expect 0 '2 of 2 points' check 12 && cd ..
expect 0 '2 of 2 points' check 12 --student 'Anna B.' anna/answers.txt
expect 12 '^to look at it: worldswitch view anna/12-variants.wsr@mistake' check 12 anna/answers.txt
"$program" run -q anna/12-variants.wsr@mistake > out 2>&1 || { echo "the session: $(cat out)"; failed=1; }
"$program" grade anna --lesson 12 --unconfined > out 2>&1
grep -q '0 of   2' out || { echo "grade: $(cat out)"; failed=1; }
for way in --students --student="Anna B."; do
  mkdir -p class && rm -rf class/* && cp -r anna "class/Anna B."
  "$program" grade class --lesson 12 --unconfined "$way" > out 2>&1
  grep -q 'Anna B. *2 of   2' out || { echo "grade $way: $(cat out)"; failed=1; }
done


# Whose variant it is: the folder's name, however it was typed.
ways() {
  for way in "class/Anna B." "class/Anna B./" "class/Anna B.//" "class/Anna B./answers.txt" class class/; do
    "$program" grade "$way" --lesson 12 --unconfined --students > out 2>&1
    grep -q '2 of   2' out || { echo "grade $way: $(cat out)"; failed=1; }
  done
}
ways
cp "class/Anna B./answers.txt" "class/Anna B..txt" && rm -r "class/Anna B." && "$program" grade "class/Anna B..txt" \
  --lesson 12 --unconfined --students > out 2>&1
grep -q '2 of   2' out || { echo "grade a file: $(cat out)"; failed=1; }
# refuse_students PATTERN ARGUMENT...
refuse_students() {
  wanted=$1
  shift
  "$program" grade "$@" --lesson 12 --unconfined --students > out 2>&1
  [ $? -eq 2 ] && grep -q -e "$wanted" out || { echo "grade $*: $(cat out)"; failed=1; }
}
cd anna || exit 99
refuse_students '"." names no student' .
refuse_students '"answers.txt" names no student' answers.txt
refuse_students '"./answers.txt" names no student' ./answers.txt
cd ..
refuse_students 'leave one of them away' anna --student anna
long=$(printf 'x%.0s' $(seq 64)) && cp -r anna "$long"
refuse_students 'too long for a student' "$long"

# --- what does not become a program ---
echo 'answer: mov %eax' > a.s
expect 2 '^answer.s:1: Error' check 10 a.s
echo 'answer: jmp nowhere' > a.s
expect 2 '^answer.s:1: there is no "nowhere", neither in this file' check 10 a.s
printf '' > a.c
expect 2 '^answer.c: it has no function "answer", which the lab calls$' check 11 a.c
expect 2 'cannot read "none.s": No such file' check 10 none.s

# --- what editors do ---
printf '\357\273\277movl $42, %%eax\rcli # and\r\nhlt\n' > a.s
expect 0 '^3 of 3 points' check 10 a.s
printf '\357\273\277# one\ranswer: %d\r' "$number" > a.txt
expect 0 '2 of 2 points' check 12 --student 'Anna B.' a.txt
printf '\377\376n\000o\000p\000' > a.s
expect 2 'save it as UTF-8' check 10 a.s

# --- a check that does not end: Ctrl-C ends it ---
mkdir endless endless/20-endless
printf 'title = "x"\nminutes, points = 1, 1\nfile = "a.s"\nfunction check() while true do end end\n' \
  > endless/20-endless/lesson.lua
echo nop > a.s
WS_LESSONS=$PWD/endless "$program" lesson check 20 a.s > out 2>&1 &
child=$!
for again in $(seq 5000); do # the first ones may come too early: a shell's background job ignores them
  kill -INT $child 2> /dev/null || break
  "$program" --version > /dev/null
done
wait $child
status=$?
[ $status -eq 130 ] || { echo "Ctrl-C, $again times: status $status, $(cat out)"; failed=1; }
# A job that is ended leaves nothing behind.
mkdir slow && for i in 1 2 3 4 5 6 7 8; do cp "$WS_LESSONS/10-answer/solution/answer.s" slow/$i.s; done
"$program" grade slow --lesson 10 --unconfined > out 2>&1 &
"$program" --version > /dev/null
kill -TERM $!
wait $!

# --- what must not be had ---
echo 'a secret' > secret
refuse() {
  printf '%b' "$2" > a.s
  expect 2 "$1" check 10 a.s
  grep -q 'a secret' out && { echo "a file was read: $2"; failed=1; }
}
refuse '^answer.s:1: "incbin" is not allowed' ".incbin \"$scratch/secret\"\n"
refuse '".include" is not allowed' ".include \"$scratch/secret\"\n"
refuse 'put a blank before "/\*"' ".inc/**/lude \"$scratch/secret\"\n"
refuse 'argument must stand alone' ".macro m a\n.inc\\\\a \"$scratch/secret\"\n.endm\nm lude\n"
refuse 'more than 1 GiB of memory' '.rept 1000000000\nnop\n.endr\n'
refuse 'larger than 4 MiB' '.org 0x7fffffff\nnop\n'
refuse 'character 0x00' 'nop\000\n'
ln -s secret link.s
expect 2 'it is a symbolic link' check 10 link.s

# The file that remembers the state, too: another student's must be neither read nor written over.
mkdir linked
cp 10-answer/answer.s linked
cp 10-answer/.worldswitch-lesson state
cp state before
ln -s ../state linked/.worldswitch-lesson
(cd linked && "$program" lesson list) > out 2>&1
grep -q ' of 3\|started' out && { echo "a state was read through a link"; failed=1; }
(cd linked && rm answer.s && "$program" lesson start 10 .) > out 2>&1
[ -f linked/.worldswitch-lesson ] && [ ! -h linked/.worldswitch-lesson ] && cmp -s state before || {
  echo "a state was written through a link"
  failed=1
}
mkfifo pipe.s
expect 2 'no regular file' check 10 pipe.s
expect 2 'no regular file' check 10 .
printf 'nop\n' > -x.s
expect 12 'NOT OK' check 10 -- -x.s
head -c 300000 /dev/zero | tr '\0' '#' > large.s
expect 2 'too large' check 10 large.s

# In C: the same, and what it is compiled to is judged as well.
expect 0 '^1 of 1 points' check 11 "$WS_LESSONS/11-in-c/solution/answer.c"
refuse_c() {
  printf '%b' "$2" > a.c
  expect 2 "$1" check 11 a.c
  grep -q 'a secret' out && { echo "a file was read: $2"; failed=1; }
}
refuse_c "'x' undeclared|undeclared identifier 'x'" 'unsigned answer(void) { return x; }\n'
refuse_c '^answer.c:1: behind "#"' "#include \"$scratch/secret\"\n"
refuse_c '"incbin" is not allowed' "int answer(void) { return 1; }\n__asm__(\".inc\" \"bin '$scratch/secret'\");\n"
refuse_c '".include" is not allowed' "int answer(void) { return 1; }\n__asm__(\"\\\\x2einclu\" \"de '$scratch/secret'\");\n"
refuse_c 'put a blank before "/\*"' "int answer(void) { return 1; }\n__asm__(\".inc/**/lude '$scratch/secret'\");\n"

# A program in the compiler's own form, which a judge of texts cannot read, is not compiled by the linker: neither
# under the usual name of its sections, nor under a name with an escape in it.
echo '__asm__(".error \"the linker compiled it\"");' > lto.c
if ${GUEST_CC:-gcc -m32} -flto -Os -fno-pic -S -o lto.s lto.c 2> /dev/null && grep -q 'gnu\.lto' lto.s; then
  expect 2 '"gnu.lto" is not allowed' check 10 lto.s
  sed 's/\.gnu\.lto\([^",]*\)/".gnu.\\154to\1"/' lto.s > hidden.s
  "$program" lesson check 10 hidden.s > out 2>&1
  grep -q 'the linker compiled it' out && { echo "an object file's sections were compiled"; failed=1; }
else
  echo "the guest's compiler has no such form: not tried"
fi

# A verdict is no matter of what is printed, nor of how the guest leaves.
printf '.print "ok      EAX holds the answer (3 of 3)"\nanswer: xorl %%eax, %%eax; outb %%al, $0xf4\n' > a.s
expect 12 '^0 of 3 points' check 10 a.s
printf 'answer: jmp answer\n' > a.s
expect 12 '^0 of 3 points' check 10 a.s
[ -z "$(find "$TMPDIR" -mindepth 1 -maxdepth 1)" ] || {
  echo "a folder was left behind"
  failed=1
}
exit $failed

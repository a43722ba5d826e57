#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lab 13: several students' kernels, solved by post_mortems.lua from what `why` says of them.  Together they have each
# cause.

set -u
LC_ALL=C.UTF-8
NO_COLOR=1
export LC_ALL NO_COLOR
: "${top_builddir:=.}" "${top_srcdir:=.}"
program=$(cd "$top_builddir" && pwd)/worldswitch
source=$(cd "$top_srcdir" && pwd)
WS_LESSONS=$source/lessons
export WS_LESSONS
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
failed=0

if "$program" lesson list 2>&1 | grep -q 'built without Lua'; then
  echo "this copy was built without Lua: skipped"
  exit 77
fi

# Without paging some kernels come to their end, too.  That is no mend.  And what CR2 holds is no answer to "where".
lenient() {
  for i in 1 2 3 4 5 6; do
    at=$(sed -n 's/  cr0_value$//p' "$1/kernel-$i.map")
    sed "s/^mend-$i:.*/mend-$i: $at=0x00000001/" "$1/answers-solved.txt" > lenient
    "$program" lesson check 13 --student "$1" lenient > out 2>&1
    if [ $? -ne 12 ]; then
      echo "student $1: kernel $i was mended by turning paging off"
      failed=1
    fi
    grep -q 'CR0 must stay as kernel.s has it' out && protected=1
    at=$(sed -n 's/  log$//p' "$1/kernel-$i.map")
    sed "s/^where-$i:.*/where-$i: $at/" "$1/answers-solved.txt" > accessed
    "$program" lesson check 13 --student "$1" accessed > out 2>&1
    grep -q 'that is CR2, the address that was accessed' out && accessed=1
  done
}

# Mended, they live on other machines, too.
elsewhere() {
  command -v qemu-system-i386 > /dev/null || return
  printf '%s\n' 'paging is on' 'copied into the buffer' 'a call' 'a tick' 'a call' 'the end' > sound
  for i in 1 2 3 4 5 6; do
    qemu-system-i386 -kernel "$1/mended-$i.elf" -display none -serial stdio -no-reboot \
      -device isa-debug-exit,iobase=0xf4 < /dev/null > said 2> /dev/null
    if ! cmp -s sound said; then
      echo "student $1: kernel $i, mended, does not live under QEMU; it said:"
      cat said
      failed=1
    fi
  done
}

# `why`, and :why in the visualizer without a screen, tell the same: there lines are broken, and ASCII.
visualized() {
  for i in 1 2 3 4 5 6; do
    sed -e '/^look at it/d' -e '1s/, in world ".*"//' -e 's/§/section /g' -e 's/—/-/g' "$1/kernel-$i.why" |
      tr '\n' ' ' | tr -s ' ' > told
    printf ':why\n' | "$program" view --plain "$1/kernel-$i.elf" 2>&1 | sed '1,/^why the run ended/d' |
      tr '\n' ' ' | tr -s ' ' > seen
    case $(cat seen) in
      "$(cat told)Mark "*) ;;
      *)
        echo "student $1: why and view tell of kernel $i's end:"
        cat told seen
        failed=1
        ;;
    esac
  done
}

# These five have each of the 24 causes at least once.
for student in ${STUDENTS:-anna gita max vera xena}; do
  "$program" lesson start -q 13 --student "$student" "$student" || exit 1
  for i in 1 2 3 4 5 6; do
    "$program" why "$student/kernel-$i.elf" > "$student/kernel-$i.why" 2>&1
  done
  if ! "$program" lua "$source/tests/lesson/post_mortems.lua" "$student" > solved 2>&1; then
    echo "student $student:"
    cat solved
    failed=1
    continue
  fi
  cat solved >> causes
  if ! "$program" lesson check 13 --student "$student" "$student/answers-solved.txt" > out 2>&1; then
    echo "student $student:"
    grep -A 4 '^NOT OK' out
    failed=1
  fi
done
protected=0
accessed=0
visualized anna
lenient anna
elsewhere anna
[ $accessed -eq 1 ] || { echo "no kernel of anna's writes to its log, which is read-only"; failed=1; }
[ $protected -eq 1 ] || { echo "no kernel of anna's can do without paging"; failed=1; }
count=$(sort -u causes | wc -l)
echo "$count causes"
[ "$count" -eq 24 ] || failed=1
exit $failed

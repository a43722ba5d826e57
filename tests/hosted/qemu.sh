#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hosted system on QEMU: everybody says the same as on our machine, the exit status is equal, and so are the disks
# afterwards.  Who speaks when depends on the timer, so each speaker's lines are compared by themselves.

. "${top_srcdir:-.}/tests/hosted/lib.sh"
if [ -z "$QEMU" ]; then
  echo "no qemu-system-i386 here: nothing is compared with QEMU"
  exit 77
fi

"$program" image -o hosted.elf
"$program" image --disk --vms 1 -o ours.img
cp ours.img theirs.img

# boot OUTPUT ARGUMENT...
boot() {
  output=$1
  shift
  qemu "$@" -m 32 -serial stdio < /dev/null > "$output" 2> errors
}

"$program" run --disk ours.img > ours
status "our run" 0 $?
boot theirs -kernel hosted.elf -drive file=theirs.img,format=raw,if=ide
status "QEMU's run" 1 $?
for name in host A B vmx vm; do
  said $name ours
  said $name theirs
  verify "$name says something else under QEMU" diff -u ours.$name theirs.$name
done
verify "somebody says something else" test "$(grep -acvE '^(host|A|B|vmx|vm): ' theirs)" -eq 0
verify "too little was compared" test "$(wc -l < theirs)" -gt 40
verify "the disks differ" cmp ours.img theirs.img

boot none -kernel hosted.elf
status "QEMU's run without a disk" 1 $?
sed -n 's/^vm1: //p' none > none.vm
verify "without a disk, the first VM says something else under QEMU" diff -u ours.vm none.vm

extract vm.disk ours.img > vm.disk
boot bare -kernel "$hosted/vm.elf" -drive file=vm.disk,format=raw,if=ide
status "the VM's kernel on QEMU" 1 $?
verify "the VM's kernel says something else on QEMU than in the VM" diff -u ours.vm bare

echo "$checks checks"
[ $checks -gt 10 ] && [ $failed -eq 0 ]

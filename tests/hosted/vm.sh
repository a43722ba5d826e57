#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Other kernels in the hosted system's virtual machine, --vm and --vm-disk: each says the same there as on a bare
# machine, in lines that begin with "vm1: "; the host goes on beside it, and the switches stay sound.

. "${top_srcdir:-.}/tests/hosted/lib.sh"
guests=$(cd "$top_builddir" && pwd)/guest/tests

# same NAME STATUS OPTION...: bare and in the virtual machine, whose exit status is that
same() {
  kernel=$guests/$1.elf
  wanted=$2
  shift 2
  "$program" run --max-insns 100000000 "$kernel" > bare 2>&1
  "$program" run --max-insns 800000000 --vm "$kernel" "$@" > all 2> errors
  status "the hosted system with $kernel" 0 $?
  sed -n 's/^vm1: //p' all > vm
  verify "$kernel says something else in the virtual machine" diff -u bare vm
  verify "$kernel says nothing" test -s vm
  verify "$kernel ends otherwise" contains "^vmx: the virtual machine shut down with status $wanted:" all
  verify "the host does not end" contains '^host: all processes have exited' all
  verify "B does not end" contains '^B: exits$' all
}

same vmm/ordinary 0
same guest/fpu 16
least=20
if more; then
  least=30
  same guest/flags 16
  same guest/instructions 16
  same guest/faults 16
fi

# --- its disk ---
printf 'another line\n' > line
dd if=/dev/zero bs=512 count=8 2> errors | cat line - | head -c 4096 > vm.disk
"$program" run --disk vm.disk --snapshot "$hosted/vm.elf" > bare
"$program" run --vm "$hosted/vm.elf" --vm-disk vm.disk > all
sed -n 's/^vm1: //p' all > vm
verify "the VM's kernel says something else with another disk" diff -u bare vm
verify "the VM does not read that disk" contains '^vm: sector 0: another line$' vm
"$program" run --vm-disk vm.disk > all
verify "--vm-disk alone" contains '^vm: sector 0: another line$' all

# --- the host's own kernel, the same file, with its processes; the disk has no VMX and no VM: rows 2 to 5 ---
"$program" image --disk --vms 1 -o own.img
dd if=/dev/zero of=own.img bs=32 seek=18 count=4 conv=notrunc 2> errors
"$program" run --disk own.img --snapshot > bare
"$program" run --max-insns 2000000000 --vm host > all
status "the host in its own virtual machine" 0 $?
sed -n 's/^vm1: //p' all > vm
for who in host A B; do
  said $who bare
  said $who vm
  verify "$who says something else in the virtual machine" diff -u bare.$who vm.$who
done
verify "A and B do not begin there" contains '^host: processes A, B begin$' vm.host
verify "it does not end by itself" contains '^vmx: the virtual machine shut down with status 0:' all

# --- the switches, and a session ---
audited=$hosted/vm.elf
! more || audited=$guests/vmm/ordinary.elf
"$program" audit --vm "$audited" > audit
status "the audit with another kernel" 0 $?
"$program" run --vm "$hosted/vm.elf" --record vm.wsr > first
"$program" run vm.wsr > again
status "the session" 1 $?
verify "the session is another run" diff first again

# --- what is wrong ---
"$program" run --vm nowhere.elf > out 2> errors
status "a kernel that is not there" 2 $?
"$program" run --vm "$hosted/vm.elf" --lab > out 2> errors
status "--vm and --lab" 2 $?
verify "that --vm does not go with --lab is not told" contains 'only the built-in hosted system' errors
head -c 300000 /dev/zero > large.elf
"$program" run --vm large.elf > out 2> errors
status "a kernel that is too large" 2 $?
"$program" run --vm line > out
verify "that it is no kernel is not told" contains '^vmx: vm.elf is no kernel that fits into 8192 KiB$' out

echo "$checks checks"
[ $checks -gt $least ] && [ $failed -eq 0 ]

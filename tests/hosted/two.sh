#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two virtual machines side by side, each with a VMX, a VMM in a world of its own, and a disk: both say what their kernel
# says on a bare machine, here and under QEMU; each world switch is 45 instructions; the interrupts that come in either
# VMM's world reach the host's handlers; no page of one can be reached from the other's, and where a broken driver lets
# it, the audit finds that.

. "${top_srcdir:-.}/tests/hosted/lib.sh"
leaky=$(cd "$top_builddir" && pwd)/guest/tests/hosted/leaky.elf
guests=$(cd "$top_builddir" && pwd)/guest/tests
speakers='host A B vmx1 vmx2 vm1 vm2'

"$program" image -o hosted.elf
"$program" image --disk -o two.img
cp two.img ours.img
cp two.img theirs.img

# --- what they say ---
"$program" run --disk ours.img > ours
status "two virtual machines" 0 $?
verify "the run with the delivered disk is another one" sh -c '"$1" run | diff - ours' sh "$program"
for name in $speakers; do
  said $name ours
done
extract vm1.disk two.img > vm.disk
"$program" run --disk vm.disk "$hosted/vm.elf" > bare
for vm in 1 2; do
  sed "s/^vm$vm: //" ours.vm$vm | diff -u bare - > differs
  verify "VM $vm says something else than its kernel bare" diff -u /dev/null differs
  verify "VM $vm did not shut down" contains "^vmx$vm: the virtual machine shut down with status 0: " ours.vmx$vm
  extract vm$vm.disk ours.img > vm.after
  verify "VM $vm's disk is another one than the bare machine's" cmp vm.after vm.disk
done
verify "somebody else speaks" test "$(grep -acvE '^(host|A|B|vmx[12]|vm[12]): ' ours)" -eq 0
verify "one VM waits for the other one's end" awk '
  /^vm1: / { if (!first) first = NR; last = NR } /^vm2: / { if (!first2) first2 = NR; last2 = NR }
  END { exit !(first && first2 && first2 < last && first < last2) }' ours

if [ -n "$QEMU" ]; then
  qemu -kernel hosted.elf -drive file=theirs.img,format=raw,if=ide -m 32 -serial stdio < /dev/null > theirs 2> errors
  status "QEMU's run" 1 $?
  for name in $speakers; do
    said $name theirs
    verify "$name says something else under QEMU" diff -u ours.$name theirs.$name
  done
  verify "the disks differ" cmp ours.img theirs.img
else
  echo "no qemu-system-i386 here: nothing is compared with QEMU"
fi

# --- their worlds ---
if [ -n "$JQ" ]; then
  "$program" trace --format jsonl > trace
  status "the trace" 0 $?
  verify "the audit finds something" sh -c '! grep -a "\"type\":\"finding\"" trace'
  grep -a '"type":"crossing"' trace > crossings
  "$JQ" -r 'select(.kind=="world") | "\(.from) \(.to) \(.instructions)"' crossings | sort -u > pairs
  verify "there are other world switches than between the host and a VMM, 45 instructions each" sh -c '
    printf "host vmm1 45\nhost vmm2 45\nvmm1 host 45\nvmm2 host 45\n" | diff - pairs'
  "$JQ" -r 'select(.kind=="context") | .from, .to' crossings | sort -u > processes
  verify "context switches are between others" sh -c 'printf "A\nB\nidle\nvmx1\nvmx2\n" | diff - processes'
  "$JQ" -r 'select(.kind=="context") | "\(.from) \(.to)"' crossings | sort -u > turns
  verify "the scheduler does not change between the VMXs" sh -c 'grep -q "vmx1 vmx2" turns && grep -q "vmx2 vmx1" turns'
  for vm in 1 2; do
    grep -aE '"kind":"path"' trace | "$JQ" -r "select(.from==\"vmm$vm\") | .path" | sort | uniq -c > paths
    verify "interrupts in VM $vm's VMM do not reach the host's handlers" awk '
      $2 == "interrupt" { n = $1 } END { exit n < 10 }' paths
    verify "VM $vm's requests are not answered" awk '$2 == "request" { n = $1 } END { exit n < 100 }' paths
  done
else
  echo "no jq here: the worlds were not looked at"
fi

# --- a driver that maps pages of VM 1 into VM 2's world ---
"$program" run --disk two.img --snapshot "$leaky" > leaked
for name in $speakers; do
  said $name leaked
  verify "the broken driver shows in what $name says" diff -u ours.$name leaked.$name
done
"$program" audit --disk two.img --max-insns 19000000 "$leaky" > found
status "the audit of the broken driver" 12 $?
verify "the audit does not find the pages" contains \
  'worlds-apart.*2 pages of "vmm1" can be reached, such as 0xffc0e000' found
verify "it finds something else" sh -c '! grep -aE "^ +[0-9]+  " found | grep -v worlds-apart'

# --- other kernels and a session, with WS_MORE=1 or WS_LONG=1; mistakes ---
if more; then
  "$program" run --vms 3 --vm "$guests/vmm/ordinary.elf" > three
  "$program" run --max-insns 100000000 "$guests/vmm/ordinary.elf" > bare.ordinary
  sed -n 's/^vm1: //p' three | diff -u bare.ordinary - > differs
  verify "VM 1 has not the other kernel" diff -u /dev/null differs
  for vm in 2 3; do
    sed -n "s/^vm$vm: //p" three | diff -u bare - > differs
    verify "VM $vm of three says something else" diff -u /dev/null differs
  done
  "$program" run --vms 2 --record two.wsr > first
  "$program" run two.wsr > again
  verify "the session is another run" diff first again
  verify "--vms 2 is another run than --disk" diff first ours
fi
for vms in 0 5 -1 two; do
  "$program" run --vms $vms > out 2> errors
  status "--vms $vms" 2 $?
done
"$program" run --vms 2 hosted.elf > out 2> errors
status "--vms with an image" 2 $?
"$program" image --vms 2 -o out.img > out 2> errors
status "image --vms without --disk" 2 $?

echo "$checks checks"
[ $checks -gt 42 ] && [ $failed -eq 0 ]

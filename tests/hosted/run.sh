#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hosted system on our machine: everybody works, the virtual machine says what its kernel says on a bare machine,
# files are kept, and disks that are blank, foreign or missing are no problem.

. "${top_srcdir:-.}/tests/hosted/lib.sh"

"$program" image --disk --vms 1 -o disk.img
"$program" image -o hosted.elf
for file in a b vmx vmm.elf vm.elf vm.disk; do
  extract $file disk.img > file.$file || failed=1
done
verify "the disk's vm.elf is not the one that was built" cmp file.vm.elf "$hosted/vm.elf"
verify "the disk's b is not the one that was built" cmp file.b "$hosted/b.elf"

# --- a run with a disk that is kept, twice ---
cp disk.img kept.img
"$program" run --disk kept.img > first
status "the first run" 0 $?
"$program" run --disk kept.img > second
status "the second run" 0 $?
for name in host A B vmx vm; do
  said $name first
  said $name second
done
verify "a line is nobody's" test "$(grep -acvE '^(host|A|B|vmx|vm): ' first)" -eq 0
verify "A does not see a new disk" contains '^A: boot number 1 of this disk$' first.A
verify "A's log is not kept" contains '^A: boot number 2 of this disk$' second.A
verify "A counts wrong" contains '^A: round 6, 1438 primes below 12000$' first.A
verify "A's x87 unit has not what A left there" contains '^A: its x87 unit still has 0x3ff00000 on top$' first.A
verify "B's x87 unit has not what B left there" contains '^B: its x87 unit still has 0x400921fb on top$' first.B
verify "A does not end" contains '^A: exits$' first.A
extract log kept.img > log
verify "the log is not on the disk" sh -c 'printf "A was here\nA was here\n" | cmp - log'
for round in 1:b 2:vm.elf 3:a; do
  file=${round#*:}
  sum=$(od -A n -v -t u1 "file.$file" | awk '{ for (i = 1; i <= NF; i++) sum += $i } END { print sum }')
  verify "B does not read what the disk has" contains \
    "^B: round ${round%:*}, the file $file has $(wc -c < "file.$file" | tr -d ' ') bytes, their sum is $sum\$" first.B
done
verify "B does not end" contains '^B: exits$' first.B
verify "the VM did not shut down" contains '^vmx: the virtual machine shut down with status 0: [0-9]+ hidden and 2 true page faults, 67 traced writes$' first.vmx
verify "the VMX does not tell what the translator has done" contains '^vmx: its kernel in [0-9]{2,} units: [0-9]{3,} instructions copied, [0-9]{2,} replaced, [0-9]{2,} left to the VMM$' first
verify "or not all" contains '^vmx: [0-9]{2,} jumps were chained, [0-9]+ of [0-9]{3,} lookups failed, [0-9]+ units were dropped$' first
verify "the host did not end last" sh -c 'tail -1 first | grep -q "^host: all processes have exited, the disk is synchr"'
verify "the VM's writing is not in the host's file" sh -c \
  'test "$(grep -ac "written by the virtual machine" kept.img disk.img | tr "\n" " ")" = "kept.img:2 disk.img:1 "'

# --- the virtual machine, and a bare one ---
"$program" run --disk file.vm.disk "$hosted/vm.elf" > bare
status "the VM's kernel on a bare machine" 1 $?
verify "the VM says something else than its kernel on a bare machine" diff -u bare first.vm
verify "the VM says too little" test "$(wc -l < first.vm)" -gt 20
extract vm.disk kept.img > vm.disk.after
verify "the VM's disk is another one than the bare machine's" cmp vm.disk.after file.vm.disk

# --- other disks ---
dd if=/dev/zero of=blank.img bs=512 count=400 2> errors
"$program" run --disk blank.img > blank
status "a blank disk" 0 $?
verify "a blank disk is not formatted" contains '^host: a blank disk, the initial files are put onto it$' blank
"$program" run --disk blank.img > blank.again
verify "a formatted disk is not kept" contains '^A: boot number 2 of this disk$' blank.again
yes 'somebody else owns this disk' | head -c 100000 > foreign.img
cp foreign.img foreign.before
"$program" run --disk foreign.img > foreign
status "a foreign disk" 0 $?
verify "a foreign disk is not told of" contains 'disk holds something else: files are in memory' foreign
verify "a foreign disk is written to" cmp foreign.img foreign.before
"$program" run hosted.elf > none
status "no disk" 1 $?
verify "that there is no disk is not told" contains '^host: no disk: files are in memory' none
sed -n 's/^vm1: //p' none > none.vm
verify "without a disk the first VM says something else" diff -u bare none.vm
"$program" run --vms 1 --memory 8M > small
status "8 MiB" 0 $?
verify "that 8 MiB are too few for the VMX is not told" contains '^host: no memory for vmx$' small
verify "in 8 MiB B does not end" contains '^B: exits$' small

# --- a process that misbehaves: hlt as the first instruction of A ---
at=$(grep -abo ELF disk.img | head -1 | sed 's/:.*//')
cp disk.img ill.img
printf '\364' | dd of=ill.img bs=1 seek=$((at - 1 + 0x1000)) conv=notrunc 2> errors
"$program" run --disk ill.img > ill
status "a process that misbehaves" 0 $?
verify "A's fault is not told" contains '^host: A caused #GP at 0x400000, error 0x0,' ill
verify "B does not go on" contains '^B: exits$' ill
said vm ill
verify "the VM does not go on" diff -u bare ill.vm
verify "A, who was ended, says something" sh -c '! grep "^A: " ill'

echo "$checks checks"
[ $checks -gt 25 ] && [ $failed -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The VMX as its virtual machine's user interface: what is typed reaches the VM as it reaches a bare machine; a line
# that begins with ~ is for the VMX, which resets the VM, switches it off, or lets another one have the input. That the
# VM never stops for anything is no excuse: the console has a thread of its own, and the trace shows it.

. "${top_srcdir:-.}/tests/hosted/lib.sh"
guests=$(cd "$top_builddir" && pwd)/guest/tests
echo=$guests/cli/echo.elf spin=$guests/hosted/spin.elf
fast='--ips 1000000000' # so that a kernel sleeps between two bytes

# lines COUNT: so many empty lines, to let some time pass: COM1 sends 11520 bytes a second
lines() {
  head -c "$1" /dev/zero | tr '\0' '\n'
}

# --- typed for the VM: on COM1, and on the keyboard ---
{
  printf 'one line\nanother ~ one\n'
  lines 200
  printf 'the last one, q'
} > text
# shellcheck disable=SC2086 # two words
{
  "$program" run $fast --serial-in text "$echo" > bare
  "$program" run $fast --serial-in text --vm "$echo" > all
}
status "typed for the VM" 0 $?
sed -n 's/^vm1: //p' all > vm
verify "the VM hears something else than a bare machine" sh -c 'echo >> bare; cmp vm bare'
verify "the VM's end is not told" contains '^vmx: the virtual machine shut down with status 16: ' all
printf 'On Keys: ~Q! [q' > keys
"$program" run --keys keys --vm "$echo" > all
verify "the VM does not hear the keyboard" contains '^vm1: On Keys: ~Q! \[q' all
printf '~~ first\n~k\nq' > escaped
"$program" run --serial-in escaped --vm "$echo" > all
verify "~~ is no ~" contains '^vm1: ~ first$' all
verify "what the VMX can be told is not told" contains '^vmx: ~r resets the virtual machine, ~s switches it off, ' all
verify "the VM hears what was for the VMX" sh -c '! grep -a "^vm1: .*k" all'

# --- off, and reset: a VM that never ends, and the other one beside it ---
{
  lines 300
  printf '~r\n'
  lines 300
  printf '~s\n'
} > orders
# shellcheck disable=SC2086
"$program" run $fast --max-insns 200000000 --vms 2 --vm "$spin" --serial-in orders > all
status "the run after ~s" 0 $?
said vmx1 all
cat > wanted << 'END'
vmx1: begins as process 3
vmx1: the virtual machine is reset
vmx1: the virtual machine is switched off
vmx1: exits
END
verify "VM 1 is not reset and switched off" diff -u wanted all.vmx1
verify "VM 1 does not begin anew" test "$(grep -ac '^vm1: spins$' all)" -eq 2
verify "VM 1 does not run before and after" awk '
  /^vm1: still/ { n++ } /is reset$/ { before = n; n = 0 } END { exit !(before && n) }' all
verify "VM 2 does not go on to its end" contains '^vm2: vm: done$' all

# --- two of them: who hears what ---
printf 'for one\n~2\nfor two\n~9\n~1\nfor one again, q' > shared
"$program" run --vms 2 --vm "$echo" --serial-in shared > all
grep -a '^vm1: ' all > heard
printf 'vm1: for one\nvm1: for one again, q\n' > wanted
verify "VM 1 hears something else" diff wanted heard
verify "that VM 2 has the input is not told" contains '^vmx1: what is typed now is for virtual machine 2$' all
verify "that there is no VM 9 is not told" contains '^vmx2: there is no virtual machine of that number$' all
verify "VM 2 does not give it back" contains '^vmx2: what is typed now is for virtual machine 1$' all

# --- the third kind of switch ---
"$program" compare > compared
verify "there is no thread switch to compare" contains 'vmx1-cpu -> vmx1-console *$' compared
verify "three columns do not fit 80" sh -c '! grep -q ".\{81\}" compared'
verify "it changes other things than registers and stack" sh -c '
  awk "NF > 3 { kind = \$NF } kind == \"changes\" { print \$1 } { kind = \"\" }" compared | tr "\n" " " |
    grep -qx "general-registers stack "'
if [ -n "$JQ" ]; then
  # shellcheck disable=SC2086
  "$program" trace $fast --format jsonl --max-insns 60000000 --vm "$spin" --serial-in orders > trace 2> errors
  verify "the audit finds something" sh -c '! grep -a "\"type\":\"finding\"" trace'
  grep -a '"type":"crossing"' trace | "$JQ" -r 'select(.kind=="thread") | "\(.from) \(.to) \(.instructions)"' |
    sort | uniq -c > threads
  printf 'vmx-console vmx-cpu 15\nvmx-cpu vmx-console 15\n' > wanted
  verify "threads have other names, or take another way" sh -c 'awk "{ print \$2, \$3, \$4 }" threads | diff wanted -'
  verify "they seldom take turns" awk '$1 < 10 { exit 1 }' threads
else
  echo "no jq here: the threads were not looked at"
fi

# --- QEMU: the bytes that come before the host has set up its port are lost ---
if [ -n "$QEMU" ]; then
  "$program" image -o hosted.elf
  "$program" image --disk --vms 2 -o two.img
  {
    lines 40
    printf '~s\n'
  } > off
  qemu -kernel hosted.elf -drive file=two.img,format=raw,if=ide -m 32 -serial stdio < off > theirs 2> errors
  status "QEMU's run" 1 $?
  verify "QEMU: VM 1 is not switched off" contains '^vmx1: the virtual machine is switched off$' theirs
  verify "QEMU: VM 2 does not go on to its end" contains '^vm2: vm: done$' theirs
else
  echo "no qemu-system-i386 here: nothing is compared with QEMU"
fi

echo "$checks checks"
[ $checks -ge 17 ] && [ $failed -eq 0 ]

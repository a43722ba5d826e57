#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel of the kind that people bring along (tests/machine/kernel: preemption by IRQ 0, ring 3, an address space a
# task, serial input by IRQ 4, the disk by IRQ 14, the FPU handed on) says here what it should, however fast time goes,
# and the same under QEMU.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}" "${AWK:=awk}"
. "$(dirname "$0")/../tools/guard.sh"
program=$top_builddir/worldswitch
kernel=$top_builddir/guest/tests/machine/kernel/kernel.elf
expected=$top_srcdir/tests/machine/kernel/expected.txt
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failed=0
$AWK 'BEGIN { for (n = 0; n < 2048; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"
printf '\n\nhello world\nthis is serial input\nand a third line\n.' > "$scratch/input"

# said WHO STATUS: what it said is in "seen".
said() {
  [ "$2" -eq 33 ] || {
    echo "$1: status $2 and not 33"
    failed=1
  }
  diff -u "$expected" "$scratch/seen" || {
    echo "$1: the kernel says something else (+) than it should (-)"
    failed=1
  }
}

for ips in 10000000 33000000 100000000 400000000; do
  "$program" run --max-insns 1000000000 --ips $ips --disk "$scratch/disk" --snapshot --serial-in "$scratch/input" \
    "$kernel" > "$scratch/seen"
  said "$ips instructions a second" $?
done
if [ -n "$QEMU" ]; then
  qemu -kernel "$kernel" -serial stdio -drive "file=$scratch/disk,format=raw,if=ide,snapshot=on" \
    < "$scratch/input" > "$scratch/seen" 2> "$scratch/errors"
  said QEMU $?
else
  echo "no qemu-system-i386 here: the kernel is not compared with QEMU"
fi
exit $failed

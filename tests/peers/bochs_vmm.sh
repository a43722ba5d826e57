#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The VMM on its stage says the same on Bochs as on our machine: with the VM's own kernel, and with hostile ones. What
# keeps those out of the VMM are segment limits, which Bochs checks as the manual says, and QEMU does not.
#
# usage: bochs_vmm.sh [CASE...]      (numbers of cases in hostile.S; without one: those that touch the VMM)

. "${top_srcdir:-.}/tests/peers/lib.sh"
[ $# -gt 0 ] || set -- 0 1 2 3 4
guests=$top_builddir/guest
failed=0

# compare NAME KERNEL: with "$scratch/disk" as the VM's disk
compare() {
  "$top_builddir/worldswitch" run "$guests/tests/vmm/stage.elf" --module "$guests/hosted/vmm.elf" --module "$2" \
    --module "$scratch/disk" > "$scratch/ours" 2> "$scratch/errors"
  bochs_modules="$guests/hosted/vmm.elf $2 $scratch/disk"
  bochs_run "$guests/tests/vmm/stage.elf"
  if [ ! -s "$scratch/ours" ] || ! diff -u "$scratch/ours" "$scratch/serial"; then
    echo "$1: the stage says something else on Bochs" >&2
    failed=1
  fi
}

awk 'BEGIN { for (n = 0; n < 8; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"
compare "the VM's kernel" "$guests/hosted/vm.elf"
for case in "$@"; do
  # shellcheck disable=SC2059 # the format is made of the number
  { printf "\\$(printf %o "$case")"; head -c 4095 /dev/zero; } > "$scratch/disk"
  compare "hostile case $case" "$guests/tests/vmm/hostile.elf"
done
echo "$(($# + 1)) runs compared with Bochs"
[ $failed -eq 0 ]

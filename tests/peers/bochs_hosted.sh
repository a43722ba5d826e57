#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hosted system says the same on Bochs as on our machine, with a disk and without; who speaks when depends on the
# timer, so each speaker's lines are compared by themselves. Bochs checks segment limits, on which the VMM's protection
# rests.

. "${top_srcdir:-.}/tests/peers/lib.sh"
program=$top_builddir/worldswitch
"$program" image -o "$scratch/hosted.elf"
"$program" image --disk -o "$scratch/ours.img"
truncate -s 516096 "$scratch/ours.img"
cp "$scratch/ours.img" "$scratch/theirs.img"
failed=0

# said NAME FILE: what a translator has done depends on when interrupts come, too
said() {
  grep -a "^$1: " "$2" | grep -avE '^vmx[0-9]?: (its kernel in|[0-9]+ jumps were) '
}

# compare WHAT OURS
compare() {
  for name in host A B vmx1 vmx2 vm1 vm2; do
    said $name "$2" > "$scratch/ours.said"
    said $name "$scratch/serial" | diff -u "$scratch/ours.said" - || {
      echo "$1: $name says something else on Bochs" >&2
      failed=1
    }
  done
  echo "$1: $(wc -l < "$2") lines compared with Bochs"
}

"$program" run --disk "$scratch/ours.img" > "$scratch/ours"
bochs_run "$scratch/hosted.elf" "$scratch/theirs.img"
compare "with a disk" "$scratch/ours"
cmp "$scratch/ours.img" "$scratch/theirs.img" || failed=1
"$program" run "$scratch/hosted.elf" > "$scratch/ours"
bochs_run "$scratch/hosted.elf"
compare "without a disk" "$scratch/ours"
[ $failed -eq 0 ]

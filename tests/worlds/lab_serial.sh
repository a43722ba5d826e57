#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The laboratory's image on QEMU: the same text on the serial port as on our machine, and the same
# way out.

set -u
. "$(dirname "$0")/../tools/guard.sh"
if [ -z "${QEMU:-}" ]; then
  echo "no qemu-system-i386 here: the laboratory was not compared with QEMU's"
  exit 77
fi
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
report=$top_builddir/tests/lab_report

"$report" image > "$scratch/lab.elf" || exit 99
"$report" serial > "$scratch/ours" || exit 99
grep -q 'vmm: caught #UD' "$scratch/ours" || {
  echo "our own laboratory does not print what it should:"
  cat "$scratch/ours"
  exit 1
}

qemu -kernel "$scratch/lab.elf" -serial "file:$scratch/theirs"
left=$?
[ "$left" -eq 1 ] || {
  echo "QEMU ended with status $left: the guest did not leave with value 0 through port 0xf4"
  exit 1
}
diff -u "$scratch/ours" "$scratch/theirs" || {
  echo "the serial texts differ: - ours, + QEMU's"
  exit 1
}

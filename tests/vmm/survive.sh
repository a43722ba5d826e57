#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The hosted system with a hostile kernel in its virtual machine: whatever that tries, the VMX hears how it ended, the
# host's processes come to their ends, and the host to its last line. What the kernel gets is stage.sh's to compare.

set -u
. "$(dirname "$0")/../tools/guard.sh"
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failed=0

# The first byte of the VM's disk chooses the case; that disk lies in the host's, and begins with this line.
at=$(grep -abo 'this line is in sector 0' "$top_builddir/guest/tests/vmm/hostile.img" | sed 's/:.*//')
[ -n "$at" ] || exit 1

# Touches, jumps, a lost stack, wild segments, interrupts off, page tables, ports, what cannot be trapped. What the VMM
# makes of each is stage.sh's; here one of each way in which it may end is enough, if nobody asks for more.
cases='0 5 11 18 34'
if long; then
  cases='0 1 3 5 6 11 15 17 18 19 20 22 30 32 34 36 38 39 42 43 44'
fi
for case in $cases; do
  cat "$top_builddir/guest/tests/vmm/hostile.img" > "$scratch/disk"
  # shellcheck disable=SC2059 # the format is made of the number
  printf "\\$(printf %o $case)" | dd of="$scratch/disk" bs=1 seek="$at" conv=notrunc 2> /dev/null
  # Seconds of two million instructions: a VM that must be stopped is stopped after three of them.
  "$top_builddir/worldswitch" run --ips 2000000 --max-insns 500000000 --disk "$scratch/disk" > "$scratch/text" 2>&1
  status=$?
  for line in '^A: exits$' '^B: exits$' '^vmx: exits$' '^vmx: the virtual machine \(was stopped: \|shut down with status 5\)' \
    '^host: all processes have exited'; do
    grep -q "$line" "$scratch/text" && continue
    echo "case $case: no line \"$line\"; status $status; the last lines:" >&2
    tail -n 5 "$scratch/text" >&2
    failed=1
  done
  [ $status -eq 0 ] || failed=1
done
[ $failed -eq 0 ]

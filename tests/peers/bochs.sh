#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest programs under tests/guest say the same under Bochs as in their golden files. Bochs
# follows the manual where QEMU does not: segment limits and types, breakpoints, RF, error codes.
#
# usage: bochs.sh [PROGRAM...]      (without a program: segment checks and breakpoints)

. "${top_srcdir:-.}/tests/peers/lib.sh"
[ $# -gt 0 ] || set -- limits debug

failed=0
compared=0
for name in "$@"; do
  bochs_run "$top_builddir/guest/tests/guest/$name.elf"
  if [ ! -s "$scratch/serial" ]; then
    echo "$name: this Bochs printed nothing; it says:" >&2
    tail -n 3 "$scratch/log" >&2
    failed=1
    continue
  fi
  sed '$d' "$top_srcdir/tests/guest/$name.golden" > "$scratch/expected" # all but the status
  compared=$((compared + $(wc -l < "$scratch/expected")))
  if ! diff -u "$scratch/expected" "$scratch/serial"; then
    echo "$name: Bochs says something else than tests/guest/$name.golden" >&2
    failed=1
  fi
done
echo "$compared lines compared with Bochs"
[ "$compared" -gt 0 ] && [ $failed -eq 0 ]

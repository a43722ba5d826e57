#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest programs under tests/guest say the same under Bochs as in their golden files, case by case
# (tests/guest/cases.txt). Bochs follows the manual where QEMU does not: segment limits and types,
# breakpoints, RF, error codes; so the table's reasons, which are QEMU's, count for nothing here.
#
# usage: bochs.sh [PROGRAM...]      (without a program: those that agree with Bochs 2.7)
#
# Of the others, most of what differs is left open by the manual (the EFLAGS of a CPU with VME, undefined bits of
# lar, which page of two faults first), or is another board's (keyboard, serial port).

. "${top_srcdir:-.}/tests/peers/lib.sh"
: "${AWK:=awk}"
[ $# -gt 0 ] || set -- limits debug gates double rings far faults ports strings vectors operands iret

guests=$top_srcdir/tests/guest
for name in "$@"; do
  bochs_run "$top_builddir/guest/tests/guest/$name.elf"
  if [ ! -s "$scratch/serial" ]; then
    echo "$name: this Bochs printed nothing; it says:" >&2
    tail -n 3 "$scratch/log" >&2
  fi
  grep '^status' "$guests/$name.golden" >> "$scratch/serial" # which Bochs cannot tell: it has no exit port
  $AWK -v program="$name" -v mode=compare -v reasons=0 -f "$guests/compare.awk" \
    "$guests/cases.txt" "$guests/$name.golden" "$scratch/serial" >> "$scratch/report"
done
grep -a -v '^count ' "$scratch/report"
$AWK '$1 == "count" { agree += $2; failed += $5 }
  END { printf "%d agree with Bochs, %d do not\n", agree, failed; exit failed > 0 || agree == 0 }' "$scratch/report"

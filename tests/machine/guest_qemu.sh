#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each case of each guest program under tests/guest has the same result under QEMU as in its golden file, or
# its row in tests/guest/cases.txt says what QEMU does and where the manual says otherwise. check_guest holds
# our machine to the same golden files. Table and programs are compared both ways, without QEMU too.
#
# WS_UPDATE_CASES=1 writes the table's rows anew: new cases without a reason, vanished ones not at all.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}" "${AWK:=awk}"
. "$(dirname "$0")/../tools/guard.sh"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
guests=$top_srcdir/tests/guest
table=$guests/cases.txt

# The disk that guests.h makes, too: 2048 sectors, each a line with its number.
$AWK 'BEGIN { for (n = 0; n < 2048; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"

# The serial text, then "status N" in the words of our exit statuses. A triple fault ends QEMU with 0.
run_under_qemu() {
  guard "$QEMU" -kernel "$1" -display none -monitor none -serial stdio -no-reboot \
    -device isa-debug-exit,iobase=0xf4 \
    -drive "file=$scratch/disk,format=raw,if=ide,snapshot=on" < /dev/null 2> "$scratch/errors"
  status=$?
  [ $status -eq 0 ] && status=4
  echo "status $status"
}

# list, skip or compare. A program that our machine ends and a PC does not cannot be compared; without QEMU,
# none can.
mode_of() {
  if [ -z "$QEMU" ] || grep -q '^status \(0\|6\|8\|10\):' "$1"; then
    echo skip
  else
    echo compare
  fi
}

if [ -n "${WS_UPDATE_CASES:-}" ]; then
  sed -n '/^#/p' "$table" > "$scratch/table"
  for golden in "$guests"/*.golden; do
    name=$(basename "$golden" .golden)
    $AWK -v program="$name" -v mode=update -f "$guests/compare.awk" "$table" "$golden" >> "$scratch/table"
  done
  cp "$scratch/table" "$table"
fi

for golden in "$guests"/*.golden; do
  name=$(basename "$golden" .golden)
  mode=$(mode_of "$golden")
  set -- "$table" "$golden"
  if [ "$mode" = compare ]; then
    run_under_qemu "$top_builddir/guest/tests/guest/$name.elf" > "$scratch/seen"
    set -- "$@" "$scratch/seen"
  fi
  $AWK -v program="$name" -v mode="$mode" -f "$guests/compare.awk" "$@" >> "$scratch/report"
done
grep -a -v '^count ' "$scratch/report"
[ -n "$QEMU" ] || echo "no qemu-system-i386 here: nothing is compared with QEMU"
$AWK '$1 == "count" { agree += $2; differ += $3; skipped += $4; failed += $5 }
  END { printf "%d agree, %d differ by design, %d skipped", agree, differ, skipped
        if (failed) printf ", %d wrong", failed
        print ""
        exit failed > 0 || agree + skipped == 0 }' "$scratch/report" || exit 1
[ -n "$QEMU" ] || exit 77

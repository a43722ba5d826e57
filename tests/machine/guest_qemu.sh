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

# The first two numbers of QEMU's version; nothing, if it was never tried.
version=
if [ -n "$QEMU" ]; then
  here=$("$QEMU" --version | sed -n 's/^QEMU emulator version \([0-9]*\.[0-9]*\).*/\1/p')
  tried=$(sed -n 's/.*TRIED("qemu", "\(.*\)").*/\1/p' "$top_srcdir/src/cli/tried.h" | tr '\n' ' ')
  case " $tried" in
    *" $here "*) version=$here ;;
    *) echo "QEMU $here was never tried, but ${tried% }: what differs is told, and is no failure" ;;
  esac
fi

# The disk that guests.h makes, too: 2048 sectors, each a line with its number.
$AWK 'BEGIN { for (n = 0; n < 2048; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"

# The serial text, then "status N" in the words of our exit statuses. A triple fault ends QEMU with 0.
run_under_qemu() {
  qemu -kernel "$1" -serial stdio \
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

# The comparison must be able to fail. made VERSION COUNTS: one case differs, and its row says so of 1.0; another
# differs, and its row says nothing.
printf '%s\n' 'made | a | 1.0 | it differs | the manual' 'made | b' > "$scratch/made.table"
printf '%s\n' 'a: 1' 'b: 1' > "$scratch/made.golden"
printf '%s\n' 'a: 2' 'b: 2' > "$scratch/made.seen"
made() {
  $AWK -v program=made -v mode=compare -v version="$1" -f "$guests/compare.awk" "$scratch/made.table" \
    "$scratch/made.golden" "$scratch/made.seen" | grep -q "^count $2\$" || {
    echo "compare.awk does not find what differs any more"
    exit 1
  }
}
made 1.0 '0 1 0 1 0'
made 2.0 '0 0 0 2 0'
made '' '0 1 0 0 1'
cp "$scratch/made.golden" "$scratch/made.seen"
made 1.0 '2 0 0 1 0'

for golden in "$guests"/*.golden; do
  name=$(basename "$golden" .golden)
  mode=$(mode_of "$golden")
  set -- "$table" "$golden"
  if [ "$mode" = compare ]; then
    run_under_qemu "$top_builddir/guest/tests/guest/$name.elf" > "$scratch/seen"
    set -- "$@" "$scratch/seen"
  fi
  $AWK -v program="$name" -v mode="$mode" -v version="$version" -f "$guests/compare.awk" "$@" >> "$scratch/report"
done
grep -a -v '^count ' "$scratch/report"
[ -n "$QEMU" ] || echo "no qemu-system-i386 here: nothing is compared with QEMU"
$AWK '$1 == "count" { agree += $2; differ += $3; skipped += $4; failed += $5; untried += $6 }
  END { printf "%d agree, %d differ by design, %d skipped", agree, differ, skipped
        if (untried) printf ", %d differ in a version that was never tried", untried
        if (failed) printf ", %d wrong", failed
        print ""
        exit failed > 0 || agree + skipped == 0 }' "$scratch/report" || exit 1
[ -n "$QEMU" ] || exit 77

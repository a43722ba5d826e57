#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each guest program under tests/guest says the same under QEMU as in its golden file, and ends with the same
# status. check_guest holds our machine to the same files. Lines in which QEMU is known to differ from the
# manual are listed in tests/guest/qemu-differs.txt.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}"
if [ -z "$QEMU" ]; then
  echo "no qemu-system-i386 here: nothing is compared with QEMU"
  exit 77
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
table=$top_srcdir/tests/guest/qemu-differs.txt
failed=0
compared=0

# The disk that guests.h makes, too: 2048 sectors, each a line with its number.
awk 'BEGIN { for (n = 0; n < 2048; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"

# The serial text, then "status N" in the words of our exit statuses. A triple fault ends QEMU with 0.
run_under_qemu() {
  timeout 60 "$QEMU" -kernel "$1" -display none -monitor none -serial stdio -no-reboot \
    -device isa-debug-exit,iobase=0xf4 \
    -drive "file=$scratch/disk,format=raw,if=ide,snapshot=on" < /dev/null 2> "$scratch/errors"
  status=$?
  [ $status -eq 0 ] && status=4
  echo "status $status"
}

# The expressions of one program, each for a whole line; then the last line without its sentence.
keep_comparable() {
  awk -F ' [|] ' -v program="$1" '$1 == program { print "^" $2 "$" }' "$table" > "$scratch/differs"
  sed 's/^\(status [0-9]*\):.*/\1/' "$2" | grep -a -v -E -f "$scratch/differs"
}

for golden in "$top_srcdir"/tests/guest/*.golden; do
  name=$(basename "$golden" .golden)
  grep -q '^status \(0\|6\|8\|10\):' "$golden" && continue # it ends where our machine does and a PC goes on
  run_under_qemu "$top_builddir/guest/tests/guest/$name.elf" > "$scratch/$name.qemu"
  keep_comparable "$name" "$golden" > "$scratch/$name.expected"
  keep_comparable "$name" "$scratch/$name.qemu" > "$scratch/$name.seen"
  compared=$((compared + $(wc -l < "$scratch/$name.expected")))
  if ! diff -u "$scratch/$name.expected" "$scratch/$name.seen"; then
    echo "$name: QEMU says something else than tests/guest/$name.golden" >&2
    failed=1
  fi
done
echo "$compared lines compared"
[ "$compared" -gt 0 ] && [ $failed -eq 0 ]

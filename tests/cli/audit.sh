#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# audit finds what is wrong with an image's switch, and says so in each format.

set -u
: "${top_builddir:=.}" "${JQ:=}"
worldswitch=$top_builddir/worldswitch
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
status=0

fail() {
  echo "$*"
  status=1
}

# The laboratory without the instruction that enters CR2: mov %ecx, %cr2 (0f 22 d1) becomes a nop.
"$worldswitch" image --lab -o "$scratch/lab.elf" || exit 1
LC_ALL=C sed 's/\x0f\x22\xd1/\x0f\x1f\x00/' "$scratch/lab.elf" > "$scratch/broken.elf"
cmp -s "$scratch/lab.elf" "$scratch/broken.elf" && fail "the image was not changed: this check does not work"

"$worldswitch" audit "$scratch/lab.elf" > "$scratch/out" 2>&1 || fail "the sound image: $(head -3 "$scratch/out")"
"$worldswitch" audit -q "$scratch/broken.elf" > "$scratch/out" 2> "$scratch/err"
[ $? -eq 12 ] || fail "the broken image: another status than 12"
grep -q 'cr2: cr2 is 0x.*, must be 0x' "$scratch/out" || fail "no finding: $(cat "$scratch/out")"
grep -q 'about to handle a page fault. \[SDM 3A §2.5 "Control Registers"\]' "$scratch/out" || fail "no reason"
if [ -n "$JQ" ]; then
  "$worldswitch" audit --format jsonl "$scratch/broken.elf" > "$scratch/out" 2> "$scratch/err"
  "$JQ" -e -s '(map(select(.type=="finding")) | length > 0 and all(.[]; .rule=="cr2" and .at>0)) and
    (map(select(.type=="rule" and .broken>0)) | length==1 and .[0].rule=="cr2")' \
    "$scratch/out" > /dev/null || fail "records: $(head -3 "$scratch/out")"
fi
exit $status

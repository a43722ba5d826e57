#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that a loader takes for Linux: it says what it was told, and QEMU's loader tells it the same. All commands
# take it, a recording has all of it, and what is no such kernel is refused.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}"
. "$(dirname "$0")/../tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
kernel=$(cd "$top_builddir" && pwd)/guest/tests/image/bzimage.bin
multiboot=$(cd "$top_builddir" && pwd)/guest/tests/cli/echo.elf
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0
line='one two=3 console=ttyS0'
printf 'initial\n' > initrd

fail() {
  echo "$*"
  failed=1
}

# expect STATUS PATTERN ARGUMENT...
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" "$@" > out 2>&1 < /dev/null
  status=$?
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    fail "worldswitch $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
  fi
}

# --- what the kernel is told ---
"$program" run --linux "$kernel" --initrd initrd --append "$line" --memory 16M > here 2> errors
status=$?
[ $status -eq 33 ] || fail "the kernel ended with status $status: $(cat errors)"
cat > wanted << 'END'
cs 00000010, ds 00000018, es 00000018, ss 00000018
ebx 00000000, ebp 00000000, edi 00000000, IF 00000000, paging 00000000
header 53726448, a loader
command line: one two=3 console=ttyS0
initial RAM disk: 00000008 bytes, in its page at 00000000: initial

memory:
  00000000 00000000, bytes 00000000 0009fc00, kind 00000001
  00000000 0009fc00, bytes 00000000 00000400, kind 00000002
  00000000 000f0000, bytes 00000000 00010000, kind 00000002
  00000000 00100000, bytes 00000000 00ee0000, kind 00000001
  00000000 00fe0000, bytes 00000000 00020000, kind 00000002
  00000000 fffc0000, bytes 00000000 00040000, kind 00000002
END
cmp wanted here || fail "the kernel was told something else: $(diff wanted here)"
if [ -n "$QEMU" ]; then
  qemu -m 16 -kernel "$kernel" -initrd initrd -append "$line" -serial stdio > there < /dev/null
  cmp here there || fail "QEMU tells the kernel something else: $(diff here there)"
else
  echo "no QEMU: nothing to compare with"
fi

# As under QEMU, the file itself says that it is such a kernel. Without --memory it has 256 MiB.
"$program" run "$kernel" --module initrd --append "$line" --memory 16M > image
cmp here image || fail "without --linux, the kernel was told something else"
expect 33 '00100000, bytes 00000000 0fee0000' run --linux "$kernel"
expect 33 'command line: $' run --linux "$kernel"
expect 33 'initial RAM disk: 00000000 bytes' run --linux "$kernel"

# The path may have any character; that of a module ends at "=".
cp initrd 'a=b'
"$program" run --linux "$kernel" --initrd 'a=b' --append "$line" --memory 16M > image
cmp here image || fail "with = in its path, the initial RAM disk was not found"

# --- all commands take it, and a recording has it ---
expect 6 'mov' trace --all --max-insns 1 --linux "$kernel" --initrd initrd
expect 0 . audit --linux "$kernel"
expect 0 . why --linux "$kernel"
expect 0 '^general-registers' diff 0 100 --linux "$kernel"
expect 0 . view --script q --linux "$kernel"
"$program" run --linux "$kernel" --initrd initrd --append "$line" --memory 16M --record kernel.wsr --checkpoints 4 > /dev/null
"$program" run --linux "$kernel" --initrd 'a=b' --append "$line" --memory 16M --record named.wsr > /dev/null
"$program" run named.wsr | cmp here - || fail "with = in its path, the initial RAM disk was not recorded"
expect 2 '^worldswitch: --initrd: a recorded session has its own' run --initrd initrd kernel.wsr
"$program" run kernel.wsr > again
[ $? -eq 33 ] || fail "the recording ended otherwise"
cmp here again || fail "the recording says something else"
"$program" run --linux "$kernel" --record default.wsr > default
"$program" run default.wsr | cmp - default || fail "the recording has another memory"
expect 2 '^worldswitch: --linux: a recorded session has its own' run --linux kernel.wsr

# --- what is refused ---
expect 2 '^worldswitch: --linux: ".*" has no Linux kernel.s header$' run --linux "$multiboot"
expect 2 '^worldswitch: --linux: ".*" has no Linux kernel.s header$' run --linux /dev/null
expect 2 '^worldswitch: one image at a time: ' run --linux "$kernel" "$kernel"
expect 2 '^worldswitch: --flat: a Linux kernel has a format$' run --linux "$kernel" --flat 0x100000
expect 2 'takes one initial RAM disk' run --linux "$kernel" --initrd initrd --module initrd
expect 2 '^worldswitch: --initrd: ".*" has no Linux kernel.s header$' \
  run "$multiboot" --initrd initrd
expect 2 '^worldswitch: --initrd: what is built in takes no such thing' run --initrd initrd
expect 2 'cannot read "absent"' run --linux "$kernel" --initrd absent
expect 2 'cannot read "absent"' run --linux absent
head -c 600 "$kernel" > cut
expect 2 'ends inside the Linux kernel.s header; was it cut off\?$' run --linux cut
head -c 1500 "$kernel" > cut
expect 2 'ends inside the Linux kernel, which has .*; was it cut off\?$' run --linux cut
head -c 20000000 /dev/zero > large
expect 2 'the initial RAM disk of 20000000 bytes does not fit' run --linux "$kernel" --initrd large --memory 16M

exit $failed

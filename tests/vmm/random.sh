#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Random programs of a kernel, bare and in the virtual machine: equal registers, memory and faults at the end of each.
# random.c makes and runs them, of the pieces in random_pieces.S; the disk's first line says which.
#
#   WS_RANDOM_PROGRAMS=1000   how many (30 if not given; 1000 with WS_LONG)
#   WS_RANDOM_SEED=7          others than everybody's
#
# What no piece does, since it is another thing in the VM, and why:
#
#   an access above 0xffc00000              the VMM's 4 MiB: a segment ends below it, so #GP comes in place of #PF
#   DS or ES with RPL 1 and DPL 0           ring 0 runs in ring 1, and loads them without asking
#   descriptors whose accessed bit is 0     the CPU sets it in the shadow of the descriptor only
#   a descriptor changed while in use       a CPU keeps what it has loaded; the VMM stops the VM
#   the accessed bit of a page that refused  the manual leaves it open
#   sgdt, str, smsw in ring 3               ring 3 is executed directly, and reads what is the VMM's
#   a task switch, 16-bit code and stacks   the VMM stops the VM
#   the time stamp counter                  time in the VM is the machine's

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}"
. "$(dirname "$0")/../tools/guard.sh"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
guests=$top_builddir/guest
programs=15
long && programs=1000
programs=${WS_RANDOM_PROGRAMS:-$programs}
seed=${WS_RANDOM_SEED:-1}
at_once=15
failed=0

# pair FIRST LAST MARK: both runs; the VM's time goes faster, since the VMM needs most of it
pair() {
  printf '%06d %06d %06d%s\n' "$seed" "$1" "$2" "$3" | cat - /dev/zero | head -c 4096 > "$scratch/disk"
  "$top_builddir/worldswitch" run --max-insns 50000000 --ips 100000 --disk "$scratch/disk" --snapshot \
    "$guests/tests/vmm/random.elf" > "$scratch/bare" 2>&1
  "$top_builddir/worldswitch" run --max-insns 2000000000 --ips 20000000 "$guests/tests/vmm/stage.elf" \
    --module "$guests/hosted/vmm.elf" --module "$guests/tests/vmm/random.elf" --module "$scratch/disk" 2>&1 |
    sed 's/^stage: ended:.*//; /^$/d' > "$scratch/vm"
  cmp -s "$scratch/bare" "$scratch/vm"
}

first=0
while [ "$first" -lt "$programs" ]; do
  last=$((first + at_once - 1))
  if ! pair "$first" "$last" ''; then
    odd=$(diff "$scratch/bare" "$scratch/vm" | sed -n 's/^[<>] program \([0-9]*\):.*/\1/p' | head -n 1)
    pair "${odd:=$first}" "$odd" '!'
    echo "program $odd of seed $seed: first bare, then in the VM" >&2
    diff "$scratch/bare" "$scratch/vm" | head -n 4 >&2
    failed=$((failed + 1))
  fi
  grep -q "^program $last:" "$scratch/bare" || failed=$((failed + 1))
  first=$((last + 1))
done
echo "$first programs of seed $seed, in $failed places not as bare"
[ "$failed" -eq 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The VMM alone, on a stage that is all the host it needs. The virtual machine's kernel says the same in it as bare,
# here and under QEMU; a hostile kernel gets what tests/vmm/hostile.golden has, one case a run.
# After a change of hostile.S, run with WS_UPDATE_GOLDEN=1, and read the difference line by line.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${QEMU:=}"
. "$(dirname "$0")/../tools/guard.sh"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
guests=$top_builddir/guest
stage=$guests/tests/vmm/stage.elf
vmm=$guests/hosted/vmm.elf
golden=$top_srcdir/tests/vmm/hostile.golden
failed=0

problem() {
  echo "$1" >&2
  failed=1
}

# A disk of eight sectors, each a line with its number.
disk_make() {
  awk 'BEGIN { for (n = 0; n < 8; n++) printf "%-511s\n", "sector " n }' > "$scratch/disk"
}

# Seconds of so many instructions: who waits for the clock waits for fewer of them.
ips=10000000
ours() {
  "$top_builddir/worldswitch" run --max-insns 300000000 --ips $ips "$@" 2>&1
  echo "status $?"
}

theirs() {
  qemu -serial stdio "$@" < /dev/null 2> /dev/null
  echo "status $?"
}

# A whole run on the stage: what the VM's kernel says, the stage's last line, the status.
same_as_bare() {
  grep -q '^stage: ended: [0-9]* hidden and 2 true page faults, 67 traced writes$' "$scratch/$1" || problem "$1: the VM did not end by itself"
  grep -v '^stage: ended: ' "$scratch/$1" | diff -u "$scratch/bare" - || problem "$1: not as the kernel does bare"
}

disk_make
ours --disk "$scratch/disk" "$guests/hosted/vm.elf" > "$scratch/bare"
grep -q '^vm: done$' "$scratch/bare" || problem "the VM's kernel does not come to its end, bare"
disk_make
ours "$stage" --module "$vmm" --module "$guests/hosted/vm.elf" --module "$scratch/disk" > "$scratch/ours"
same_as_bare ours
if [ -n "$QEMU" ]; then
  theirs -kernel "$stage" -initrd "$vmm,$guests/hosted/vm.elf,$scratch/disk" > "$scratch/stage under QEMU"
  same_as_bare "stage under QEMU"
  disk_make
  theirs -kernel "$guests/hosted/vm.elf" -drive "file=$scratch/disk,format=raw,if=ide" > "$scratch/qemu"
  diff -u "$scratch/bare" "$scratch/qemu" || problem "bare, under QEMU: not as on our machine"
else
  echo "no qemu-system-i386 here: nothing is compared with QEMU"
fi

# An ordinary kernel with processes in ring 3, whose ring 0 uses what ring 1 gets wrong.
ordinary=$guests/tests/vmm/ordinary.elf
ours "$ordinary" > "$scratch/bare"
grep -q '^done$' "$scratch/bare" || problem "the ordinary kernel does not come to its end, bare"
ours "$stage" --module "$vmm" --module "$ordinary" --module "$scratch/disk" > "$scratch/ordinary"
grep -v '^stage: ended: ' "$scratch/ordinary" | diff -u "$scratch/bare" - || problem "the ordinary kernel: not as bare"
if [ -n "$QEMU" ]; then
  # QEMU checks no limits: attempts 26 and 27; and says of a read for ring 3, in lret, that ring 0 made it: 30.
  agreed() { grep -vE '^stage: ended: |attempt (26|27|30):'; }
  agreed < "$scratch/bare" > "$scratch/agreed"
  theirs -kernel "$ordinary" | agreed > "$scratch/qemu"
  diff -u "$scratch/agreed" "$scratch/qemu" || problem "the ordinary kernel, bare, under QEMU: not as on our machine"
  theirs -kernel "$stage" -initrd "$vmm,$ordinary,$scratch/disk" | agreed > "$scratch/qemu"
  diff -u "$scratch/agreed" "$scratch/qemu" || problem "the ordinary kernel on the stage, under QEMU: not as bare"
fi

# Kernels that show what a CPU does, case by case, in all rings. Others of them run in hosted/vm.sh.
kernels='gates strings'
! more || kernels="$kernels debug rings"
! long || kernels="$kernels alignment faults flags fpu instructions ports vectors"
for guest in $kernels; do
  ours --memory 8M "$guests/tests/guest/$guest.elf" > "$scratch/bare"
  ours "$stage" --module "$vmm" --module "$guests/tests/guest/$guest.elf" --module "$scratch/disk" > "$scratch/$guest"
  grep -v '^stage: ended: ' "$scratch/$guest" | diff -u "$scratch/bare" - || problem "$guest: not as bare"
done

# case_disk_make CASE
case_disk_make() {
  # shellcheck disable=SC2059 # the format is made of the number
  { printf "\\$(printf %o "$1")"; head -c 4095 /dev/zero; } > "$scratch/disk"
}

# These take half of the time.
if more || [ -n "${WS_UPDATE_GOLDEN:-}" ]; then
  left_out=
else
  left_out='17 19 29 30 34 35 36'
fi
# The first byte of the disk chooses the case; without such a case the kernel says so, and that ends the loop.
case=-1
ips=2000000
while [ $((case += 1)) -lt 100 ]; do
  case " $left_out " in *" $case "*) continue ;; esac
  case_disk_make $case
  ours "$stage" --module "$vmm" --module "$guests/tests/vmm/hostile.elf" --module "$scratch/disk" > "$scratch/case"
  grep -q '^vm: no such case$' "$scratch/case" && break
  sed 's/ended: .*/ended/; s/ at 0x1[0-9a-f]*/ at .../' "$scratch/case"
done > "$scratch/hostile"
[ -z "${WS_UPDATE_GOLDEN:-}" ] || cp "$scratch/hostile" "$golden"
# In the golden file, each case ends with its status.
awk -v cases="$left_out" 'BEGIN { n = split(cases, part); for (i = 1; i <= n; i++) left_out[part[i]] }
  !(at + 0 in left_out)
  /^status / { at++ }' "$golden" > "$scratch/wanted"
diff -u "$scratch/wanted" "$scratch/hostile" || problem "a hostile kernel got something else than it deserves"
# These try nothing that a PC has not: there they get the same.
for alike in 38 39 40 41 42 43; do
  case_disk_make $alike
  ours --memory 8M --snapshot --disk "$scratch/disk" "$guests/tests/vmm/hostile.elf" > "$scratch/bare"
  ours "$stage" --module "$vmm" --module "$guests/tests/vmm/hostile.elf" --module "$scratch/disk" > "$scratch/case"
  grep -v '^stage: ended: ' "$scratch/case" | diff -u "$scratch/bare" - || problem "hostile case $alike: not as bare"
done
echo "$case hostile cases"
[ $case -gt 44 ] && [ $failed -eq 0 ]

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
#
# Each is booted from an ISO by GRUB. Bochs has no debug exit port: a run is over when the guest
# halts with interrupts off, or after a minute. BOCHS_BIOS and BOCHS_VGABIOS name the ROMs.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}" "${AWK:=awk}"
: "${BOCHS_BIOS:=/usr/share/seabios/bios.bin}" "${BOCHS_VGABIOS:=/usr/share/seabios/vgabios-stdvga.bin}"

for tool in bochs grub-mkrescue xorriso script; do
  if ! command -v "$tool" > /dev/null; then
    echo "no $tool here: nothing is compared with Bochs"
    exit 77
  fi
done
for rom in "$BOCHS_BIOS" "$BOCHS_VGABIOS"; do
  if [ ! -r "$rom" ]; then
    echo "no ROM \"$rom\" here: nothing is compared with Bochs"
    exit 77
  fi
done

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
[ $# -gt 0 ] || set -- limits debug gates double rings far faults ports strings vectors operands

mkdir -p "$scratch/iso/boot/grub"
printf 'set timeout=0\nmenuentry guest {\nmultiboot /boot/guest.elf\nboot\n}\n' > "$scratch/iso/boot/grub/grub.cfg"
cat > "$scratch/config" << end
megs: 32
romimage: file=$BOCHS_BIOS
vgaromimage: file=$BOCHS_VGABIOS
boot: cdrom
ata0-master: type=cdrom, path=$scratch/guest.iso, status=inserted
com1: enabled=1, mode=file, dev=$scratch/serial
display_library: term
log: $scratch/log
panic: action=fatal
end
echo c > "$scratch/commands" # a Bochs with its debugger built in waits for this

# Wait for the guest's last instruction, then end Bochs.
bochs_run() {
  rm -f "$scratch/serial" "$scratch/log"
  : > "$scratch/log"
  TERM=xterm timeout 60 script -qfc "bochs -q -rc $scratch/commands -f $scratch/config" /dev/null \
    < /dev/null > "$scratch/screen" 2>&1 &
  running=$!
  seconds=0
  while [ $seconds -lt 60 ] && ! grep -q 'HLT instruction with IF=0' "$scratch/log"; do
    kill -0 $running 2> /dev/null || break
    sleep 1
    seconds=$((seconds + 1))
  done
  kill $running 2> /dev/null
  wait $running 2> /dev/null
}

guests=$top_srcdir/tests/guest
for name in "$@"; do
  cp "$top_builddir/guest/tests/guest/$name.elf" "$scratch/iso/boot/guest.elf" || exit 1
  grub-mkrescue -o "$scratch/guest.iso" "$scratch/iso" > "$scratch/mkrescue" 2>&1 || { cat "$scratch/mkrescue"; exit 1; }
  bochs_run
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

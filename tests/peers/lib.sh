# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Booting a multiboot image on Bochs: from an ISO, by GRUB. Bochs has no debug exit port: a run is over when the guest
# halts with interrupts off, or after a minute. BOCHS_BIOS and BOCHS_VGABIOS name the ROMs.

set -u
LC_ALL=C
export LC_ALL
: "${top_srcdir:=.}" "${top_builddir:=.}"
. "$(dirname "$0")/../tools/guard.sh"
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
mkdir -p "$scratch/iso/boot/grub"
# Has the guest halted, or Bochs ended?
bochs_is_done() {
  grep -q 'HLT instruction with IF=0' "$scratch/log" || ! kill -0 "$running" 2> /dev/null
}
bochs_modules= # files that GRUB loads beside the image
echo c > "$scratch/commands" # a Bochs with its debugger built in waits for this

# bochs_run IMAGE [DISK]: what the guest says is in $scratch/serial. The disk, of 516096 bytes, is changed.
bochs_run() {
  cp "$1" "$scratch/iso/boot/guest.elf" || exit 1
  {
    printf 'set timeout=0\nmenuentry guest {\nmultiboot /boot/guest.elf\n'
    for module in $bochs_modules; do
      cp "$module" "$scratch/iso/boot/" || exit 1
      printf 'module /boot/%s\n' "$(basename "$module")"
    done
    printf 'boot\n}\n'
  } > "$scratch/iso/boot/grub/grub.cfg"
  grub-mkrescue -o "$scratch/guest.iso" "$scratch/iso" > "$scratch/mkrescue" 2>&1 || { cat "$scratch/mkrescue"; exit 1; }
  {
    printf 'megs: 32\nboot: cdrom\ndisplay_library: term\npanic: action=fatal\n'
    printf 'romimage: file=%s\nvgaromimage: file=%s\nlog: %s\n' "$BOCHS_BIOS" "$BOCHS_VGABIOS" "$scratch/log"
    printf 'com1: enabled=1, mode=file, dev=%s\n' "$scratch/serial"
    if [ $# -gt 1 ]; then
      printf 'ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15\n'
      printf 'ata0-master: type=disk, path=%s, mode=flat, cylinders=16, heads=1, spt=63\n' "$2"
      printf 'ata1-master: type=cdrom, path=%s, status=inserted\n' "$scratch/guest.iso"
    else
      printf 'ata0-master: type=cdrom, path=%s, status=inserted\n' "$scratch/guest.iso"
    fi
  } > "$scratch/config"
  rm -f "$scratch/serial" "$scratch/log"
  : > "$scratch/log"
  TERM=xterm timeout "$(guard_scaled)" script -qfc "bochs -q -rc $scratch/commands -f $scratch/config" /dev/null \
    < /dev/null > "$scratch/screen" 2>&1 &
  running=$!
  await bochs_is_done
  kill $running 2> /dev/null
  wait $running 2> /dev/null
}

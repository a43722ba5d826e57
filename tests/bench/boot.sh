#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long others' kernels take to boot, here and under QEMU: seconds of processor time until the kernel has said a text
# on its serial port. None of them is part of this project, so the environment says where they are, and those that it
# does not name are left out:
#
#   WS_BENCH_LINUX, WS_BENCH_INITRD, WS_BENCH_APPEND   a Linux kernel, its initial RAM disk, its command line
#   WS_BENCH_LINUX_TEXT    what it says when it has booted; "~ #", a shell's prompt, if nothing is told
#   WS_BENCH_XV6           kernelmemfs; its text is "$ "
#   WS_BENCH_MENTOS        kernel.bin, or what boots it; and WS_BENCH_MENTOS_TEXT
#   BOOT_ROUNDS            how often, 3 if nothing is told; the median counts
#
# QEMU runs as it is, then with -icount, where its clock counts instructions, as ours does.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${QEMU:=}" "${BOOT_ROUNDS:=3}"
program=$(cd "$top_builddir" && pwd)/worldswitch
work=$(mktemp -d) || exit 1
ticks=$(getconf CLK_TCK)
trap 'rm -rf "$work"' EXIT

# seconds TEXT COMMAND...: run it until it has said that, then end it. Prints the processor time that it took.
seconds() {
  text=$1
  shift
  "$@" > "$work/said" 2> /dev/null < /dev/null &
  child=$!
  spent=0
  # The last fields that were read before it ended by itself count, too. Behind the name: utime and stime are 12 and 13.
  while fields=$(sed 's/.*) //' "/proc/$child/stat" 2> /dev/null) && [ -n "$fields" ]; do
    case $fields in Z*) break ;; esac
    spent=$(echo "$fields" | cut -d ' ' -f 12,13 | tr ' ' '+')
    grep -qF -e "$text" "$work/said" && break
    sleep 0.1
  done
  kill "$child" 2> /dev/null
  wait "$child" 2> /dev/null
  if grep -qF -e "$text" "$work/said"; then
    awk -v ticks="$ticks" "BEGIN { printf \"%.2f\\n\", ($spent) / ticks }"
  else
    echo never
  fi
}

# median TEXT COMMAND...
median() {
  round=0
  while [ $round -lt "$BOOT_ROUNDS" ]; do
    seconds "$@"
    round=$((round + 1))
  done | sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# QEMU with what `boot` says: blanks may stand in each word.
cat > "$work/qemu" << 'END'
#!/bin/sh
set -- -cpu qemu32 -m "$memory" -display none -monitor none -serial stdio -no-reboot -kernel "$kernel"
[ -n "$initrd" ] && set -- "$@" -initrd "$initrd"
[ -n "$append" ] && set -- "$@" -append "$append"
[ -n "$counts" ] && set -- "$@" -icount "$counts"
exec "$QEMU" "$@"
END
chmod +x "$work/qemu"

# boot NAME TEXT MEMORY OPTIONS-OF-OURS -- OPTIONS-OF-QEMU: both know the kernel and what comes with it.
boot() {
  name=$1 text=$2 memory=$3
  shift 3
  ours=$(median "$text" "$program" run -q --memory "${memory}M" "$@")
  line="$name: $ours s here"
  if [ -n "$QEMU" ]; then
    for counts in '' 'shift=auto' 'shift=0'; do
      theirs=$(median "$text" "$work/qemu")
      line="$line; QEMU ${counts:+-icount $counts }$theirs"
    done
  fi
  echo "$line"
}

tried=0
export QEMU kernel initrd append memory counts
if [ -n "${WS_BENCH_LINUX:-}" ]; then
  kernel=$WS_BENCH_LINUX initrd=${WS_BENCH_INITRD:-} append=${WS_BENCH_APPEND:-console=ttyS0}
  boot Linux "${WS_BENCH_LINUX_TEXT:-~ #}" 256 --linux "$kernel" ${initrd:+--initrd "$initrd"} --append "$append"
  tried=1
fi
initrd='' append=''
if [ -n "${WS_BENCH_XV6:-}" ]; then
  kernel=$WS_BENCH_XV6
  boot xv6 '$ ' 256 "$kernel"
  tried=1
fi
if [ -n "${WS_BENCH_MENTOS:-}" ]; then
  kernel=$WS_BENCH_MENTOS
  boot MentOS "${WS_BENCH_MENTOS_TEXT:-login}" 256 "$kernel"
  tried=1
fi
[ $tried -eq 1 ] || echo "others' kernels: none is named, see tests/bench/boot.sh"

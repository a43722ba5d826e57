#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The laboratory's image on QEMU under gdb: each instruction of each switch, of worlds and of
# processes, is stepped and counted up to the return that ends it, and the registers then are those
# of our machine.

set -u
. "$(dirname "$0")/../tools/guard.sh"
for tool in QEMU GDB; do
  eval "path=\${$tool:-}"
  if [ -z "$path" ]; then
    echo "no $(echo $tool | tr A-Z a-z) here: the switch was not counted on QEMU"
    exit 77
  fi
done
scratch=$(mktemp -d) || exit 99
qemu=
trap 'test -z "$qemu" || kill "$qemu" 2> /dev/null; rm -rf "$scratch"' EXIT
report=$top_builddir/tests/lab_report

"$report" image > "$scratch/lab.elf" || exit 99
"$report" crossings > "$scratch/ours" || exit 99
"$report" routine > "$scratch/routine" || exit 99
read -r routine routine_end < "$scratch/routine"
worlds=$(grep -c '^world' "$scratch/ours")
switches=$(grep -c -E '^(world|context) ' "$scratch/ours")
[ "$worlds" -ge 3 ] && [ "$switches" -ge $((worlds + 3)) ] || {
  echo "our own laboratory has only $worlds world switches and $switches switches in all"
  exit 1
}

# Step through each switch. The cross page's first 1024 bytes are code. Paging is off at the start,
# so the breakpoints must be of the CPU's own kind. On a busy machine QEMU now and then comes back from
# a step that it has not made: no instruction of a switch leads to itself, so that shows.
cat > "$scratch/script" <<END
set confirm off
set pagination off
set architecture i386
target remote $scratch/gdb
hbreak *0xffc00000
hbreak *$routine
set \$switch = 0
while \$switch < $switches
  continue
  set \$count = 0
  if (\$pc == $routine)
    while (\$pc >= $routine && \$pc < $routine_end)
      set \$before = \$pc
      stepi
      if (\$pc != \$before)
        set \$count = \$count + 1
      end
    end
    printf "context %d\n", \$count
  else
    while (\$pc >= 0xffc00000 && \$pc < 0xffc00400)
      set \$before = \$pc
      stepi
      if (\$pc != \$before)
        set \$count = \$count + 1
      end
    end
    printf "world %d\n", \$count
  end
  monitor info registers
  set \$switch = \$switch + 1
end
detach
END

"$QEMU" -kernel "$scratch/lab.elf" -display none -serial none -monitor none -no-reboot -S \
  -gdb "unix:$scratch/gdb,server=on,wait=off" -device isa-debug-exit,iobase=0xf4 &
qemu=$!
await test -S "$scratch/gdb" || exit 99
# What counts is how far gdb came: QEMU may be gone before it has answered gdb's farewell.
guard "$GDB" -q -batch -nx -x "$scratch/script" > "$scratch/log" 2>&1
[ "$(grep -c -E '^(world|context) ' "$scratch/log")" -eq "$switches" ] || {
  cat "$scratch/log"
  echo "gdb did not get through $switches switches"
  exit 1
}

# From "EAX=00000000 EBX=..." and "ES =0010 00000000 ..." to a line a register.
$AWK '
function show(name, value) { printf "%s %08s\n", name, value }
/^(world|context) / { print }
/^E[A-Z][A-Z]=/ {
  n = split($0, part, /[= ]+/)
  for (i = 1; i + 1 <= n; i += 2) {
    if (part[i] == "EFL") { show("eflags", part[i + 1]); break }
    if (part[i] !~ /^E[A-Z][A-Z]$/) break
    show(tolower(part[i]), part[i + 1])
  }
}
/^(ES|CS|SS|DS|FS|GS|TR) =/ || /^LDT=/ {
  split($0, part, /[= ]+/)
  name = tolower(part[1])
  show(name == "ldt" ? "ldtr" : name, part[2])
}
/^[GI]DT=/ {
  split($0, part, /[= ]+/)
  show(tolower(part[1]) "r.base", part[2])
  show(tolower(part[1]) "r.limit", part[3])
}
/^CR0=/ {
  n = split($0, part, /[= ]+/)
  for (i = 1; i < n; i += 2) show(tolower(part[i]), part[i + 1])
}' "$scratch/log" | tr -d '\r' | $AWK '
# Numbers, all with eight digits.
/^(world|context) / { print; next }
{ while (length($2) < 8) $2 = "0" $2; print }' > "$scratch/theirs"

diff -u "$scratch/ours" "$scratch/theirs" || {
  echo "registers at the end of a switch differ: - ours, + QEMU's"
  exit 1
}
counts=$(grep '^world' "$scratch/theirs" | sort -u)
[ "$counts" = "world 45" ] || {
  echo "not every world switch took 45 instructions: $counts"
  exit 1
}
echo "$worlds world switches of 45 instructions each, $((switches - worlds)) context switches:" \
  "the same registers at the end of each"

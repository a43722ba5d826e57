#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The program from outside: exit statuses, messages, closed pipes, full disks, Ctrl-C, and what it
# writes where.

set -u
LC_ALL=C
export LC_ALL
: "${top_builddir:=.}" "${JQ:=}"
. "$(dirname "$0")/../tools/guard.sh"
program=$(cd "$top_builddir" && pwd)/worldswitch
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 99
checks=0
failed=0

# expect STATUS PATTERN ARGUMENT...: the program exits so, and its output and messages match
expect() {
  wanted=$1 pattern=$2
  shift 2
  "$program" "$@" > out 2>&1 < /dev/null
  status=$?
  checks=$((checks + 1))
  if [ $status -ne "$wanted" ] || ! grep -qE -e "$pattern" out; then
    echo "worldswitch $*: status $status, wanted $wanted and \"$pattern\"; it said:"
    head -5 out
    failed=1
  fi
}

# quiet STATUS ARGUMENT...: the program exits so, and says nothing
quiet() {
  wanted=$1
  shift
  "$program" "$@" > out 2>&1 < /dev/null
  status=$?
  checks=$((checks + 1))
  if [ $status -ne "$wanted" ] || [ -s out ]; then
    echo "worldswitch $*: status $status, wanted $wanted and silence; it said:"
    head -5 out
    failed=1
  fi
}

# verify WHAT COMMAND...: the command succeeds
verify() {
  what=$1
  shift
  checks=$((checks + 1))
  "$@" > verified 2>&1 || {
    echo "$what"
    head -5 verified
    failed=1
  }
}

: > empty
head -c 3000 "$program" > truncated.elf
head -c 20000 /dev/urandom > random
mkdir folder

# --- usage ---
expect 0 '^worldswitch [0-9]' --version
expect 0 '^worldswitch [0-9]' version -q
expect 0 '^Commands' --help
expect 0 '^Commands' help
expect 0 'every instruction' trace --help
expect 0 '^worldswitch view ' help view
expect 0 '^  7-11  both address spaces' figure --help
expect 2 '"nonsense" is no command' help nonsense
# A terminal has 80 columns.
for command in view run trace figure compare audit diff ablate lesson grade image doctor lua help; do
  "$program" $command --help > "$scratch/help" 2>&1
  verify "$command --help has long lines" test -z "$(awk 'length > 80' "$scratch/help")"
done
"$program" compare --lab > "$scratch/help" 2>&1
verify "compare --lab has long lines" test -z "$(awk 'length > 80' "$scratch/help")"
LC_ALL=C "$program" figure 7-11 --lab > "$scratch/help" 2>&1
verify "figure 7-11 --lab has long lines" test -z "$(awk 'length > 80' "$scratch/help")"
verify "figure 7-11 does not show the switch from A to B" grep -q 'context switch from "A" to "B"' "$scratch/help"
expect 0 '^ok +laboratory' doctor
expect 0 '^(ok|--) +unicorn +[0-9]+\.[0-9]+' doctor
mkdir path
printf '#!/bin/sh\necho "QEMU emulator version 99.1.2 (of nobody)"\n' > path/qemu-system-i386
chmod +x path/qemu-system-i386
PATH=$PWD/path:$PATH "$program" doctor > out
verify "a QEMU that was never tried is not named" grep -q "never tried with this version, but with 7.2, 10.0" out
expect 0 '^(ok|--) +speed' doctor
expect 0 '^ok +serial port' doctor
expect 0 '^ok +timer' doctor
expect 0 '^ok +disk' doctor
expect 0 '^ok +modules' doctor
expect 0 '^(ok|--) +bubblewrap +(works|does not)' doctor
expect 0 '^(ok|--) +landlock +(version [0-9]|does not)' doctor
expect 0 "^(ok|--) +tools' limits +[0-9]+ s of a processor" doctor
expect 0 '^(ok|--) +zstd' doctor
expect 0 '^9 world switches and 7 context switches, 0 findings$' audit --lab
expect 0 '^context-ring0-stack +context +7 +0$' audit --lab
expect 0 '^at,rule$' audit --lab --format csv
# Where the host leaves for the VMM, and where it has arrived, as the compiler has it.
# shellcheck disable=SC2046 # two words
set -- $("$program" trace --lab --format jsonl |
  sed -n 's/.*"from":"host","to":"vmm","begin":\([0-9]*\),"end":\([0-9]*\).*/\1 \2/p' | head -1)
leaves=$1 entered=$2
expect 0 '^cr3 +cr3 0x[0-9a-f]* -> 0x' diff --lab "$leaves" "$entered"
expect 0 '^nothing differs$' diff --lab 5 5
expect 2 'the run ends at mark' diff --lab 5 99999999
expect 2 'name two marks' diff --lab 5
expect 2 "such as: worldswitch diff $leaves $entered --lab, for the world switch from host to vmm" diff --lab
expect 2 "is not a mark" diff --lab 5 x
expect 2 "such as: worldswitch diff $leaves $entered --lab" diff --lab 5 x
expect 2 'neither a command nor a file' nonsense
expect 2 'name the figure, 7-10 or 7-11' figure
expect 2 '"gdb" is not built yet' gdb
expect 2 'unknown option "--nonsense"' run --nonsense
expect 2 'unknown option "-x"' run -x
expect 2 'needs a value' run --memory
expect 2 '"7x" is not a size' run --memory 7x
expect 2 'from 1M to 1G' run --memory 5000
expect 2 'from 1M to 1G' run --memory 2G
expect 2 '"-1" is not a number' run --max-insns -1
expect 2 'one of text\|jsonl\|csv' trace --format xml
expect 2 'no option "--all"' run --all
expect 2 'one too many' run one two
expect 2 'either --lab or an image' run --lab one
expect 2 'takes no image' doctor one
expect 2 '"empty" is empty or too large' run --disk empty
expect 2 'cannot read "missing"' run --disk missing
expect 2 'cannot read "folder"' run --disk folder
expect 2 'there is no disk' run --snapshot
expect 2 'cannot read "missing"' run --serial-in missing
expect 2 'needs the keyboard for itself' view --serial-in -
expect 2 'from 1000 to' run --ips 0
expect 2 'from 1000 to' run --ips 99999999999999
expect 2 'takes no image: "empty"' image --disk empty
expect 2 'the laboratory has no disk' image --disk --lab
expect 2 'cannot read "session.wsr"' run session.wsr
expect 10 'needs a terminal' view

# --- input ---
expect 2 'cannot read "missing"' run missing
expect 2 'cannot read "folder"' run folder
expect 2 '"empty"' run empty
expect 2 '"truncated.elf"' run truncated.elf
expect 2 '"random"' trace random
expect 2 'does not fit' run --lab --memory 1M
expect 2 'does not fit' run --memory 1M

printf '\260\041\346\364\364' > flat # mov $0x21, %al; out %al, $0xf4; hlt
{ head -c 510 /dev/zero; printf '\125\252'; } > sector
quiet 67 run --flat 0x100000 flat
quiet 67 run --flat 0x7c00 flat
expect 2 'boot sector, which starts as 16-bit code' run --flat 0x7c00 sector
expect 2 'boot sector or a disk image, which starts as 16-bit code' run sector
expect 2 'does not fit' run --flat 0x2000000 flat
expect 2 '"empty": the file is empty' run --flat 0x100000 empty
expect 2 'not an address' run --flat nowhere flat
expect 2 'takes no such thing' run --append text
expect 2 'no boot loader' run --flat 0x100000 --append text flat
expect 2 'cannot read "missing"' run --module missing=x flat

# --- runs ---
expect 0 'caught #' run --lab
expect 0 '^host: all processes have exited, the disk is synchronized' run
expect 3 '^host: 8 MiB of memory are needed' run --memory 4M
expect 6 'instruction limit was reached, at mark 100' run --max-insns 100
expect 6 '^kind,from' trace --format csv --max-insns=100
expect 0 'world switch +host -> vmm, 45 instructions' trace --lab
expect 0 'world switch +host -> vmm, 45 instructions' --lab
expect 0 'ffc00000.*pushf' trace --lab --instructions
expect 0 'ffc00000.*[;] EFLAGS' trace --lab --instructions
expect 0 '^ +0 +boot' trace --lab --all
expect 0 'mov +cr3, ecx' trace --lab --instructions --syntax intel
expect 0 'idtr +stays +changes' compare --lab
expect 0 'idtr +stays +changes' compare
expect 0 'A -> B +host -> vmm' compare
expect 0 '^category,context,world' compare --lab --format csv

# --- how a run ends, and where: with the symbol ---
guests=$(cd "$top_builddir" && pwd)/guest/tests/guest
expect 10 'left protected mode.*, at mark [0-9]+, eip 0x[0-9a-f]{8} <test_main\+0x[0-9a-f]+>, cr3 0x0{8}, world "boot"' \
  run "$guests/halt_real_mode.elf"
expect 10 '16-bit modes are not emulated' run "$guests/halt_real_mode.elf"
expect 10 'virtual-8086 mode.*, at mark [0-9]+, eip 0x' trace "$guests/halt_virtual_8086.elf"
expect 0 '^ +[0-9]+ +task +tr 0x0+40 -> 0x0+48  .*test_main' trace "$guests/taskgate_new.elf"
expect 4 'vector 3 \(#BP breakpoint\), at mark [0-9]+, eip 0x[0-9a-f]{8} <test_main\+0x' \
  run "$guests/triple_idt.elf"
expect 0 'hlt with IF = 0, so that no interrupt' run "$guests/halt_stopped.elf"
# sti; jmp .: the timer's first tick comes at vector 8, as firmware leaves it, where this guest has no handler
printf '\373\353\376' > tick
expect 4 'vector 8 \(IRQ 0\), at mark' run --flat 0x100000 tick
expect 8 'nothing can wake it, .*<test_main\+0x' run "$guests/halt_asleep.elf"
expect 0 'halted with interrupts off, .*<test_main\+0x' run "$guests/halt_stopped.elf"
expect 0 'vector +128 .*, at 0x[0-9a-f]{8} <system_call_make\+0x9>, handler 0x[0-9a-f]{8} <host\.vector_0x80> ' trace --lab
"$program" run -q "$guests/halt_stopped.elf" 2> errors > out
verify "run -q says how the guest ended" test ! -s errors

printf '\344\231\344\231\260\041\346\364' > no-chip # in $0x99, %al; the same; mov $0x21, %al; out %al, $0xf4
expect 0 '14 #PF .*, error code 0x0 [(]P=0 not present.*: the page table entry is not present: the entry at' trace "$guests/coherent.elf"
expect 0 '"vector":14,.*"reason":"the page table entry is not present: ' trace --format jsonl "$guests/coherent.elf"
expect 0 'stale-translation +0x00c00000 is used after its page table entry was changed, with no invlpg' trace "$guests/coherent.elf"
expect 0 '"kind":"stale-translation",.*"page":"0x00c00000"' trace --format jsonl "$guests/coherent.elf"
expect 0 'no-chip +in port 0x0099, 1 byte, 0xff' trace --flat 0x100000 no-chip
verify "a port without a chip is told of more than once" test "$(grep -c no-chip out)" -eq 1
expect 0 '"kind":"no-chip",.*"port":153,"direction":"in"' trace --format jsonl --flat 0x100000 no-chip

# --- nobody reads, no room, no rights ---
"$program" trace --all 2> errors | head -1 > /dev/null
verify "a closed pipe is complained about" test ! -s errors
if [ -w /dev/full ]; then
  for command in run trace compare image doctor help version; do
    "$program" $command > /dev/full 2> errors
    status=$?
    verify "$command on a full disk: status $status, wanted 10" test $status -eq 10
    verify "$command on a full disk says nothing of it" grep -q 'cannot write "standard output"' errors
  done
  expect 10 'cannot write "/dev/full"' trace -o /dev/full
fi
expect 10 'cannot write "folder"' image -o folder
expect 10 'cannot write "missing/file"' run -o missing/file
verify "a failed write leaves files behind" test "$(find . -name 'missing*' -o -name '*.??????' | wc -l)" -eq 0

# --- files ---
quiet 0 run --lab -o serial
quiet 0 image --lab -o lab.elf
quiet 0 trace --lab -o from-lab
quiet 0 trace -o from-image lab.elf
"$program" run --lab > serial.piped
verify "run -o differs from standard output" cmp serial serial.piped
verify "the laboratory's image runs differently from the laboratory" cmp from-lab from-image
"$program" image --lab > lab.piped
verify "image -o differs from standard output" cmp lab.elf lab.piped
verify "trace is not the default command without a terminal" sh -c '"$0" --lab | cmp - from-lab' "$program"
"$program" trace --lab --color always > colored
verify "no colour where colour is wanted" grep -q '\[1m' colored
verify "colour where none is wanted" sh -c '! grep -q "\[" from-lab'

# --- Ctrl-C: what was done so far is there, whole, under its name ---
# The limit is for a program that does not hear it. Its file has another name, or none, until it is whole.
has_written() {
  for descriptor in "/proc/$1/fd"/*; do
    case $(readlink "$descriptor") in
      "$scratch"/*) [ ! -s "$descriptor" ] || return 0 ;;
    esac
  done
  return 1
}
cat > loop.s << 'end'
    .section .text, "ax"
    .long 0x1badb002, 0, -0x1badb002
    .globl _start
_start: jmp _start
end
if ${GUEST_CC:-cc -m32} -nostdlib -static -no-pie -Wl,-N,-Ttext=0x100000,--build-id=none loop.s -o loop.elf \
    > errors 2>&1; then
  for signal in INT TERM; do
    "$program" trace --all --max-insns 400000000 -o "$scratch/loop.$signal" loop.elf &
    await has_written $! || echo "nothing was written before the $signal"
    kill -$signal $!
    wait $!
    status=$?
    verify "$signal: status $status, wanted 130" test $status -eq 130
    verify "$signal: nothing was written" test -s loop.$signal
    verify "$signal: the last line is torn" sh -c 'tail -1 "$0" | grep -q "jmp"' loop.$signal
  done
else
  echo "no guest compiler: Ctrl-C was not tried"
  cat errors
fi

# --- JSON ---
if [ -n "$JQ" ]; then
  "$program" trace --lab --all --format jsonl > all.jsonl
  verify "not every line is a JSON object with a type" "$JQ" -e -s 'all(has("type"))' all.jsonl
  verify "world switches do not take 45 instructions" "$JQ" -e -s \
    '[.[]|select(.type=="crossing" and .kind=="world").instructions]|unique==[45]' all.jsonl
  verify "there are not both directions" "$JQ" -e -s \
    '[.[]|select(.type=="crossing" and .kind=="world")|.from+.to]|(index("hostvmm")!=null) and (index("vmmhost")!=null)' \
    all.jsonl
  verify "changed and kept are not all categories, once each" "$JQ" -e -s \
    'all(.[]|select(.type=="crossing"); ((.changed+.kept)|sort|unique|length)==14 and ((.changed+.kept)|length)==14)' all.jsonl
  verify "the marks of the instructions have gaps" "$JQ" -e -s \
    '[.[]|select(.type=="instruction").at] as $at | $at == [range($at|length)]' all.jsonl
  verify "an instruction lacks a field" "$JQ" -e -s \
    'all(.[]|select(.type=="instruction"); (.world|type)=="string" and (.cpl|type)=="number" and
      (.linear|test("^0x[0-9a-f]{8}$")) and (.bytes|test("^([0-9a-f]{2})+$")) and .text!="(bad)")' all.jsonl
  verify "an event lacks a field" "$JQ" -e -s \
    'all(.[]|select(.type=="event"); (.at|type)=="number" and (.kind|IN("control-register","table-load","vector",
      "return","io","halt","request")))' all.jsonl
  verify "addresses in the laboratory have no symbols" "$JQ" -e -s \
    'all(.[]|select(.type=="instruction" or .type=="event"); .symbol|test("^[a-z_0-9.]+([+]0x[0-9a-f]+)?$")) and
     all(.[]|select(.kind=="vector"); (.eip_symbol|type)=="string" and (.handler_symbol|test("[.]vector_")))' all.jsonl
  verify "45 instructions have no reason each" "$JQ" -e -s \
    '[.[]|select(.why!=null)]|length % 45 == 0 and length > 0' all.jsonl
  verify "--instructions shows other instructions than those inside crossings" sh -c '
    "$0" trace --lab --instructions --format jsonl | "$1" -e -s "
      ([.[]|select(.type==\"crossing\")|range(.begin;.end)]|sort) == ([.[]|select(.type==\"instruction\").at]|sort)"' \
    "$program" "$JQ"
  verify "records are not in the order of marks" "$JQ" -e -s \
    '[.[]|if .type=="crossing" then .end-1 else .at end] | . == sort' all.jsonl
else
  echo "no jq here: the JSON records were not checked"
fi

echo "$checks checks"
[ $checks -gt 40 ] && [ $failed -eq 0 ]

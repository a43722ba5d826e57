#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# why: dying.S and failing.S end in many ways; each time the first cause is named.  The vectors are those of the trace and
# of QEMU's log, where it is installed and checks the same: each of them with WS_MORE=1, as CI asks, or WS_LONG=1, and a
# part otherwise.

set -u
LC_ALL=C
export LC_ALL
. "$(dirname "$0")/why_lib.sh"
. "$(dirname "$0")/../tools/guard.sh"
program=./worldswitch
guest=guest/tests/cli/dying.elf
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0
tried=0

fail() {
  echo "FAIL: $1" >&2
  sed 's/^/    /' "$2" >&2
  failures=$((failures + 1))
}

# dies WAY VECTORS TEXT...: `why` says each TEXT (a basic regular expression), on one screen; the chain has these
# vectors, in QEMU's log, too.  VECTORS that begin with "-" are not compared with it.
dies() {
  way=$1 vectors=$2
  shift 2
  $program why "$guest" --append "$way" > "$scratch/rows" 2> "$scratch/errors" || fail "$way: exit status $?" "$scratch/errors"
  unbroken < "$scratch/rows" > "$scratch/why"
  for text; do
    grep -q -e "$text" "$scratch/why" || fail "$way: no \"$text\"" "$scratch/why"
  done
  one_screen "$scratch/rows" >&2 || fail "$way: more than one screen" "$scratch/rows"
  tried=$((tried + 1))
  more || [ $((tried % 4)) -eq 0 ] || return
  found=$($program trace "$guest" --append "$way" --format jsonl 2> /dev/null |
    sed -n 's/.*"kind":"fault-chain".*"vector":\([0-9]*\),.*/\1/p' | tr '\n' ' ')
  [ "$found" = "${vectors#-} " ] || fail "$way: the chain is $found, not $vectors" "$scratch/why"
  case $vectors in -*) return ;; esac
  command -v qemu-system-i386 > /dev/null || return
  qemu-system-i386 -kernel "$guest" -append "$way" -display none -no-reboot -d int,cpu_reset \
    -D "$scratch/log" > /dev/null 2>&1
  # QEMU's log begins a chain anew behind an exception that makes no double fault, and leaves the double fault out.
  found=$(awk '/check_exception/ { sub(/.*old: /, ""); split($0, part, / new:? */); n++
      if (part[1] == "0xffffffff") { chain = "" }
      chain = chain " " part[2] } END { print chain }' "$scratch/log")
  wanted=$(echo "$vectors" | awk '{ for (i = 1; i <= NF; i++) if ($i != 8) printf " 0x%x", $i }')
  case $wanted in *"$found") ;; *) fail "$way: QEMU has$found, not$wanted" "$scratch/why" ;; esac
  [ -n "$found" ] || fail "$way: QEMU's log is empty" "$scratch/log"
}

dies a '0 13 8 13' 'first fault: #DE' 'the divisor is 0' 'IDTR.s limit is 0, so there is no IDT' 'by .*<way_a>: lidt'
dies b '6 13 13 8 13' 'first fault: #UD' 'ud2 exists' 'the gate of vector 6 (#UD), at IDT + 0x30, lies beyond IDTR.s limit 0x1f'
dies c '6 11 11 8 11' 'the gate of vector 6 (#UD) is not present' 'last written at mark [0-9]* by .*<way_c>: movb'
dies d '6 13 13 8 13' 'the gate of vector 6 (#UD) is no interrupt, trap or task gate: IDT + 0x30 holds type 0x0' '<way_d+0xe>: movb'
dies e '6 13 13 8 13' 'the gate of vector 6 (#UD) names a null selector' '<way_e>: movw'
dies f '6 13 13 8 13' 'the gate of vector 6 (#UD) names selector 0x0010 (GDT entry 2), which is data, writable and not code'
dies g '6 13 13 8 13' 'selector 0x0080 (GDT entry 16) lies beyond the limit 0x37 of that table'
dies h '-14 14 8 14' 'it began earlier: .* was raised' '#UD .*<way_h+0x'
dies i '6 14 14 8 14' 'first fault: #UD' 'ring 3' 'cr2 0xbffffffc'
dies j '6 10 10 8 10' 'SS0 in the TSS is null' '<way_j>: mov'
dies k '14 14 8 14' 'first fault: #PF' 'cr2 0xc0000ffc' 'W=1 write' 'the page directory entry is not present'
dies l '13 13 8 13' 'first fault: #GP' 'SS.s selector 0x0010 (GDT entry 2) has RPL 0, but the stack is for ring 3' 'SS 0x00000010'
dies m '13 13 8 13' 'CS must be code, but descriptor 0x0010 (GDT entry 2) is data, writable' 'ljmp'
dies n '13 13 8 13' 'an available TSS is wanted, but descriptor 0x0028 (GDT entry 5) is 32-bit TSS (busy)' 'by .*: ltr'
dies o '-13 13 8 13' 'offset 0x4a + 4 bytes is beyond DS.s limit 0xf' 'last loaded at mark'
dies p '14 13 8 13' 'the page may not be written' 'PTE was last written at mark [0-9]* by .*<way_p+0x7>: and'
dies q '14 13 8 13' 'the page table entry is not present' 'last written at mark [0-9]* by .*<clears>: mov'
dies r '14 13 8 13' 'first fault: #PF' 'cr2 0x003ff000' 'last written at mark [0-9]* by .*<grows>: push'
dies s '-13 13 8 13' 'model-specific register 0x277 does not take 0x0:0x2' 'wrmsr'
dies t '13 13 8 13' 'descriptor 0x0010 (GDT entry 2) is empty (type 0), which ES cannot hold' 'loaded at mark [0-9]* by .*lgdt'
dies u '-13 14 14 8 14' 'it began earlier' '<way_u'

# failing.S: what programs in C do to stacks and pointers, devices that were not set up, units that are off.
dying=$guest
guest=guest/tests/cli/failing.elf
dies smash '14 13 8 13' 'cr2 0x41414141' 'it came there at .*<way_smash+.*: ret' \
  'the return address was written at .*<way_smash+.*: rep stosb'
dies pointer '14 13 8 13' 'cr2 0x00700000' 'it came there at .*: call \*0x' 'that pointer was written at .*<way_pointer+.*: movl'
dies backwards '6 13 13 8 13' 'what stands there was written at .*<copy+.*: rep stosl .*, downwards, since DF is set'
dies smalltss '3 10 13 8 13' 'ends at 0x3, in front of the stack pointer of ring 0' 'written at .*<way_smalltss+.*: movw \$3,'
dies port '13 13 8 13' 'port 0xe9: CPL 3 is greater than IOPL 0' 'first fault: #GP.*error code 0x0'
dies usercli '13 13 8 13' 'CPL 3 is greater than IOPL 0: this ring may not change IF'
dies fpu '7 13 13 8 13' 'CR0.TS is set' 'CR0 was last changed at .*<way_fpu+.*: mov %eax, %cr0'
dies sse '6 13 13 8 13' 'CR4.OSFXSR is 0' 'CR4 has not changed since the run began'
dies aligned '13 13 8 13' 'the operand at 0x[0-9a-f]*c is not on a multiple of 16 bytes' '> .*movaps %xmm0'
dies pae '-13 13 8 13' 'the value 0x2020 for CR4 sets bits that this CPU does not have: 0x2020'
dies nopse '14 13 8 13' 'CR4.PSE is 0: the PDE names a page table' 'the PDE was last written at .*<way_nopse>'
dies reserved '14 13 8 13' 'RSVD=1' 'a reserved bit is set in the page directory entry' 'PDE was last written at .*<way_reserved+'
dies inwards '13 13 8 13' 'RPL 0, would lead inwards from CPL 3' '> .*lret' 'frame at .*CS 0x00000008$'
dies dftask '14 14 8 10' 'cr2 0x00300ffc' 'the PTE was last written at .*<way_dftask+' 'met: #TS'
dies branch '13 13 8 13' 'the branch leads to offset 0x103f9, beyond the limit 0xffff'
dies bounds '5 13 13 8 13' 'the index 9 is not from 0 to 7'
dies watch '1 13 13 8 13' 'a debug condition was met: breakpoint 0' '> .*movl \$1,'
dies user_stack '14 13 8 13' 'cr2 0xfffffffc' 'ring 3' '> .*call'
guest=$dying

# lives WAY TEXT...: it makes no progress, and that is told.
lives() {
  way=$1
  shift
  $program why "$guest" --append "$way" --max-insns 30000 > "$scratch/rows" 2>&1 || fail "$way: exit status $?" "$scratch/rows"
  unbroken < "$scratch/rows" > "$scratch/why"
  one_screen "$scratch/rows" >&2 || fail "$way: more than one screen" "$scratch/rows"
  for text; do
    grep -q -e "$text" "$scratch/why" || fail "$way: no \"$text\"" "$scratch/why"
  done
}

lives v 'nobody answers at physical 0xfed00020: a read gives all ones' '<polls>'
lives w 'no progress: #UD invalid opcode at .*<way_w' 'ud2 exists to raise this exception'
# So many that the timeline has snapshots within the instructions that are looked at.
$program why "$guest" --append w --max-insns 2097152 2>&1 | unbroken > "$scratch/why"
grep -q 'raised 50000 times in the last 100000 instructions' "$scratch/why" || fail 'w: not 50000 times' "$scratch/why"

# One run is one run: the chain is the same when the guest is stepped, and when a recorded run is run again.
for way in b l q u; do
  $program run -q --record "$scratch/$way.wsr" "$guest" --append "$way" > /dev/null 2>&1
  $program trace --format jsonl "$guest" --append "$way" 2> /dev/null | tail -n 1 > "$scratch/run"
  $program trace --format jsonl --all "$guest" --append "$way" 2> /dev/null | tail -n 1 > "$scratch/stepped"
  $program trace --format jsonl "$scratch/$way.wsr" 2> /dev/null | tail -n 1 > "$scratch/replayed"
  grep -q '"faults":' "$scratch/run" || fail "$way: no chain in the record" "$scratch/run"
  cmp -s "$scratch/run" "$scratch/stepped" || fail "$way: stepped, the chain is another" "$scratch/stepped"
  cmp -s "$scratch/run" "$scratch/replayed" || fail "$way: replayed, the chain is another" "$scratch/replayed"
done

# trace folds what repeats, in text; records are complete.
$program trace "$guest" --append u > "$scratch/folded" 2> /dev/null
grep -q 'the same 1 event [0-9]* times more, until here' "$scratch/folded" || fail 'trace does not fold' "$scratch/folded"
for way in '--no-fold' '--format jsonl'; do
  # shellcheck disable=SC2086 # two words
  found=$($program trace "$guest" --append u $way 2> /dev/null | grep -cE ' vector .*13 #GP|"kind":"vector".*"vector":13,')
  [ "$found" -eq 256 ] || fail "trace $way has $found exceptions" "$scratch/folded"
done
grep -q ' io ' "$scratch/folded" && fail 'trace has accesses to ports without --io' "$scratch/folded"
$program trace "$guest" --append a --io > /dev/null 2>&1 || [ $? -eq 4 ] || fail 'trace --io' "$scratch/folded"

[ "$failures" -eq 0 ]

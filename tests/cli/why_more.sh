#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# why: ending.S ends in fifty more ways.  Each time `why` says what was wrong first, on one screen.

set -u
LC_ALL=C
export LC_ALL
. "$(dirname "$0")/why_lib.sh"
program=./worldswitch
guest=guest/tests/cli/ending.elf
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
failures=0

limit=60000

# ends WAY TEXT...: `why` says each TEXT (a basic regular expression), on one screen.
ends() {
  way=$1
  shift
  $program why "$guest" --append "$way" --max-insns $limit > "$scratch/rows" 2> "$scratch/errors" || set -- "$@" 'status 0'
  one_screen "$scratch/rows" >> "$scratch/errors" || set -- "$@" 'one screen'
  unbroken < "$scratch/rows" > "$scratch/why"
  for text; do
    grep -q -e "$text" "$scratch/why" && continue
    echo "FAIL: $way: no \"$text\"" >&2
    sed 's/^/    /' "$scratch/errors" "$scratch/why" >&2
    failures=$((failures + 1))
  done
}

# Segments.
ends cswrite 'CS is 32-bit code, readable: the access is not allowed' 'last loaded at .* by .*: ljmp'
ends down 'offset 0x1000 + 4 bytes is not above the limit of DS, which expands down' 'last loaded at .*<way_down+'
ends sslimit 'first fault: #SS' 'offset 0x1ffc + 4 bytes is beyond SS.s limit 0xfff'
ends ssro 'SS must be writable data, but descriptor 0x0030 (GDT entry 6) is data, read-only'
ends popfs 'first fault: #NP' 'descriptor 0x0038 (GDT entry 7) is not present' '> .*pop %fs'
ends noldt 'selector 0x000f (LDT entry 1) names the LDT, but no LDT was loaded'
ends ldtbeyond 'selector 0x001f (LDT entry 3) lies beyond the limit 0xf' 'LDTR: selector 0x0048' 'by .*: lldt'
ends gdtcopy 'descriptor 0x0010 (GDT entry 2) is empty' 'it was last written at .*: rep stosl' 'this GDT was loaded at .*<way_gdtcopy+'
ends unpackedgdt 'base 0xffffffff' 'it was last loaded at .*<way_unpackedgdt+.*: mov %eax, %ds'

# Far transfers.
ends iretconf 'code descriptor 0x000b (GDT entry 1) has DPL 0, but the return is to ring 3' 'frame at .*CS 0x0000000b'
ends gatedata 'CS must be code, but descriptor 0x0010 (GDT entry 2) is data' '> .*lcall'
ends gatejmp 'DPL 0, which CPL 3 and RPL 0 do not allow' 'it came there at .*<user_enter+.*: iret'
ends gatestack 'W=1 write.*cr2 0x004ffffc' '> .*lcall'
ends iretdata 'CS must be code, but descriptor 0x0028 (GDT entry 5) is 32-bit TSS' 'frame at .*CS 0x00000028'

# Gates, handlers and their frames.
ends int80 'first fault: vector 128' 'the gate of vector 128 has DPL 0: ring 3 may not ask for it'
ends halves 'first fault: #PF' 'vector 3 was delivered' 'IDT entry 3 ' 'written at .*<way_halves+'
ends gate16 'first fault: #GP' 'vector 3 was delivered' '16-bit interrupt gate' 'written at .*<way_gate16'
ends rethandler 'it ran on from 0x00000008' '<way_rethandler+.*: ret' 'took the CS of the frame of #BP, vector 3'
ends errcode 'it began earlier' 'before that: #GP .*<way_errcode+' 'ESP is 4 bytes below the frame of #GP.*: its error code'
ends fakecode 'first fault: #GP' '<pop_iret+' 'ESP is 4 bytes above the frame of #UD, vector 6'
ends handlerouter 'the handler of vector 3 (#BP) is in ring 3' 'it was last written at .*<way_handlerouter>'
ends unpacked 'IDT entry 3 at .* is where no memory is' 'it got this base at .*<way_unpacked+.*: lidt'
ends userhandler 'SS.s selector 0x0023 .* has RPL 3, but the stack is for ring 0' 'written at .*<way_userhandler>'
ends irqnoidt 'first fault: IRQ 0 (vector 32)' 'there is no IDT'
ends irqshort 'first fault: IRQ 0 (vector 112)' 'beyond IDTR.s limit 0x17f' 'by .*<way_irqshort>: lidt'
ends v86 'EFLAGS gets VM by this instruction' '> .*iret'

# Stacks, and code that is none.
ends stackcode 'what stands there was written at .*<way_stackcode+.*: push'
ends nostack 'it ran on from 0xffffffff' '<way_nostack+.*: ret'
ends recurse 'that instruction was written at .*<way_recurse+.*: call' 'no memory at physical'
ends nullcall 'cr2 0x00000000' 'it came there at .*<way_nullcall+.*: call \*%eax'
ends longname 'cr2 0x00000000' 'it came there at .*<a_name_of_ninety_[a-z_]*>: call \*%eax'
ends hole 'it came there at .*<way_hole+.*: jmp \*%eax' 'there is no memory at physical 0x80000000'
ends overwritten 'what stands there was written at .*<way_overwritten+.*: movl'
ends intodata '<somedata>' 'it came there at .*<way_intodata+.*: jmp'
ends lock 'first fault: #UD' 'the lock prefix goes only with'
ends tf 'first fault: #DB' 'a single step, as TF is set'

# Page tables and tasks.
ends cr3zero 'before it: .*<way_cr3zero+.*: mov %eax, %cr3' 'CR3 was last loaded at .*<way_cr3zero+'
ends userpde 'ring 3 may not use the page' 'the PDE was last written at .*<way_userpde+'
ends gdtgone 'cr2 is in the GDT' 'the PDE was last written at .*<way_gdtgone+'
ends tssmem 'first fault: #BP' 'cr2 0x00600004' 'cr2 is in the TSS'
ends wrongframe 'the entry of its page was written at .*<way_wrongframe+'
ends taskcr3 'on its way to .*<handler>' 'CR3 was last loaded at .*<way_taskcr3+.*: ljmp'
ends taskcs 'the new task.s CS is 0x0010' 'at its offset 76 is 0x0010' 'it was last written at .*<way_taskcs+'
ends nested 'NT is set, so iret returns to the task in the TSS.s link'

# No fault at all.
ends slaveeoi 'IRQ 8 waits, but an earlier one is still in service: no end of interrupt at port 0xa0'
ends kbd 'IRQ 1 is not masked, but no key is pressed'
ends apictpr 'vector 64 waits at the local APIC, but the task priority is 0x50'
ends popfring3 'no progress' 'IF = 0: no interrupt is taken; IRQ 0 waits'
ends handlerif 'no progress' 'the handler of IRQ 0 (vector 32), entered at mark [0-9]*, has not returned'
limit=6000000 # long after it was entered
ends handlerif 'no progress' 'the handler of IRQ 0 (vector 32), entered at mark [0-9]*, has not returned'
limit=60000
ends pfloop 'no progress: #PF' 'its handler returns to the same instruction each time'
ends gpskip 'no progress: #GP' 'its handler returns elsewhere'

guest=guest/tests/cli/failing.elf
ends noremap 'first fault: #GP' 'ESP is 4 bytes above the frame of IRQ 0, vector 8' 'sends this IRQ as the vector of #DF'
guest=guest/tests/cli/ending.elf

# With --all nothing is left out; in a file the rows are not wider than on a terminal.
$program why "$guest" --append errcode --all > "$scratch/all"
$program why "$guest" --append errcode > "$scratch/rows"
unbroken < "$scratch/all" > "$scratch/why"
{
  grep -q 'are left out: see why --all' "$scratch/rows" && ! grep -q 'left out' "$scratch/all" &&
    grep -q '^  the gate of vector 13 (#GP) is no interrupt, trap or task gate: IDT + 0x68 holds type 0x0' "$scratch/why" &&
    ! tr -d '\200-\277' < "$scratch/all" | grep -q '^.\{81\}' &&
    [ "$(grep -cvxFf "$scratch/all" "$scratch/rows")" -eq 1 ]
} || {
  echo 'FAIL: --all does not tell all that the screen had no room for' >&2
  failures=$((failures + 1))
}

# An EOI tells the trace which IRQ it ends: here, only that of the second 8259's line.
$program trace --io "$guest" --append slaveeoi > "$scratch/trace" 2> "$scratch/errors"
grep -q 'out port 0x0020, 1 byte, 0x20, ends IRQ 2 ' "$scratch/trace" && ! grep -q 'ends IRQ 8' "$scratch/trace" || {
  echo 'FAIL: trace does not say which IRQ an EOI ends' >&2
  failures=$((failures + 1))
}

[ "$failures" -eq 0 ]

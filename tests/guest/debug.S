/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints in the debug registers.
 * SDM 3B §17.2 "Debug Registers"; §17.3.1.1 "Instruction-Breakpoint Exception Condition";
 * §17.3.1.2 "Data Memory and I/O Breakpoint Exception Conditions"
 */
#include "runtime.h"

#define LOCAL(n)      (1 << (2 * (n)))
#define GLOBAL(n)     (2 << (2 * (n)))
#define ON_CODE(n)    0
#define ON_WRITE(n)   (1 << (16 + 4 * (n)))
#define ON_PORT(n)    (2 << (16 + 4 * (n)))
#define ON_DATA(n)    (3 << (16 + 4 * (n)))
#define LENGTH_2(n)   (1 << (18 + 4 * (n)))
#define LENGTH_4(n)   (3 << (18 + 4 * (n)))
#define GENERAL_DETECT (1 << 13)

.macro DEBUG_SET number, value
    movl $(\value), %eax
    movl %eax, %dr\number
.endm

/* Nothing enabled, nothing reported. */
.macro DEBUG_CLEAR
    DEBUG_SET 7, 0
    DEBUG_SET 6, 0
.endm

/* One breakpoint, DR0, on `cell`. */
.macro WATCH name, control, instruction
    DEBUG_SET 0, cell
    DEBUG_SET 7, (\control)
    TRY "\name"
    movl $cell, %ebx
    \instruction
    nop
    nop
    END_TRY
    DEBUG_CLEAR
.endm

#define WRITE_4 (LOCAL(0) | ON_WRITE(0) | LENGTH_4(0))
#define DATA_4  (LOCAL(0) | ON_DATA(0) | LENGTH_4(0))

    .text
    .globl test_main
test_main:
    DEBUG_CLEAR
    DEBUG_SET 1, 0x12345678
    movl %dr1, %eax
    SAY_HEX "dr1 ", %eax
    DEBUG_SET 7, 0xffff03ff
    movl %dr7, %ecx
    DEBUG_CLEAR
    SAY_HEX " dr7 ", %ecx
    SAY "\n"
    DEBUG_SET 6, 0xffffffff
    movl %dr6, %eax
    SAY_HEX "dr6, ones written ", %eax
    SAY "\n"
    DEBUG_CLEAR

/* -- data -- */
    WATCH "write: written", WRITE_4, "movl %eax, (%ebx)"
    WATCH "write: read", WRITE_4, "movl (%ebx), %eax"
    WATCH "write: added to", WRITE_4, "addl %eax, (%ebx)"
    WATCH "write: its last byte", WRITE_4, "movb %al, 3(%ebx)"
    WATCH "write: the byte behind", WRITE_4, "movb %al, 4(%ebx)"
    WATCH "write: from the byte in front", WRITE_4, "movw %ax, -1(%ebx)"
    WATCH "write: the long in front", WRITE_4, "movl %eax, -4(%ebx)"
    WATCH "write: pushed", WRITE_4, "leal 4(%ebx), %esp; pushl %eax"
    WATCH "write: called", WRITE_4, "leal 4(%ebx), %esp; call 1f; 1: nop"
    WATCH "write: stosb", WRITE_4, "movl %ebx, %edi; stosb"
    WATCH "write: rep stosb, the third", WRITE_4, "leal -2(%ebx), %edi; movl $5, %ecx; rep stosb"
    SAY_HEX "  ecx ", (fault+68)
    SAY "\n"
    WATCH "write: globally enabled", (GLOBAL(0) | ON_WRITE(0) | LENGTH_4(0)), "movl %eax, (%ebx)"
    WATCH "write: not enabled", (ON_WRITE(0) | LENGTH_4(0)), "movl %eax, (%ebx)"
    WATCH "write: xchg", WRITE_4, "xchgl %eax, (%ebx)"
    WATCH "write: lea", WRITE_4, "leal (%ebx), %eax"
    WATCH "data: read", DATA_4, "movl (%ebx), %eax"
    WATCH "data: written", DATA_4, "movl %eax, (%ebx)"
    WATCH "data: compared", DATA_4, "cmpl %eax, (%ebx)"
    WATCH "data: lodsb", DATA_4, "movl %ebx, %esi; lodsb"
    WATCH "data, 1 byte: the next", (LOCAL(0) | ON_DATA(0)), "movb 1(%ebx), %al"
    WATCH "data, 1 byte: a long", (LOCAL(0) | ON_DATA(0)), "movl (%ebx), %eax"
    WATCH "data, 2 bytes: the second", (LOCAL(0) | ON_DATA(0) | LENGTH_2(0)), "movb 1(%ebx), %al"
    WATCH "data, 2 bytes: the third", (LOCAL(0) | ON_DATA(0) | LENGTH_2(0)), "movb 2(%ebx), %al"

    DEBUG_SET 0, (user_stack_top - 8)
    DEBUG_SET 7, DATA_4
    TRY "data: popped in ring 3"
    RING 3
    movl $user_stack_top - 8, %esp
    popl %eax
    nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 0, cell + 1
    DEBUG_SET 7, DATA_4
    TRY "address that is not aligned"
    movb cell, %al
    nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 0, cell
    DEBUG_SET 3, cell + 2
    DEBUG_SET 7, (DATA_4 | LOCAL(3) | ON_WRITE(3))
    TRY "two breakpoints at once"
    movl %eax, cell
    nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 7, DATA_4
    TRY "in ring 3"
    RING 3
    movl cell, %eax
    nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 7, DATA_4
    TRY "together with a single step"
    pushl $FLAG_FIXED | FLAG_TF
    popfl
    movl cell, %eax
    nop
    END_TRY
    DEBUG_CLEAR
    movl $KERNEL_DATA, cell
    DEBUG_SET 7, DATA_4
    TRY "mov ss from memory: one instruction later"
    movw cell, %ss
    nop
    nop
    END_TRY
    DEBUG_CLEAR

/* -- instructions -- */
    DEBUG_SET 0, 1f
    DEBUG_SET 7, LOCAL(0)
    TRY "instruction"
    nop
1:  nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 0, 1f + 1
    DEBUG_SET 7, LOCAL(0)
    TRY "instruction, but not its first byte"
1:  movl $0, %eax
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 2, 1f
    DEBUG_SET 7, GLOBAL(2)
    TRY "instruction that would fault"
1:  ud2
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 2, 1f
    DEBUG_SET 7, LOCAL(2)
    TRY "instruction behind mov ss"
    movl %ss, %eax
    movl %eax, %ss
1:  nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 1, 1f
    DEBUG_SET 7, LOCAL(1)
    TRY "instruction, with RF"
    pushl $FLAG_FIXED | FLAG_RF
    pushl $KERNEL_CODE
    pushl $1f
    iretl
1:  nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 1, 2f
    DEBUG_SET 7, LOCAL(1)
    TRY "the one behind that"
    pushl $FLAG_FIXED | FLAG_RF
    pushl $KERNEL_CODE
    pushl $1f
    iretl
1:  nop
2:  nop
    END_TRY
    DEBUG_CLEAR
    TRY "pushf does not see RF"
    pushl $FLAG_FIXED | FLAG_RF
    pushl $KERNEL_CODE
    pushl $1f
    iretl
1:  pushfl
    popl %eax
    movl %eax, status
    END_TRY
    SAY_HEX "  flags ", (status)
    SAY "\n"

/* A handler that sets RF and returns: the breakpoint is met once. */
    GATE 1, resume_handler, KERNEL_CODE, GATE_INTERRUPT
    DEBUG_SET 0, 1f
    DEBUG_SET 7, LOCAL(0)
    movl $3, %ecx
    movl $source, %esi
    movl $target, %edi
1:  rep movsb
    DEBUG_CLEAR
    SAY_HEX "rep movsb: met ", (met)
    SAY " times\n"
    movl $0, met
    DEBUG_SET 0, target
    DEBUG_SET 7, DATA_4
    movl $3, %ecx
    movl $source, %esi
    movl $target, %edi
    rep movsb
    DEBUG_CLEAR
    SAY_HEX "rep movsb to a breakpoint: met ", (met)
    SAY_HEX " times, flags ", (met_flags)
    SAY "\n"
    GATE_DEFAULT 1

/* -- ports -- */
    DEBUG_SET 0, 0x80
    DEBUG_SET 7, (LOCAL(0) | ON_PORT(0))
    TRY "port, without CR4.DE"
    outb %al, $0x80
    nop
    END_TRY
    DEBUG_CLEAR
    CONTROL_SET cr4, CR4_DE
    DEBUG_SET 7, (LOCAL(0) | ON_PORT(0))
    TRY "port: out"
    outb %al, $0x80
    nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 7, (LOCAL(0) | ON_PORT(0))
    TRY "port: in"
    inb $0x80, %al
    nop
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 7, (LOCAL(0) | ON_PORT(0))
    TRY "port: another"
    outb %al, $0x84
    nop
    END_TRY
    DEBUG_CLEAR
    CONTROL_CLEAR cr4, CR4_DE

/* -- the rest -- */
    DEBUG_SET 7, GENERAL_DETECT
    TRY "general detect"
    movl %dr0, %eax
    END_TRY
    DEBUG_CLEAR
    DEBUG_SET 6, 0x4000
    DEBUG_SET 7, DATA_4
    DEBUG_SET 0, cell
    TRY "BS stays"
    movl cell, %eax
    nop
    END_TRY
    DEBUG_CLEAR
    ret

resume_handler:
    incl met
    pushl 8(%esp)
    popl met_flags
    orl $FLAG_RF, 8(%esp)
    iretl

    .data
    .balign 16
    .skip 1024 /* a stack */
cell: .skip 16
status: .long 0
met: .long 0
met_flags: .long 0
source: .ascii "abcdefgh"
    .balign 4
target: .skip 8

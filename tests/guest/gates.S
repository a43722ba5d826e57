/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: types, widths, DPL, present, what they point to, the end of the IDT.
 * SDM 3A §6.11 "IDT Descriptors"; §6.12.1 "Exception- or Interrupt-Handler Procedures"
 */
#include "runtime.h"

#define VECTOR 0x40

/* The same gate for a software interrupt, for #UD, and #GP (which has an error code). */
.macro GATES selector, access
    GATE VECTOR, STUB(VECTOR), \selector, \access
    GATE 6, STUB(6), \selector, \access
.endm
.macro CAUSES text
    TRY "\text: int, ring 0"
    int $VECTOR
    END_TRY
    TRY "\text: int, ring 3"
    RING 3
    int $VECTOR
    END_TRY
    TRY "\text: #UD, ring 0"
    ud2
    END_TRY
    TRY "\text: #UD, ring 3"
    RING 3
    ud2
    END_TRY
.endm

.macro NARROW_TRY name
    TRY "\name"
    movl $1, frame_is_narrow
.endm

    .text
    .globl test_main
test_main:
    GATES KERNEL_CODE, GATE_INTERRUPT
    CAUSES "DPL 0"
    GATES KERNEL_CODE, (GATE_INTERRUPT | DPL(1))
    CAUSES "DPL 1"
    TRY "DPL 1: int, ring 1"
    RING 1
    int $VECTOR
    END_TRY
    TRY "DPL 1: int3 through a gate of DPL 3, ring 3"
    RING 3
    int3
    END_TRY
    GATE 3, STUB(3), KERNEL_CODE, GATE_INTERRUPT
    GATE 4, STUB(4), KERNEL_CODE, GATE_INTERRUPT
    TRY "DPL 0: int3, ring 3"
    RING 3
    int3
    END_TRY
    TRY "DPL 0: into, ring 3"
    RING 3
    pushl $FLAG_FIXED | FLAG_OF
    popfl
    into
    END_TRY
    GATE_DEFAULT 3
    GATE_DEFAULT 4

    GATES KERNEL_CODE, ((GATE_INTERRUPT | DPL(3)) & ~PRESENT)
    CAUSES "not present"
    GATES KERNEL_CODE, (GATE_INTERRUPT & ~PRESENT)
    CAUSES "not present, DPL 0"
    GATES KERNEL_CODE, 0
    CAUSES "type 0"
    GATES KERNEL_CODE, (GATE_CALL | DPL(3))
    CAUSES "call gate"
    GATES KERNEL_CODE, (GATE_CALL16 | DPL(3))
    CAUSES "16-bit call gate"
    GATES KERNEL_CODE, (CODE_READABLE | DPL(3))
    CAUSES "code segment"
    GATES KERNEL_CODE, (TSS_ACCESS | DPL(3))
    CAUSES "TSS"
    GATES KERNEL_CODE, (0x8d | DPL(3))
    CAUSES "reserved type 13"

    GATES 0, (GATE_INTERRUPT | DPL(3))
    CAUSES "null selector"
    GATES 3, (GATE_INTERRUPT | DPL(3))
    CAUSES "null selector with RPL"
    GATES (GDT_BYTES + 3), (GATE_INTERRUPT | DPL(3))
    CAUSES "beyond the GDT"
    GATES (LDT_BYTES + 4), (GATE_INTERRUPT | DPL(3))
    CAUSES "beyond the LDT"
    GATES KERNEL_DATA, (GATE_INTERRUPT | DPL(3))
    CAUSES "data segment"
    GATES LDT_DATA, (GATE_INTERRUPT | DPL(3))
    CAUSES "data segment of the LDT"
    GATES TSS_MAIN, (GATE_INTERRUPT | DPL(3))
    CAUSES "TSS for code"
    DESCRIPTOR SPARE_0, 0, 0xfffff, ((CODE_READABLE | BIG | PAGES) & ~PRESENT)
    GATES SPARE_0, (GATE_INTERRUPT | DPL(3))
    CAUSES "code not present"
    DESCRIPTOR LDT_SPARE_0, 0, 0xfffff, ((CODE_READABLE | BIG | PAGES) & ~PRESENT)
    GATES LDT_SPARE_0, (GATE_INTERRUPT | DPL(3))
    CAUSES "code of the LDT not present"
    DESCRIPTOR SPARE_0, 0, 0x0ff, (CODE_READABLE | BIG)
    GATES SPARE_0, (GATE_INTERRUPT | DPL(3))
    CAUSES "offset beyond the code segment's limit"
    xorl %eax, %eax
    lldt %ax
    GATES LDT_CODE, (GATE_INTERRUPT | DPL(3))
    CAUSES "LDT selector without an LDT"
    movl $LDT_MAIN, %eax
    lldt %ax
    GATE_DEFAULT VECTOR
    GATE_DEFAULT 6

/* IF and TF in the handler; each gate type. The stub cannot tell, so a handler of our own does. */
    GATE VECTOR, flags_handler, KERNEL_CODE, GATE_TRAP
    pushl $FLAG_FIXED | FLAG_NT | FLAG_IF | FLAG_IOPL | FLAG_DF | FLAG_AC | FLAG_ID
    popfl
    int $VECTOR
    pushl $FLAG_FIXED
    popfl
    SAY_HEX "in a trap gate's handler: eflags ", %ebx
    SAY_HEX " pushed ", %esi
    GATE VECTOR, flags_handler, KERNEL_CODE, GATE_INTERRUPT
    pushl $FLAG_FIXED | FLAG_NT | FLAG_IF | FLAG_IOPL | FLAG_DF | FLAG_AC | FLAG_ID
    popfl
    int $VECTOR
    pushl $FLAG_FIXED
    popfl
    SAY_HEX "\nin an interrupt gate's handler: eflags ", %ebx
    SAY_HEX " pushed ", %esi
    SAY "\n"

/* 16-bit gates: the frame is of words, the offset has 16 bits. */
    GATE VECTOR, (16 * VECTOR), LOW_CODE, (GATE_INTERRUPT16 | DPL(3))
    NARROW_TRY "16-bit interrupt gate, ring 0"
    int $VECTOR
    END_TRY
    NARROW_TRY "16-bit interrupt gate, ring 3"
    RING 3
    int $VECTOR
    END_TRY
    GATE VECTOR, (16 * VECTOR), LOW_CODE, (GATE_TRAP16 | DPL(3))
    NARROW_TRY "16-bit trap gate, ring 0"
    int $VECTOR
    END_TRY
    NARROW_TRY "16-bit trap gate, ring 3"
    RING 3
    int $VECTOR
    END_TRY
    GATE 13, (16 * 13), LOW_CODE, (GATE_INTERRUPT16 | DPL(3))
    NARROW_TRY "16-bit gate with error code, ring 0"
    pushl $GDT_BYTES
    popl %ds
    END_TRY
    NARROW_TRY "16-bit gate with error code, ring 3"
    RING 3
    hlt
    END_TRY
    GATE_DEFAULT 13
    GATE_DEFAULT VECTOR

/* The IDT ends with vector 0x20; all that a case needs are the exceptions. */
    TRY "beyond the IDT, ring 0"
    lidt short_idt
    int $VECTOR
    END_TRY
    TRY "beyond the IDT, ring 3"
    lidt short_idt
    RING 3
    int $VECTOR
    END_TRY
    TRY "half a gate within the IDT"
    lidt cut_idt
    int $0x20
    END_TRY
    TRY "the last byte of a gate missing"
    lidt cut_1_idt
    int $0x20
    END_TRY
    TRY "the last gate of the IDT"
    lidt exact_idt
    int $0x20
    END_TRY
    ret

flags_handler:
    pushfl
    popl %ebx
    movl 8(%esp), %esi
    andl $~(FLAG_NT | FLAG_RF), 8(%esp)
    pushl %ebx
    andl $~FLAG_NT, (%esp)
    popfl
    iretl

    .data
short_idt: .word 0x20 * 8 - 1
    .long idt
cut_idt: .word 0x20 * 8 + 3
    .long idt
cut_1_idt: .word 0x20 * 8 + 6
    .long idt
exact_idt: .word 0x20 * 8 + 7
    .long idt

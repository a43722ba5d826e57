/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions while an exception is delivered: which become a double fault, and which are handled
 * one after the other. SDM 3A §6.15 "Exception and Interrupt Reference", table 6-5 "Conditions for
 * Generating a Double Fault".
 */
#include "runtime.h"

#define VECTOR 0x40
#define NOT_PRESENT ((GATE_INTERRUPT | DPL(3)) & ~PRESENT)

.macro ABSENT vector
    GATE \vector, STUB(\vector), KERNEL_CODE, NOT_PRESENT
.endm
/* The handler's segment descriptor is in a page that is not there: its delivery is a page fault. */
.macro UNREACHABLE vector
    GATE \vector, STUB(\vector), LDT_CODE, (GATE_INTERRUPT | DPL(3))
.endm

.macro CAUSES text
    TRY "\text: int"
    int $VECTOR
    END_TRY
    TRY "\text: int in ring 3"
    RING 3
    int $VECTOR
    END_TRY
    TRY "\text: int 0"
    int $0
    END_TRY
    TRY "\text: #UD"
    ud2
    END_TRY
    TRY "\text: #DE"
    xorl %ecx, %ecx
    divl %ecx
    END_TRY
    TRY "\text: #DE in ring 3"
    RING 3
    xorl %ecx, %ecx
    divl %ecx
    END_TRY
    TRY "\text: #GP in ring 3"
    RING 3
    hlt
    END_TRY
    TRY "\text: #PF"
    movl TEST_LINEAR, %eax
    END_TRY
    TRY "\text: #PF in ring 3"
    RING 3
    pushl $1
    movl TEST_LINEAR + 5, %eax
    END_TRY
.endm

.macro EACH do
    \do VECTOR
    \do 0
    \do 6
    \do 13
    \do 14
.endm

    .text
    .globl test_main
test_main:
    call paging_on
    TEST_PTE 0, 0
    CAUSES "all is well"

    EACH ABSENT
    CAUSES "gate not present"
    EACH GATE_DEFAULT

/* #NP cannot be delivered either: contributory upon contributory. */
    ABSENT VECTOR
    ABSENT 11
    TRY "gate not present, nor that of #NP"
    int $VECTOR
    END_TRY
    TRY "gate not present, nor that of #NP: ring 3"
    RING 3
    int $VECTOR
    END_TRY
    EACH GATE_DEFAULT
    GATE_DEFAULT 11

/* An LDT in the missing page. */
    DESCRIPTOR SPARE_0, TEST_LINEAR, (LDT_BYTES - 1), LDT_ACCESS
    movl $SPARE_0, %eax
    lldt %ax
    EACH UNREACHABLE
    GATE_DEFAULT 14
    CAUSES "descriptor in a missing page, but for #PF"
    UNREACHABLE 14
    CAUSES "descriptor in a missing page"
    EACH GATE_DEFAULT
    movl $LDT_MAIN, %eax
    lldt %ax

/* The upper part of the IDT in the missing page. */
    movl $idt, %esi
    movl $TEST_LINEAR - VECTOR * 8, %edi
    movl $VECTOR * 8 / 4, %ecx
    rep movsl
    TRY "gate in a missing page: int"
    lidt split_idt
    int $VECTOR + 1
    END_TRY
    TRY "gate in a missing page: int in ring 3"
    lidt split_idt
    RING 3
    int $VECTOR + 1
    END_TRY

/* A GDT whose upper part is in the missing page. */
    movl $gdt, %esi
    movl $TEST_LINEAR - SPARE_0, %edi
    movl $SPARE_0 / 4, %ecx
    rep movsl
    GATE VECTOR, STUB(VECTOR), SPARE_0, (GATE_INTERRUPT | DPL(3))
    TRY "descriptor of the GDT in a missing page: int"
    lgdt split_gdt
    int $VECTOR
    END_TRY
    TRY "descriptor of the GDT in a missing page: int in ring 3"
    lgdt split_gdt
    RING 3
    int $VECTOR
    END_TRY
    TRY "descriptor of the GDT in a missing page: mov to ds"
    lgdt split_gdt
    movl $SPARE_0, %eax
    movl %eax, %ds
    END_TRY
    TRY "descriptor of the GDT in a missing page: mov to ds in ring 3"
    lgdt split_gdt
    RING 3
    movl $SPARE_0, %eax
    movl %eax, %ds
    END_TRY

/* A TSS whose SS1 is in the missing page. */
    movl $tss_main, %esi
    movl $TEST_LINEAR - TSS_SS1, %edi
    movl $TSS_SS1 / 4, %ecx
    rep movsl
    DESCRIPTOR SPARE_0, (TEST_LINEAR - TSS_SS1), (TSS_BYTES - 1), TSS_ACCESS
    movl $SPARE_0, %eax
    ltr %ax
    GATE VECTOR, STUB(VECTOR), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    GATE 6, STUB(6), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    GATE 0, STUB(0), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    TRY "SS1 in a missing page: int in ring 3"
    RING 3
    int $VECTOR
    END_TRY
    TRY "SS1 in a missing page: #UD in ring 3"
    RING 3
    ud2
    END_TRY
    TRY "SS1 in a missing page: #DE in ring 3"
    RING 3
    xorl %ecx, %ecx
    divl %ecx
    END_TRY
    andb $~BUSY, gdt + TSS_MAIN + 5
    movl $TSS_MAIN, %eax
    ltr %ax
    EACH GATE_DEFAULT

/* What a bad stack does to a contributory exception. */
    GATE 0, STUB(0), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    movw $0, tss_main + TSS_SS1
    TRY "no stack: #DE in ring 3"
    RING 3
    xorl %ecx, %ecx
    divl %ecx
    END_TRY
    GATE 14, STUB(14), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    TRY "no stack: #PF in ring 3"
    RING 3
    movl TEST_LINEAR, %eax
    END_TRY
    ret

    .data
split_idt: .word 256 * 8 - 1
    .long TEST_LINEAR - VECTOR * 8
split_gdt: .word GDT_BYTES - 1
    .long TEST_LINEAR - SPARE_0

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks of the TSS that cannot be used.  A gate into ring 1 has the bad stack, so that the
 * exception it causes has a good one, in ring 0.  SDM 3A §6.12.1 "Exception- or Interrupt-Handler
 * Procedures"; SDM 2A "INT n/INTO/INT3/INT1—Call to Interrupt Procedure"
 */
#include "runtime.h"

#define VECTOR 0x40
#define SS1  tss_main + TSS_SS1
#define ESP1 tss_main + TSS_ESP1

/* By a software interrupt and by a fault: EXT tells them apart. */
.macro CAUSES text
    TRY "\text: int"
    RING 3
    int $VECTOR
    END_TRY
    TRY "\text: #UD"
    RING 3
    ud2
    END_TRY
.endm

.macro STACK text, selector
    movw $(\selector), SS1
    CAUSES "\text"
.endm

    .text
    .globl test_main
test_main:
    GATE VECTOR, STUB(VECTOR), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    GATE 6, STUB(6), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    STACK "good", RING1_DATA
    STACK "null", 0
    STACK "null with RPL 1", 1
    STACK "RPL 0", (RING1_DATA & ~3)
    STACK "RPL 3", (RING1_DATA | 3)
    STACK "DPL 0", (KERNEL_DATA | 1)
    STACK "DPL 3", (USER_DATA & ~3 | 1)
    STACK "code", RING1_CODE
    STACK "beyond the GDT", (GDT_BYTES | 1)
    STACK "beyond the LDT", (LDT_BYTES | 4 | 1)
    STACK "TSS", (TSS_MAIN | 1)
    DESCRIPTOR SPARE_0, 0, 0xfffff, (DATA_READ_ONLY | DPL(1) | BIG | PAGES)
    STACK "read-only", (SPARE_0 | 1)
    DESCRIPTOR SPARE_0, 0, 0xfffff, ((DATA_WRITABLE | DPL(1) | BIG | PAGES) & ~PRESENT)
    STACK "not present", (SPARE_0 | 1)
    DESCRIPTOR LDT_SPARE_0, 0, 0xfffff, ((DATA_WRITABLE | DPL(1) | BIG | PAGES) & ~PRESENT)
    STACK "not present, in the LDT", (LDT_SPARE_0 | 1)
    DESCRIPTOR LDT_SPARE_0, 0, 0xfffff, (DATA_WRITABLE | DPL(1) | BIG | PAGES)
    STACK "good, in the LDT", (LDT_SPARE_0 | 1)

/* Limits: the frame does not fit. */
    DESCRIPTOR SPARE_0, 0, 0xfff, (DATA_WRITABLE | DPL(1) | BIG)
    STACK "beyond the limit", (SPARE_0 | 1)
    DESCRIPTOR SPARE_0, 0, 0xfffff, (DATA_DOWN | DPL(1) | BIG | PAGES)
    STACK "expand-down, below the limit", (SPARE_0 | 1)
    DESCRIPTOR SPARE_0, 0, 0, (DATA_DOWN | DPL(1) | BIG | PAGES)
    STACK "expand-down, above the limit", (SPARE_0 | 1)
    movw $RING1_DATA, SS1

/* The TSS itself ends too early: SS1 is its bytes 16 and 17. */
    .irp limit, 11, 15, 16, 17
    DESCRIPTOR SPARE_0, tss_main, \limit, TSS_ACCESS
    movl $SPARE_0, %eax
    ltr %ax
    CAUSES "TSS limit \limit"
    .endr
    andb $~BUSY, gdt + TSS_MAIN + 5
    movl $TSS_MAIN, %eax
    ltr %ax

/* A 16-bit TSS: SP1 and SS1 are its words 3 and 4. */
    movw $ring1_low_top, tss_small + 6
    movw $SPARE_1 | 1, tss_small + 8
    movw $ring0_low_top, tss_small + 2
    movw $SPARE_2, tss_small + 4
    DESCRIPTOR SPARE_0, tss_small, 43, TSS16_ACCESS
    DESCRIPTOR SPARE_1, low_stacks, 0xffff, (DATA_WRITABLE | DPL(1))
    DESCRIPTOR SPARE_2, low_stacks, 0xffff, DATA_WRITABLE
    movl $SPARE_0, %eax
    ltr %ax
    GATE VECTOR, small_handler, RING1_CODE, (GATE_INTERRUPT | DPL(3))
    GATE QUIET_VECTOR, small_quiet, KERNEL_CODE, (GATE_INTERRUPT | DPL(3))
    movl %esp, saved_esp
    RING 3
    int $VECTOR
    int $QUIET_VECTOR
1:  SAY_HEX "16-bit TSS: ring 1 stack pointer ", %esi
    SAY_HEX ", ss ", %edi
    SAY_HEX ", saved esp - top ", %ebx
    SAY "\n"
    GATE_DEFAULT QUIET_VECTOR
    GATE VECTOR, STUB(VECTOR), RING1_CODE, (GATE_INTERRUPT | DPL(3))
    andb $~BUSY, gdt + TSS_MAIN + 5
    movl $TSS_MAIN, %eax
    ltr %ax

/* The stack's page. */
    call paging_on
    movl $TEST_LINEAR + PAGE_BYTES, ESP1
    TEST_PTE 0, 0
    CAUSES "page not present"
    TEST_PTE 0, (TEST_PHYS | PAGE_P)
    CONTROL_SET cr0, CR0_WP
    CAUSES "page read-only, WP"
    CONTROL_CLEAR cr0, CR0_WP
    CAUSES "page read-only, no WP"
    TEST_PTE 0, (TEST_PHYS | PAGE_P | PAGE_RW)
    CAUSES "page good, and not for ring 3"
    SAY_HEX "its entry ", (page_table+TEST_PDE*PAGE_BYTES)
    SAY "\n"
    movl $TEST_LINEAR + PAGE_BYTES + 8, ESP1
    TEST_PTE 1, 0
    CAUSES "second page not present"
    TEST_PTE 0, 0
    TEST_PTE 1, (TEST_PHYS | PAGE_ALL)
    CAUSES "first page not present"
    call paging_off

/* To ring 3, on the user's own stack. */
    GATE 6, STUB(6), USER_CODE, (GATE_INTERRUPT | DPL(3))
    call paging_on
    TEST_PTE 0, 0
    TRY "ring 3 to ring 3: page not present"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    ud2
    END_TRY
    TEST_PTE 0, (TEST_PHYS | PAGE_P | PAGE_RW)
    TRY "ring 3 to ring 3: page not for ring 3"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    ud2
    END_TRY
    TEST_PTE 0, (TEST_PHYS | PAGE_P | PAGE_US)
    TRY "ring 3 to ring 3: page read-only"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    ud2
    END_TRY
    call paging_off
    ret

/* On the 16-bit stack of ring 1. */
small_handler:
    movl %esp, %esi
    movl %ss, %edi
    movzwl %si, %ebx
    movl low_stacks + 12(%ebx), %ebx
    subl $user_stack_top, %ebx
    subl $low_stacks, %esi
    addl $low_stacks, %esi
    movl $low_stacks, %eax
    movzwl %si, %esi
    iretl
small_quiet:
    movl $KERNEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl saved_esp, %esp
    jmp 1b

    .set ring1_low_top, 0x400
    .set ring0_low_top, 0x800

    .bss
    .balign 16
low_stacks: .skip 0x1000
tss_small: .skip 44
    .balign 4
saved_esp: .skip 4

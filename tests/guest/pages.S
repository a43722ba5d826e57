/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rights of pages: each combination of P, R/W and U/S in both levels, CR0.WP, ring, and kind of
 * access. SDM 3A §4.6 "Access Rights"; §4.7 "Page-Fault Exceptions"
 */
#include "runtime.h"

#define ENTRIES 5
#define ACCESSES 3

    .text
    .globl test_main
test_main:
    movb $0xcd, TEST_PHYS + 4 /* `int $QUIET_VECTOR`, to be executed */
    movb $QUIET_VECTOR, TEST_PHYS + 5
    call paging_on
    SAY "PDE PTE: present, writable, user\n"
    CONTROL_CLEAR cr0, CR0_WP
    call directories
    CONTROL_SET cr0, CR0_WP
    call directories
    CONTROL_CLEAR cr0, CR0_WP
    TEST_PDE_SET (page_table + TEST_PDE * PAGE_BYTES + PAGE_ALL)
    call other_causes
    ret

/* For each pair of entries. */
directories:
    movl $0, pde_index
1:  movl pde_index, %eax
    movl rights(,%eax,4), %eax
    addl $page_table + TEST_PDE * PAGE_BYTES, %eax
    movl %eax, page_directory + 4 * TEST_PDE
    movl $0, pte_index
2:  movl pte_index, %eax
    movl rights(,%eax,4), %eax
    addl $TEST_PHYS, %eax
    movl %eax, page_table + TEST_PDE * PAGE_BYTES
    movl %cr3, %eax
    movl %eax, %cr3
    call accesses
    incl pte_index
    cmpl $ENTRIES, pte_index
    jne 2b
    incl pde_index
    cmpl $ENTRIES, pde_index
    jne 1b
    ret

/* Print the case's circumstances; the line goes on with TRY's name. */
.macro CIRCUMSTANCES
    pushl page_directory + 4 * TEST_PDE
    call say_rights
    addl $4, %esp
    SAY " "
    pushl page_table + TEST_PDE * PAGE_BYTES
    call say_rights
    addl $4, %esp
    movl %cr0, %eax
    testl $CR0_WP, %eax
    jnz 8887f
    SAY " WP 0 "
    jmp 8888f
8887:
    SAY " WP 1 "
8888:
.endm

accesses:
    CIRCUMSTANCES
    TRY "ring 0 reads"
    movl TEST_LINEAR, %eax
    END_TRY
    CIRCUMSTANCES
    TRY "ring 0 writes"
    movl %eax, TEST_LINEAR
    END_TRY
    CIRCUMSTANCES
    TRY "ring 0 executes"
    movl $TEST_LINEAR + 4, %eax
    jmp *%eax
    END_TRY
    CIRCUMSTANCES
    TRY "ring 3 reads"
    RING 3
    movl TEST_LINEAR, %eax
    END_TRY
    CIRCUMSTANCES
    TRY "ring 3 writes"
    RING 3
    movl %eax, TEST_LINEAR
    END_TRY
    CIRCUMSTANCES
    TRY "ring 3 executes"
    RING 3
    movl $TEST_LINEAR + 4, %eax
    jmp *%eax
    END_TRY
    CIRCUMSTANCES
    TRY "ring 1 writes"
    RING 1
    movl %eax, TEST_LINEAR
    END_TRY
    ret

/* Other ways to touch memory. */
other_causes:
    TEST_PTE 0, 0
    TEST_PTE 1, (TEST_PHYS | PAGE_ALL)
    TEST_PTE 2, 0
    TEST_PTE 3, (TEST_PHYS + PAGE_BYTES | PAGE_P | PAGE_US)
    TRY "read across the end"
    movl TEST_LINEAR + 2 * PAGE_BYTES - 2, %eax
    END_TRY
    TRY "read across the beginning"
    movl TEST_LINEAR + PAGE_BYTES - 2, %eax
    END_TRY
    movl $0x11223344, TEST_LINEAR + 2 * PAGE_BYTES - 4
    TRY "write across the end"
    movl $-1, TEST_LINEAR + 2 * PAGE_BYTES - 2
    END_TRY
    SAY_HEX "nothing is written: ", (TEST_LINEAR+2*PAGE_BYTES-4)
    SAY "\n"
    movb $0xb8, TEST_LINEAR + 2 * PAGE_BYTES - 2 /* mov $imm32, %eax */
    TRY "execute across the end"
    movl $TEST_LINEAR + 2 * PAGE_BYTES - 2, %eax
    jmp *%eax
    END_TRY
    movb $0x90, TEST_LINEAR + 2 * PAGE_BYTES - 2
    movb $0x90, TEST_LINEAR + 2 * PAGE_BYTES - 1
    TRY "run into the end"
    movl $TEST_LINEAR + 2 * PAGE_BYTES - 2, %eax
    jmp *%eax
    END_TRY
    TRY "push, ring 3"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    pushl $1
    END_TRY
    TRY "pop, ring 3"
    RING 3
    movl $TEST_LINEAR, %esp
    popl %eax
    END_TRY
    TRY "call, ring 3"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    call test_main
    END_TRY
    TRY "pusha across the beginning, ring 3"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES + 8, %esp
    pushal
    END_TRY
    TRY "lods"
    movl $TEST_LINEAR + 0x10, %esi
    lodsl
    END_TRY
    TRY "write of a read-only page, ring 3"
    RING 3
    movb $1, TEST_LINEAR + 3 * PAGE_BYTES + 1
    END_TRY
    TRY "jump to nowhere, ring 3"
    RING 3
    movl $TEST_LINEAR + 0x123, %eax
    jmp *%eax
    END_TRY
    TRY "call of nowhere"
    call *nowhere
    END_TRY
    TRY "lgdt from a missing page"
    lgdt TEST_LINEAR
    END_TRY
    .irp name, lgdt, lidt, lldt, ltr, lmsw, invlpg
    TRY "\name with a missing page in ring 3: its privilege comes first"
    RING 3
    \name TEST_LINEAR
    END_TRY
    .endr
    TRY "fninit does not touch memory, fnsave does"
    fninit
    fnsave TEST_LINEAR
    END_TRY
    TRY "bound from a missing page"
    bound %eax, TEST_LINEAR
    END_TRY
    TRY "lss from a missing page"
    lss TEST_LINEAR, %ecx
    END_TRY
    TRY "iret from a missing page, ring 3"
    RING 3
    movl $TEST_LINEAR, %esp
    iretl
    END_TRY
    TRY "above 2 GiB"
    movl 0xfffffffc, %eax
    END_TRY
    TRY "rcl keeps its flags when its store fails"
    TEST_PTE 0, (TEST_PHYS | PAGE_P)
    RING 3
    movb $0xff, %al
    cmpb $1, %al
    stc
    rclb $3, TEST_LINEAR + 0x20
    END_TRY
    TEST_PTE 0, 0
    TRY "enter"
    RING 3
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    enter $16, $0
    END_TRY
    ret

    .data
nowhere:   .long TEST_LINEAR + 0x40
pde_index: .long 0
pte_index: .long 0
rights:    .long 0, PAGE_P, PAGE_P | PAGE_RW, PAGE_P | PAGE_US, PAGE_P | PAGE_RW | PAGE_US

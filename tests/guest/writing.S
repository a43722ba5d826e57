/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code that writes code: behind itself, right in front of itself, through another mapping, across
 * two pages. SDM 3A §11.6 "Self-Modifying Code"
 */
#include "runtime.h"

#define RET 0xc3
#define ALIAS TEST_LINEAR + PAGE_BYTES
#define HIGH 0xe0000000
#define HIGH_PDE 0x380

    .text
    .globl test_main
test_main:
    call paging_on
    TEST_PTE 0, (TEST_PHYS | PAGE_ALL)
    TEST_PTE 1, (TEST_PHYS | PAGE_ALL)
    TEST_PTE 2, ((TEST_PHYS - PAGE_BYTES) | PAGE_ALL)

/* A routine written once, and changed after it ran. */
    movb $0xb8, TEST_LINEAR     /* mov $imm32, %eax */
    movl $0x1111, TEST_LINEAR + 1
    movb $RET, TEST_LINEAR + 5
    movl $TEST_LINEAR, %ebx
    call *%ebx
    SAY_HEX "first ", %eax
    movl $0x2222, TEST_LINEAR + 1
    call *%ebx
    SAY_HEX ", changed ", %eax
    movl $0x3333, ALIAS + 1
    call *%ebx
    SAY_HEX ", through an alias ", %eax
    movl $ALIAS, %esi
    call *%esi
    SAY_HEX ", run through the alias ", %eax
    SAY "\n"

/* Two routines in one page, data behind them, and then a new program over all of it. */
    movb $0xb8, TEST_LINEAR + 0x40
    movl $0xaaaa, TEST_LINEAR + 0x41
    movb $RET, TEST_LINEAR + 0x45
    movl $TEST_LINEAR + 0x40, %esi
    call *%esi
    SAY_HEX "the other one ", %eax
    movl $0, TEST_LINEAR + 0x80
    movl $0xbbbb, TEST_LINEAR + 0x41
    movl $0xcccc, TEST_LINEAR + 1
    call *%esi
    SAY_HEX ", changed ", %eax
    call *%ebx
    SAY_HEX ", and the first ", %eax
    SAY "\n"

/* After the translations were forgotten; and after an exception. */
    movl %cr3, %eax
    movl %eax, %cr3
    movl $0x2345, TEST_LINEAR + 1
    call *%ebx
    SAY_HEX "changed after a write of cr3 ", %eax
    TRY "an exception in between"
    ud2
    END_TRY
    movl $TEST_LINEAR, %ebx
    movl $0x3456, TEST_LINEAR + 1
    call *%ebx
    SAY_HEX "changed after an exception ", %eax
    invlpg TEST_LINEAR
    movl $0x4567, TEST_LINEAR + 1
    call *%ebx
    SAY_HEX ", after invlpg ", %eax
    movl $page_table + TEST_PDE * PAGE_BYTES + PAGE_ALL, page_directory + 4 * HIGH_PDE
    movl $0x5678, HIGH + 1
    call *%ebx
    SAY_HEX ", by a high address ", %eax
    movl $HIGH, %ebx
    movl $0x6789, HIGH + 1
    call *%ebx
    SAY_HEX ", run there ", %eax
    movl $0x789a, HIGH + 1
    call *%ebx
    SAY_HEX ", again ", %eax
    movl %cr3, %eax
    movl %eax, %cr3
    movl $0x89ab, HIGH + 1
    call *%ebx
    SAY_HEX ", after cr3 ", %eax
    SAY "\n"

/* The next instruction, in the same block. */
    movb $0x40, 2f              /* inc %eax over nop */
    xorl %eax, %eax
    jmp 1f
1:  movb $0x48, 2f              /* dec %eax, right in front of itself */
2:  nop
    SAY_HEX "right in front ", %eax
    SAY "\n"

/* A loop that changes its own addend. */
    movl $4, %ecx
    xorl %eax, %eax
1:  addl $1, %eax               /* 83 c0 01 */
    incb 1b + 2
    decl %ecx
    jnz 1b
    SAY_HEX "1 + 2 + 3 + 4 is ", %eax
    SAY "\n"

/* An instruction in two pages; the second half changes. */
    movl $0x90909090, TEST_LINEAR + PAGE_BYTES - 4
    movb $0xb8, ALIAS - 1
    TEST_PTE 1, ((TEST_PHYS - PAGE_BYTES) | PAGE_ALL)
    movl $0x4444, ALIAS
    movb $RET, ALIAS + 4
    movl $ALIAS - 3, %ebx
    call *%ebx
    SAY_HEX "across two pages ", %eax
    movl $0x5555, TEST_LINEAR + 2 * PAGE_BYTES
    call *%ebx
    SAY_HEX ", changed ", %eax
    movl $0x6666, TEST_PHYS - 2 * PAGE_BYTES
    movb $RET, TEST_PHYS - 2 * PAGE_BYTES + 4
    TEST_PTE 1, ((TEST_PHYS - 2 * PAGE_BYTES) | PAGE_ALL)
    call *%ebx
    SAY_HEX ", another second page ", %eax
    TEST_PTE 1, 0
    SAY "\n"
    TRY "the second page is gone"
    movl $ALIAS - 3, %ebx
    call *%ebx
    END_TRY

/* A string instruction that writes over what follows it. */
    movl $patch, %esi
    movl $1f, %edi
    movl $patch_end - patch, %ecx
    rep movsb
1:  movl $0x7777, %eax
    SAY_HEX "behind rep movsb ", %eax
    SAY "\n"
    call paging_off
    ret

    .section .rodata
patch:
    movl $0x8888, %eax
patch_end:

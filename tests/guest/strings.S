/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String instructions that fault midway: the registers say how far they came, and they can go on.
 * SDM 2B "REP/REPE/REPZ/REPNE/REPNZ—Repeat String Operation Prefix"
 */
#include "runtime.h"

#define END TEST_LINEAR + PAGE_BYTES

.macro SAY_REGISTERS
    SAY_HEX "  edi ", (fault+44)
    SAY_HEX " esi ", (fault+48)
    SAY_HEX " ecx ", (fault+68)
    SAY_HEX " eax ", (fault+72)
    SAY "\n"
.endm

/* A case that begins with empty registers. */
.macro STRING_TRY name
    TRY "\name"
    xorl %eax, %eax
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
.endm

    .text
    .globl test_main
test_main:
    call paging_on
    TEST_PTE 0, (TEST_PHYS | PAGE_ALL)
    TEST_PTE 1, 0
    STRING_TRY "rep stosl into a missing page"
    movl $0x5a5a5a5a, %eax
    movl $END - 12, %edi
    movl $8, %ecx
    rep stosl
    END_TRY
    SAY_REGISTERS
    STRING_TRY "rep stosl across the end"
    movl $END - 6, %edi
    movl $8, %ecx
    rep stosl
    END_TRY
    SAY_REGISTERS
    STRING_TRY "rep movsb out of a missing page"
    movl $END - 3, %esi
    movl $TEST_LINEAR, %edi
    movl $8, %ecx
    rep movsb
    END_TRY
    SAY_REGISTERS
    STRING_TRY "rep movsb, backwards"
    TEST_PTE 0, 0
    TEST_PTE 1, (TEST_PHYS | PAGE_ALL)
    std
    movl $END + 2, %edi
    movl $END + 100, %esi
    movl $8, %ecx
    rep movsb
    END_TRY
    SAY_REGISTERS
    TEST_PTE 0, (TEST_PHYS | PAGE_ALL)
    TEST_PTE 1, 0
    movl $0x00000041, END - 4
    STRING_TRY "repne scasb into a missing page"
    movb $0x42, %al
    movl $END - 4, %edi
    movl $-1, %ecx
    repne scasb
    END_TRY
    SAY_REGISTERS
    STRING_TRY "repe cmpsb into a missing page"
    movl $END - 3, %esi
    movl $END - 3, %edi
    movl $-1, %ecx
    repe cmpsb
    END_TRY
    SAY_REGISTERS
    STRING_TRY "rep lodsb"
    movl $END - 2, %esi
    movl $8, %ecx
    rep lodsb
    END_TRY
    SAY_REGISTERS
    STRING_TRY "rep insb into a missing page"
    movl $0x2f0, %edx
    movl $END - 2, %edi
    movl $8, %ecx
    rep insb
    END_TRY
    SAY_REGISTERS
    STRING_TRY "rep outsb out of a missing page"
    movl $0x2f0, %edx
    movl $END - 2, %esi
    movl $8, %ecx
    rep outsb
    END_TRY
    SAY_REGISTERS

/* The handler maps the page, and the instruction goes on. */
    GATE 14, map_handler, KERNEL_CODE, GATE_INTERRUPT
    movl $0x01010101, %eax
    movl $END - 2 * PAGE_BYTES + PAGE_BYTES, %edi
    movl $3 * PAGE_BYTES / 4, %ecx
    rep stosl
    SAY_HEX "faults while filling three pages ", (faults)
    SAY_HEX ", edi ", %edi
    SAY_HEX ", ecx ", %ecx
    SAY_HEX ", the last word ", (TEST_LINEAR+3*PAGE_BYTES-4)
    SAY "\n"
    GATE_DEFAULT 14

/* Prefixes of address and operand size. */
    STRING_TRY "rep movsw"
    movl $source, %esi
    movl $target, %edi
    movl $3, %ecx
    rep movsw
    ud2
    END_TRY
    movl $source, %eax
    subl %eax, fault + 48
    movl $target, %eax
    subl %eax, fault + 44
    SAY_REGISTERS
    STRING_TRY "addr16 rep stosb uses CX"
    movl $0xffff0003, %ecx
    movl $0x00010800, %edi
    movb $0x77, %al
    addr16 rep stosb
    ud2
    END_TRY
    SAY_REGISTERS
    call paging_off
    ret

map_handler:
    pushl %eax
    movl %cr2, %eax
    subl $TEST_LINEAR, %eax
    shrl $12, %eax
    pushl %ebx
    movl %eax, %ebx
    shll $12, %ebx
    addl $TEST_PHYS + PAGE_ALL, %ebx
    movl %ebx, page_table + TEST_PDE * PAGE_BYTES(,%eax,4)
    popl %ebx
    popl %eax
    incl faults
    addl $4, %esp
    iretl

    .data
source: .ascii "abcdefgh"
target: .skip 8
faults: .long 0

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the CPU leaves in page tables, pages of 4 MiB, and translations that are forgotten.
 * SDM 3A §4.8 "Accessed and Dirty Flags"; §4.3 "32-Bit Paging"; §4.10.4.1 "Operations that
 * Invalidate TLBs and Paging-Structure Caches"
 */
#include "runtime.h"

#define PTE0 page_table + TEST_PDE * PAGE_BYTES
#define PDE  page_directory + 4 * TEST_PDE

.macro FRESH entry
    movl $(\entry), PTE0
    movl $page_table + TEST_PDE * PAGE_BYTES + PAGE_ALL, PDE
    movl %cr3, %eax
    movl %eax, %cr3
.endm
.macro ENTRIES
    SAY_HEX "  pde ", (pde_copy)
    SAY_HEX " pte ", (PTE0)
    SAY "\n"
.endm
/* The page directory entry holds an address that depends on the linker: show its low bits. */
.macro SHOW text
    movl PDE, %eax
    andl $0xfff, %eax
    movl %eax, pde_copy
    SAY "\text"
    ENTRIES
.endm

    .text
    .globl test_main
test_main:
    movb $0xc3, TEST_PHYS + 8 /* ret */
    call paging_on
    FRESH (TEST_PHYS + PAGE_ALL)
    SHOW "untouched"
    movl TEST_LINEAR, %eax
    SHOW "after a read"
    FRESH (TEST_PHYS + PAGE_ALL)
    movl %eax, TEST_LINEAR
    SHOW "after a write"
    FRESH (TEST_PHYS + PAGE_ALL)
    movl TEST_LINEAR, %eax
    movl %eax, TEST_LINEAR
    SHOW "after a read and a write"
    FRESH (TEST_PHYS + PAGE_ALL)
    movl $TEST_LINEAR + 8, %eax
    call *%eax
    SHOW "after a call"
    FRESH (TEST_PHYS + PAGE_P)
    TRY "a write that fails"
    RING 3
    movl %eax, TEST_LINEAR
    END_TRY
    SHOW "after a write that fails in the page table"
    FRESH TEST_PHYS
    TRY "a read that fails"
    movl TEST_LINEAR, %eax
    END_TRY
    SHOW "after a read that fails"
    FRESH (TEST_PHYS + PAGE_ALL)
    invlpg TEST_LINEAR
    SHOW "after invlpg"
    FRESH (TEST_PHYS + PAGE_ALL)
    GATE 0x42, return, KERNEL_CODE, (GATE_INTERRUPT | DPL(3))
    movl $idt, %esi
    movl $TEST_LINEAR, %edi
    movl $256 * 2, %ecx
    rep movsl
    FRESH (TEST_PHYS + PAGE_ALL)
    lidt test_idt
    int $0x42
    lidt idt_pointer
    SHOW "after an interrupt through an IDT in this page"

/* The stack of the handler. */
    FRESH (TEST_PHYS + PAGE_ALL)
    movl %esp, %ebx
    movl $TEST_LINEAR + PAGE_BYTES, %esp
    int $0x42
    movl %ebx, %esp
    SHOW "after an interrupt onto a stack in this page"

/* The table that makes itself visible. */
    movl $page_table + TEST_PDE * PAGE_BYTES + PAGE_ALL, PTE0
    movl %cr3, %eax
    movl %eax, %cr3
    movl TEST_LINEAR, %eax
    andl $0xfff, %eax
    SAY_HEX "a table that maps itself shows its entry ", %eax
    SAY "\n"
    FRESH (TEST_PHYS + PAGE_ALL)

/* invlpg and CR3 make a new entry valid. */
    movl $0x11111111, TEST_PHYS - PAGE_BYTES
    movl $0x22222222, TEST_LINEAR
    movl TEST_LINEAR, %ebx
    movl $TEST_PHYS - PAGE_BYTES + PAGE_ALL, PTE0
    invlpg TEST_LINEAR
    movl TEST_LINEAR, %esi
    movl $TEST_PHYS + PAGE_ALL, PTE0
    movl %cr3, %eax
    movl %eax, %cr3
    movl TEST_LINEAR, %edi
    SAY_HEX "first ", %ebx
    SAY_HEX ", after invlpg ", %esi
    SAY_HEX ", after cr3 ", %edi
    SAY "\n"

/* Code behind a new translation. */
    movl $0x00c3c033, TEST_PHYS - PAGE_BYTES /* xor %eax,%eax; ret */
    movl $0xc3c0ff40, TEST_LINEAR            /* inc %eax; inc %eax; ret */
    movl $5, %eax
    movl $TEST_LINEAR, %ebx
    call *%ebx
    SAY_HEX "this code makes 5 ", %eax
    movl $TEST_PHYS - PAGE_BYTES + PAGE_ALL, PTE0
    invlpg TEST_LINEAR
    movl $5, %eax
    call *%ebx
    SAY_HEX ", and that ", %eax
    SAY "\n"

/* 4 MiB pages. */
    CONTROL_SET cr4, CR4_PSE
    movl $0x00400000 | PAGE_PS | PAGE_ALL, PDE
    movl %cr3, %eax
    movl %eax, %cr3
    movl $0x33333333, 0x00412344
    movl TEST_LINEAR + 0x12344, %ebx
    movl PDE, %esi
    movl %ebx, TEST_LINEAR + 0x3ffffc
    SAY_HEX "4 MiB page reads ", %ebx
    SAY_HEX ", its entry ", %esi
    SAY_HEX ", after a write ", (PDE)
    SAY_HEX ", at its end ", (0x7ffffc)
    SAY "\n"
    movl $0x00400000 | PAGE_PS | PAGE_P, PDE
    movl %cr3, %eax
    movl %eax, %cr3
    TRY "4 MiB page, supervisor: ring 3"
    RING 3
    movl TEST_LINEAR + 0x12344, %eax
    END_TRY
    CONTROL_SET cr0, CR0_WP
    TRY "4 MiB page, read-only: ring 0 with WP"
    movl %eax, TEST_LINEAR + 0x12344
    END_TRY
    CONTROL_CLEAR cr0, CR0_WP
    movl $0x00600000 | PAGE_PS | PAGE_ALL, PDE
    movl %cr3, %eax
    movl %eax, %cr3
    TRY "4 MiB page, bit 21 is reserved: read"
    movl TEST_LINEAR, %eax
    END_TRY
    TRY "4 MiB page, bit 21 is reserved: write in ring 3"
    RING 3
    movl %eax, TEST_LINEAR
    END_TRY
/* Without PSE the same entry points to a table. */
    movl $page_table + TEST_PDE * PAGE_BYTES + PAGE_PS + PAGE_ALL, PDE
    CONTROL_CLEAR cr4, CR4_PSE
    movl $TEST_PHYS + PAGE_ALL, PTE0
    movl $0x44444444, TEST_PHYS - PAGE_BYTES + 16
    movl %cr3, %eax
    movl %eax, %cr3
    movl $0x55555555, TEST_LINEAR + 16
    movl TEST_LINEAR + 16, %ebx
    SAY_HEX "without PSE ", %ebx
    SAY "\n"

/* Global pages survive a write of CR3, or not; they do not survive invlpg, nor a write of CR4.PGE.
 * */
    CONTROL_SET cr4, CR4_PGE
    movl $TEST_PHYS + PAGE_ALL + PAGE_G, PTE0
    invlpg TEST_LINEAR
    movl TEST_LINEAR + 16, %ebx
    movl $TEST_PHYS - PAGE_BYTES + PAGE_ALL + PAGE_G, PTE0
    invlpg TEST_LINEAR
    movl TEST_LINEAR + 16, %esi
    movl $TEST_PHYS + PAGE_ALL + PAGE_G, PTE0
    CONTROL_CLEAR cr4, CR4_PGE
    movl TEST_LINEAR + 16, %edi
    SAY_HEX "global ", %ebx
    SAY_HEX ", after invlpg ", %esi
    SAY_HEX ", after PGE ", %edi
    SAY "\n"

/* Physical addresses without RAM. */
    TEST_PTE 0, (0x30000000 | PAGE_ALL)
    movl %eax, TEST_LINEAR
    SAY "a write to nothing is lost\n"
    call paging_off
    movl TEST_PHYS + 16, %eax
    SAY_HEX "paging off ", %eax
    SAY "\n"
    ret

return:
    iretl

    .data
test_idt: .word 256 * 8 - 1
    .long TEST_LINEAR
pde_copy: .long 0

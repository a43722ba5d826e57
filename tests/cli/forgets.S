/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that forgets to invalidate translations, in as many ways as it has letters: the last character of its
 * command line chooses one.  A capital letter is the same kernel with the invalidation.  It leaves with status 1 if it
 * sees what its page tables say, and with status 11, or dies, if it does not.  From `l` on it sees that also without an
 * invalidation.  tlb.sh says what is expected of each.
 */

#define MULTIBOOT_MAGIC 0x1badb002
#define COMMAND_LINE 16 /* in the loader's information structure */

#define CODE 0x08
#define DATA 0x10
#define P 0x001
#define RW 0x002
#define A 0x020
#define D 0x040
#define PS 0x080
#define G 0x100
#define CR4_PSE 0x10
#define CR4_PGE 0x80
#define EXIT_PORT 0xf4
#define WRONG 5

#define WINDOW 0x00800000 /* its entry is window_table's first one */
#define WINDOW_PDE (page_directory + 4 * 2)
#define LARGE 0x00c00000
#define LARGE_PDE (page_directory + 4 * 3)
#define LARGE_1 0x01000000 /* frames for it */
#define LARGE_2 0x01400000
#define TABLES 0xff800000 /* the directory entry before the last one: another space's page tables */
#define TABLES_PDE (page_directory + 4 * 1022)

#include "boot.h"

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

/* Only with a capital letter. */
    .macro UNLESS_FORGOTTEN instruction:vararg
    testl %ebx, %ebx
    jz 99f
    \instruction
99:
    .endm

    .macro LOAD_CR3
    movl %cr3, %eax
    movl %eax, %cr3
    .endm

/* The next fault is expected, and goes to `where`. */
    .macro EXPECT_FAULT where
    movl $\where, expected
    .endm

    .text
    .globl start
start:
    cli
    movl $stack_top, %esp
    movl COMMAND_LINE(%ebx), %esi
1:  lodsb
    testb %al, %al
    jnz 1b
    movzbl -2(%esi), %ebp /* the last character */
    movl %ebp, %ebx
    notl %ebx
    andl $0x20, %ebx /* not zero: a capital letter */
    orl $0x20, %ebp
    lgdt gdt_pointer
    ljmp $CODE, $2f
2:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $page_fault, %eax
    movw %ax, idt + 8 * 14
    movw $CODE, idt + 8 * 14 + 2
    movw $GATE_PRESENT, idt + 8 * 14 + 4
    shrl $16, %eax
    movw %ax, idt + 8 * 14 + 6
    lidt idt_pointer
    /* 4 MiB, mapped one to one */
    PAGES_MAP P | RW
    movl $page_table + (P | RW), page_directory
    movl $window_table + (P | RW), WINDOW_PDE
    movl $frame_1 + (P | RW), window_table
    movl $frame_1 + (P | RW), window_table + 4
    movl $1, frame_1
    movl $2, frame_2
    movl $page_directory, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $(CR4_PSE | CR4_PGE), %eax
    movl %eax, %cr4
    PAGING_ON
    jmp *ways - 4 * 'a'(, %ebp, 4)

page_fault:
    addl $4, %esp
    pushl %eax
    movl expected, %eax
    movl %eax, 4(%esp)
    popl %eax
    iret

right:
    xorl %eax, %eax
    outb %al, $EXIT_PORT
wrong:
    movb $WRONG, %al
    outb %al, $EXIT_PORT

/* The second frame holds 2. */
expect_2:
    cmpl $2, %eax
    je right
    jmp wrong

ways:
    .long way_a, way_b, way_c, way_d, way_e, way_f, way_g, way_h, way_i, way_j, way_k
    .long way_l, way_m, way_n

way_a: /* a page is taken away */
    movl WINDOW, %eax
    movl $0, window_table
    UNLESS_FORGOTTEN invlpg WINDOW
    EXPECT_FAULT right
    movl WINDOW, %eax
    jmp wrong
way_b: /* a page goes to another frame */
    movl WINDOW, %eax
    movl $frame_2 + (P | RW), window_table
    UNLESS_FORGOTTEN invlpg WINDOW
    movl WINDOW, %eax
    jmp expect_2
way_c: /* a page may not be written any more */
    movl %eax, WINDOW
    andl $~RW, window_table
    UNLESS_FORGOTTEN invlpg WINDOW
    EXPECT_FAULT right
    movl %eax, WINDOW
    jmp wrong
way_d: /* a page may be written from now on, and no page fault is expected */
    andl $~RW, window_table
    movl WINDOW, %eax
    orl $RW, window_table
    UNLESS_FORGOTTEN invlpg WINDOW
    lidt no_idt
    movl %eax, WINDOW
    jmp right
way_e: /* has the page been written since? */
    movl %eax, WINDOW
    andl $~D, window_table
    UNLESS_FORGOTTEN invlpg WINDOW
    movl %eax, WINDOW
    testl $D, window_table
    jnz right
    jmp wrong
way_f: /* has the page been used since? */
    movl WINDOW, %eax
    andl $~A, window_table
    UNLESS_FORGOTTEN invlpg WINDOW
    movl WINDOW, %eax
    testl $A, window_table
    jnz right
    jmp wrong
way_g: /* a global page, and a load of CR3 */
    orl $G, window_table
    movl WINDOW, %eax
    movl $frame_2 + (P | RW | G), window_table
    LOAD_CR3
    UNLESS_FORGOTTEN invlpg WINDOW
    movl WINDOW, %eax
    jmp expect_2
way_h: /* another page table, and a page of it that was never used */
    movl WINDOW, %eax
    movl $frame_2 + (P | RW), second_table + 4
    movl $second_table + (P | RW), WINDOW_PDE
    UNLESS_FORGOTTEN LOAD_CR3
    movl WINDOW + 0x1000, %eax
    jmp expect_2
way_i: /* a large page becomes small ones */
    movl $(P | RW | PS), LARGE_PDE
    movl LARGE, %eax
    movl $frame_2 + (P | RW), second_table
    movl $second_table + (P | RW), LARGE_PDE
    UNLESS_FORGOTTEN invlpg LARGE
    movl LARGE, %eax
    jmp expect_2
way_j: /* page tables of another space, seen through a directory entry */
    movl $frame_1 + (P | RW), window_table
    movl $frame_2 + (P | RW), second_table
    movl $window_table + (P | RW), TABLES_PDE
    movl TABLES, %eax
    movl $second_table + (P | RW), TABLES_PDE
    UNLESS_FORGOTTEN LOAD_CR3
    movl TABLES, %eax
    jmp expect_2
way_k: /* the wrong page is invalidated */
    movl WINDOW, %eax
    movl $frame_2 + (P | RW), window_table
    invlpg WINDOW + 0x1000
    UNLESS_FORGOTTEN invlpg WINDOW
    movl WINDOW, %eax
    jmp expect_2

/* Code that writes into its own page, whose entry names another frame since.  A write to a page that is not dirty walks
 * the page tables anew.  So the code goes on in the other frame, where it loads another number. */
    .macro MOVING name, page
\name:
    movl $200, %ecx
1:  loop 1b
    movb $0, \page + 0x800
    movl $1, %eax
    .set \name\()_number, . - 4 - \name
    movl $expect_2, %edx
    jmp *%edx
\name\()_end:
    .endm
    MOVING small, WINDOW
    MOVING large, LARGE

/* Copy it to an address, and choose its number. */
    .macro COPY name, address, number
    movl $\name, %esi
    movl $\address, %edi
    movl $(\name\()_end - \name), %ecx
    rep movsb
    movl $\number, \address + \name\()_number
    .endm

/* Make LARGE the 4 MiB at `frame`, not accessed and not dirty. */
    .macro LARGE_SET frame
    movl $(\frame + (P | RW | PS)), LARGE_PDE
    LOAD_CR3
    .endm

way_l: /* a page goes to another frame */
    COPY small, frame_1, 1
    COPY small, frame_2, 2
    movl WINDOW, %eax
    movl $frame_2 + (P | RW | A | D), window_table
    movl $WINDOW, %eax
    jmp *%eax
way_m: /* a large page does */
    LARGE_SET LARGE_2
    COPY large, LARGE, 2
    LARGE_SET LARGE_1
    COPY large, LARGE, 1
    LARGE_SET LARGE_1
    movl LARGE, %eax
    movl $LARGE_2 + (P | RW | PS | A | D), LARGE_PDE
    movl $LARGE, %eax
    jmp *%eax
way_n: /* a small page becomes part of a large one; no directory entry is kept then */
    LARGE_SET LARGE_2
    COPY large, LARGE, 2
    COPY large, frame_1, 1
    movl $window_table + (P | RW), LARGE_PDE
    LOAD_CR3
    movl LARGE, %eax
    movl $LARGE_2 + (P | RW | PS | A | D), LARGE_PDE
    invlpg WINDOW
    movl $LARGE, %eax
    jmp *%eax

    .data
    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
    .word . - gdt - 1
    .long gdt
idt_pointer:
    .word 256 * 8 - 1
    .long idt
no_idt:
    .word 0
    .long 0

    .bss
    .balign 4096
page_directory:
    .skip 4096
page_table:
    .skip 4096
window_table:
    .skip 4096
second_table:
    .skip 4096
frame_1:
    .skip 4096
frame_2:
    .skip 4096
idt:
    .skip 256 * 8
expected:
    .skip 4
    .skip 1024
stack_top:

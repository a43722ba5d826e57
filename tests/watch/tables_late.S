/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One system that turns paging on with the tables of its loader, and makes its own afterwards: one world.
 */
        .set    PRESENT_BIG, 0x83       /* P, RW, PS */

        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        .text
        .globl  start
start:  cli
        movl    $stack, %esp
        movl    $directory, %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        orl     $0x10, %eax             /* PSE */
        movl    %eax, %cr4
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        lgdt    gdtr
        lidt    idtr
        movl    $directory_again, %eax  /* and its final page tables */
        movl    %eax, %cr3
        lidt    idtr_again
        hlt

        .data
        .balign 4096
directory:
        .long   PRESENT_BIG
        .fill   1023, 4, 0
directory_again:
        .long   PRESENT_BIG
        .fill   1023, 4, 0
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
idt:    .fill   2, 8, 0
gdtr:   .word   3 * 8 - 1
        .long   gdt
idtr:   .word   7
        .long   idt
idtr_again:
        .word   7
        .long   idt + 8

        .bss
        .skip   4096
stack:

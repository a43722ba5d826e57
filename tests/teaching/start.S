/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The beginning of each teaching kernel: flat segments, a stack, and kmain(). */
        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        .text
        .globl  start
start:  cli
        movl    $boot_stack, %esp
        lgdt    gdtr
        ljmp    $0x08, $1f
1:      movw    $0x10, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        call    kmain
        movb    $0, %al
        outb    %al, $0xf4
1:      hlt
        jmp     1b

        .data
        .balign 8
        .globl  gdt, idt
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00cffa000000ffff, 0x00cff2000000ffff
        .fill   11, 8, 0
idt:    .fill   64, 8, 0
gdtr:   .word   16 * 8 - 1
        .long   gdt

        .bss
        .balign 16
        .globl  truth, truths
truth:  .skip   512 * 4
truths: .skip   4
        .balign 4096
        .skip   4096
boot_stack:

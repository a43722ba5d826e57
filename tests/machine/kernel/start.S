/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multiboot header, first instructions, and 256 ways into trap().
 */
#define MAGIC 0x1badb002
#define KERNEL_DATA 0x10

    .section .multiboot, "a"
    .balign 4
    .long MAGIC, 0, -MAGIC

    .section .note.GNU-stack, "", @progbits
    .text
    .globl start
start:
    cli
    cld
    movl $boot_stack_top, %esp
    pushl %eax
    call kernel_main
1:  hlt
    jmp 1b

/* Exceptions 8, 10 to 14 and 17 push an error code, the others get one. */
    .globl stubs
    .balign 16
stubs:
    vector = 0
    .rept 256
    .balign 16
    .if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17
    .else
    pushl $0
    .endif
    pushl $vector
    jmp common
    vector = vector + 1
    .endr

/* The frame that trap() returns is the one to go on with: maybe another task's. */
common:
    pushal
    pushl %ds
    pushl %es
    movl $KERNEL_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    cld
    pushl %esp
    call trap
    movl %eax, %esp
    .globl resume
resume:
    popl %es
    popl %ds
    popal
    addl $8, %esp
    iretl

    .globl resume_frame
/* In: a frame on the stack as an argument.  Does not return. */
resume_frame:
    movl 4(%esp), %esp
    jmp resume

    .bss
    .balign 16
    .skip 8192
    .globl boot_stack_top
boot_stack_top:

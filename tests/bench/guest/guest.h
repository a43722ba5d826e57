/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests whose speed is measured: each says B when it begins what is measured and E when it is done,
 * so that nothing of what an emulator does before and after counts.
 */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#define COM1  0x3f8
#define MAGIC 0x1badb002

/* Clobber EAX and EDX. */
.macro OUT port, value
    movl $(\port), %edx
    movb $(\value), %al
    outb %al, %dx
.endm

/* Say one letter. */
.macro MARK letter
    OUT COM1, \letter
.endm

.macro BEGIN
    .section .note.GNU-stack, "", @progbits
    .section .multiboot, "a"
    .balign 4
    .long MAGIC, 0, -MAGIC
    .text
    .globl start
start:
    cli
    movl $stack_top, %esp
.endm

.macro END
    MARK 'E
    movb $16, %al
    outb %al, $0xf4
1:  hlt
    jmp 1b
    .bss
    .balign 4096 /* not in a page of the code */
    .skip 4096
stack_top:
    .text
.endm

#endif

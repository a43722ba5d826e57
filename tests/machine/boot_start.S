/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the boot loader to C: EAX and EBX become arguments.
 */
#include "../guest/runtime.h"

#define MULTIBOOT_MAGIC 0x1badb002
#define STACK_BYTES     0x4000

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, 3, -(MULTIBOOT_MAGIC + 3)

    .text
    .globl start
start:
    movl $stack_top, %esp
    pushl %ebx
    pushl %eax
    call boot_report
    movb $EXIT_PASSED, %al
    outb %al, $DEBUG_EXIT
1:  cli
    hlt
    jmp 1b

    .bss
    .balign 16
    .skip STACK_BYTES
stack_top:

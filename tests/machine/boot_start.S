/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the boot loader to C: EAX and EBX become arguments, and what comes back from the loader's stack.
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
    pushl $0x600d57ac
    popl %ecx
    movl $stack_top, %esp
    pushl %ecx
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The beginning of ending.S and of failing.S: the last word of the command line chooses a way; segments, a TSS, 256
 * gates and paging are made ready, and the way is begun.
 */

#define COMMAND_LINE 16 /* in the loader's information structure */

#define CODE 0x08
#define DATA 0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define TSS 0x28
#define READ_ONLY 0x30
#define ABSENT 0x38
#define DOWN 0x40
#define LDT 0x48
#define TASK 0x50
#define GATE 0x58
#define SMALL_STACK 0x60

#define GATE_OF_RING_3 0x60
#define PAGE_ALL 7
#define TSS_CR3 28
#define TSS_EIP 32
#define TSS_CS 76
#define TSS_SS 80

#include "boot.h"

    .section .multiboot, "a"
    .balign 4
    .long 0x1badb002, 0, -0x1badb002

/* A row of the table of ways. */
    .section .rodata.ways, "a"
ways:
    .macro WAY name
    .section .rodata.ways, "a"
    .long 9f, way_\name
    .section .rodata.names, "a"
9:  .asciz "\name"
    .text
way_\name:
    .endm
/* Each fault is the last one then. */
    .macro NO_IDT
    lidt no_idt
    .endm
/* The gate of a vector leads to another handler. */
    .macro LEADS vector, target
    movl $\target, %eax
    movw %ax, idt + 8 * \vector
    shrl $16, %eax
    movw %ax, idt + 8 * \vector + 6
    .endm

    .text
    .globl start
start:
    cli
    movl $stack_top, %esp
    movl COMMAND_LINE(%ebx), %esi
    movl %esi, %ebp
1:  lodsb
    cmpb $' ', %al
    jne 2f
    movl %esi, %ebp
2:  testb %al, %al
    jnz 1b
    movl $ways, %ebx /* %ebp: the last word */
3:  cmpl $ways_end, %ebx
    je none
    movl (%ebx), %edi
    movl %ebp, %esi
4:  lodsb
    scasb
    jne 5f
    testb %al, %al
    jnz 4b
    jmp found
5:  addl $8, %ebx
    jmp 3b
none:
    movb $5, %al
    outb %al, $0xf4
found:
    movl 4(%ebx), %ebp /* where it begins */
    lgdt gdt_pointer
    ljmp $CODE, $2f
2:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    BASE_SET TSS, tss
    BASE_SET TASK, task
    movl $gate_target, %eax
    movw %ax, gdt + GATE
    shrl $16, %eax
    movw %ax, gdt + GATE + 6
    movl $TSS, %eax
    ltr %ax
    GATES_SET
    lidt idt_pointer
    /* 4 MiB, mapped one to one for all rings */
    PAGES_MAP PAGE_ALL
    movl $page_table + PAGE_ALL, page_directory
    movl $page_directory, %eax
    movl %eax, %cr3
    PAGING_ON
    jmp *%ebp

/* The kernel stops at an exception, as most do. */
handler:
    hlt
    jmp handler
gate_target:
    lret
paging_off:
    movl %cr0, %eax
    andl $0x7fffffff, %eax
    movl %eax, %cr0
    ret
/* Go to %ebp in ring 3. */
user_enter:
    movl $USER_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    pushl $USER_DATA
    pushl $user_stack_top
    pushl $2
    pushl $USER_CODE
    pushl %ebp
    iret

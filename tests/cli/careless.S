/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that is careless in as many ways as it has letters, and gets away with it: the last character of its command
 * line chooses one.  A capital letter is the same kernel without that defect.  lint.sh says what is expected of each.
 */

#define MULTIBOOT_MAGIC 0x1badb002
#define COMMAND_LINE 16 /* in the loader's information structure */
#define MODULES 24

#define CODE 0x08
#define DATA 0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define TSS_SELECTOR 0x28
#define GATE_OF_RING_3 0xee00
#define P 1
#define RW 2
#define US 4
#define PS 0x80
#define RESERVED 0x2000
#define CR4_PSE 0x10
#define FLAGS_IOPL 0x3002
#define EXIT_PORT 0xf4
#define TIMER_VECTOR 0x20
#define CALL_VECTOR 0x30

#include "boot.h"

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

/* Only with a capital letter, or only with a small one. */
    .macro UNLESS_CARELESS instruction:vararg
    testl %ebx, %ebx
    jz 99f
    \instruction
99:
    .endm
    .macro IF_CARELESS instruction:vararg
    testl %ebx, %ebx
    jnz 99f
    \instruction
99:
    .endm

    .text
    .globl start
start:
    cli
    movl $stack_top, %esp
    movl MODULES(%ebx), %edx
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
    BASE_SET TSS_SELECTOR, tss
    movl $stack_top, tss + 4
    movl $DATA, tss + 8
    movl $TSS_SELECTOR, %eax
    ltr %ax
    GATES_SET
    lidt idt_pointer
    /* 4 MiB, mapped one to one for all rings */
    PAGES_MAP P | RW | US
    movl $page_table + (P | RW | US), page_directory
    movl $page_directory, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $CR4_PSE, %eax
    movl %eax, %cr4
    PAGING_ON
    jmp *ways - 4 * 'a'(, %ebp, 4)

handler:
    incl ticks
    UNLESS_CARELESS call eoi
    iret
eoi:
    OUT 0x20, 0x20
    ret

done:
    OUT EXIT_PORT, 0

ways:
    .long way_a, way_b, way_c, way_d, way_e, way_f, way_g, way_h, way_i

way_a: /* a gate leads to where no page is mapped */
    IF_CARELESS movw $0xc000, idt + 8 * 14 + 6
    jmp done
way_b: /* a TSS without room for its registers */
    IF_CARELESS movw $0x40, gdt + TSS_SELECTOR
    jmp done
way_c: /* ring 3 is entered, and ESP0 was never set */
    IF_CARELESS movl $0, tss + 4
enter_ring_3:
    pushl $USER_DATA
    pushl $user_stack_top
    pushl $FLAGS_IOPL
    pushl $USER_CODE
    pushl $done
    iret
way_d: /* a large page at an address that is no multiple of 4 MiB */
    movl $(P | RW | PS), page_directory + 4 * 2
    IF_CARELESS orl $RESERVED, page_directory + 4 * 2
    jmp done
way_e: /* the timer's handler does not tell the 8259 of its end */
    TIMER_SET TIMER_VECTOR
    sti
1:  cmpl $0, ticks
    je 1b
    cli
    jmp done
way_f: /* the stack is where the loader has put the module */
    IF_CARELESS movl (%edx), %esp
    IF_CARELESS addl $0x100, %esp
    call 1f
1:  jmp done
way_g: /* a page table entry was changed, and not invalidated */
    movl 0x300000, %eax
    movl $0x301000 + (P | RW), page_table + 4 * 0x300
    UNLESS_CARELESS invlpg 0x300000
    movl 0x300000, %eax
    jmp done
way_h: /* ring 3 is entered without a TSS for ring 0's stack: SS0 is null */
    IF_CARELESS movl $0, tss + 8
    jmp enter_ring_3
way_i: /* two processes have one ring-0 stack: the second one's frame overwrites that of the first, which waits */
    movl $page_directory, %esi
    movl $second_directory, %edi
    movl $1024, %ecx
    rep movsl
    movl $system_call, %eax
    movw %ax, idt + 8 * CALL_VECTOR
    movw $GATE_OF_RING_3, idt + 8 * CALL_VECTOR + 4
    shrl $16, %eax
    movw %ax, idt + 8 * CALL_VECTOR + 6
    movl $first_process, %eax
enter_process:
    pushl $USER_DATA
    pushl $user_stack_top
    pushl $FLAGS_IOPL
    pushl $USER_CODE
    pushl %eax
    iret
system_call:
    movl $DATA, %eax /* the iret to ring 3 has cleared DS */
    movl %eax, %ds
    cmpl $0, waiting
    jne 1f
    movl %esp, waiting
    UNLESS_CARELESS movl $second_stack_top, tss + 4
    movl $second_directory, %eax
    movl %eax, %cr3
    movl $second_process, %eax
    jmp enter_process
1:  movl $page_directory, %eax
    movl %eax, %cr3
    movl waiting, %esp
    iret
first_process:
    int $CALL_VECTOR
    jmp done
second_process:
    int $CALL_VECTOR
    jmp done

    .data
    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff, 0x0000890000000067
gdt_pointer:
    .word . - gdt - 1
    .long gdt
idt_pointer:
    .word 256 * 8 - 1
    .long idt

    .bss
    .balign 4096
page_directory:
    .skip 4096
page_table:
    .skip 4096
second_directory:
    .skip 4096
idt:
    .skip 256 * 8
tss:
    .skip 104
ticks:
    .skip 4
waiting: /* ESP of the process that waits in ring 0 */
    .skip 4
    .skip 1024
second_stack_top:
    .skip 1024
stack_top:
    .skip 1024
user_stack_top:

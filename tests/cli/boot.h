/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernels of these tests do alike while they boot.  Each has its own `gdt`, `idt`, `handler`, `page_table` and
 * CODE.  The macros clobber EAX, ECX and EDI.
 */

#define GATE_PRESENT 0x8e00
#define CR0_PAGING 0x80010000 /* PG, WP */

    .macro OUT port, value
    movb $\value, %al
    outb %al, $\port
    .endm

/* A descriptor of the GDT gets this base; its highest byte stays. */
    .macro BASE_SET selector, symbol
    movl $\symbol, %eax
    movw %ax, gdt + \selector + 2
    shrl $16, %eax
    movb %al, gdt + \selector + 4
    .endm

/* 256 gates to `handler`. */
    .macro GATES_SET
    movl $idt, %edi
    movl $256, %ecx
91: movl $handler, %eax
    movw %ax, (%edi)
    movw $CODE, 2(%edi)
    movw $GATE_PRESENT, 4(%edi)
    shrl $16, %eax
    movw %ax, 6(%edi)
    addl $8, %edi
    loop 91b
    .endm

/* 4 MiB, mapped one to one, with these rights. */
    .macro PAGES_MAP rights
    movl $page_table, %edi
    movl $(\rights), %eax
    movl $1024, %ecx
91: stosl
    addl $0x1000, %eax
    loop 91b
    .endm

    .macro PAGING_ON
    movl %cr0, %eax
    orl $CR0_PAGING, %eax
    movl %eax, %cr0
    .endm

/* The master 8259 has its vectors from there on, and leaves these lines masked. */
    .macro PIC_SET vectors, masked
    OUT 0x20, 0x11
    OUT 0x21, \vectors
    OUT 0x21, 4
    OUT 0x21, 1
    OUT 0x21, \masked
    .endm

/* The timer is the only line that is not masked, and soon comes again and again. */
    .macro TIMER_SET vectors
    PIC_SET \vectors, 0xfe
    OUT 0x43, 0x34
    OUT 0x40, 100
    OUT 0x40, 0
    .endm

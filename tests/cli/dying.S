/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that dies in as many ways as it has letters: the last character of its command line chooses one.  why.sh
 * says what is expected of each.
 */

#define MULTIBOOT_MAGIC 0x1badb002
#define COMMAND_LINE 16 /* in the loader's information structure */

#define CODE 0x08
#define DATA 0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define TSS_SELECTOR 0x28
#define SHORT_DATA 0x30
#define PAGE_PRESENT 1
#define PAGE_WRITABLE 2
#define PAGE_USER 4

#include "boot.h"

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC

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
    lgdt gdt_pointer
    ljmp $CODE, $2f
2:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    BASE_SET TSS_SELECTOR, tss
    movl $TSS_SELECTOR, %eax
    ltr %ax
    GATES_SET
    lidt idt_pointer
    /* 4 MiB, mapped one to one for all rings */
    PAGES_MAP PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER
    movl $page_table + (PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER), %eax
    movl %eax, page_directory
    movl $page_directory, %eax
    movl %eax, %cr3
    PAGING_ON
    jmp *ways - 4 * 'a'(, %ebp, 4)

/* Each handler dies at once, so that all faults are seen in one chain. */
handler:
    hlt
    jmp handler

ways:
    .long way_a, way_b, way_c, way_d, way_e, way_f, way_g, way_h, way_i, way_j, way_k, way_l, way_m, way_n, way_o, way_p
    .long way_q, way_r, way_s, way_t, way_u, way_v, way_w

way_a: /* no IDT */
    lidt no_idt
    xorl %ecx, %ecx
    divl %ecx
way_b: /* an IDT of four gates */
    lidt short_idt
    ud2
way_c: /* a gate that is not present */
    movb $0x0e, idt + 8 * 6 + 5
    movb $0x0e, idt + 8 * 11 + 5
    movb $0x0e, idt + 8 * 8 + 5
    ud2
way_d: /* a gate without a type */
    movb $0x80, idt + 8 * 13 + 5
    movb $0x80, idt + 8 * 8 + 5
    movb $0x80, idt + 8 * 6 + 5
    ud2
way_e: /* gates with a null selector */
    movw $0, idt + 8 * 6 + 2
    movw $0, idt + 8 * 13 + 2
    movw $0, idt + 8 * 8 + 2
    ud2
way_f: /* gates to data */
    movw $DATA, idt + 8 * 6 + 2
    movw $DATA, idt + 8 * 13 + 2
    movw $DATA, idt + 8 * 8 + 2
    ud2
way_g: /* gates beyond the GDT */
    movw $0x80, idt + 8 * 6 + 2
    movw $0x80, idt + 8 * 13 + 2
    movw $0x80, idt + 8 * 8 + 2
    ud2
way_h: /* the handler's page is not mapped, and the handler of page faults is there, too */
    call small_stack
    movl $0xc0000000, %eax
    movw %ax, idt + 8 * 6
    movw $0xc000, idt + 8 * 6 + 6
    movw %ax, idt + 8 * 14
    movw $0xc000, idt + 8 * 14 + 6
    ud2
way_i: /* ring 3, and no stack is mapped for ring 0 */
    movl $0xc0000000, tss + 4
    jmp user_enter
way_j: /* ring 3, and SS0 is null */
    movl $0, tss + 8
    jmp user_enter
way_k: /* a push where no stack is mapped */
    movl $0xc0001000, %esp
    pushl %eax
way_l: /* iret to ring 3 with a stack of ring 0, and no handler */
    lidt no_idt
    pushl $DATA
    pushl $0
    pushl $2
    pushl $USER_CODE
    pushl $0
    iret
way_m: /* a far jump to data */
    lidt no_idt
    ljmp $DATA, $0
way_n: /* ltr for a task that is busy */
    lidt no_idt
    movl $TSS_SELECTOR, %eax
    ltr %ax
way_o: /* beyond a limit */
    lidt no_idt
    movl $SHORT_DATA, %eax
    movl %eax, %ds
    movl 0x4a, %eax
way_p: /* a write to a read-only page, with CR0.WP */
    lidt no_idt
    andl $~PAGE_WRITABLE, page_table + 4 * 0x300
    movl %cr3, %eax
    movl %eax, %cr3
    movl %eax, 0x300010
way_q: /* the kernel clears the entry of its own code */
    lidt no_idt
    movl $here, %eax
    shrl $12, %eax
clears:
    movl $0, page_table(, %eax, 4)
    movl %cr3, %eax
    movl %eax, %cr3
here:
    nop
way_r: /* the stack grows into the page table */
    lidt no_idt
    movl $page_table + 4096, %esp
grows:
    pushl $0
    invlpg 0x3ff000
    movl 0x3ff000, %eax
    jmp grows
way_s: /* wrmsr of memory types that do not exist */
    lidt no_idt
    movl $0x277, %ecx
    movl $2, %eax
    xorl %edx, %edx
    wrmsr
way_t: /* a GDT of garbage, then a segment */
    lidt no_idt
    lgdt garbage_pointer
    movl $DATA, %eax
    movl %eax, %es
way_u: /* #GP, and its handler does the same again until the stack has no room */
    call small_stack
    movl $again, %eax
    movw %ax, idt + 8 * 13
    shrl $16, %eax
    movw %ax, idt + 8 * 13 + 6
    xorl %eax, %eax
    movl %eax, %ds
    movl %ds:0, %eax
again:
    movl %ds:0, %eax

way_v: /* wait for an HPET that is not there */
    movl %cr0, %eax
    andl $~0x80000000, %eax
    movl %eax, %cr0
polls:
    movl 0xfed00020, %eax
    testl $0x1000, %eax
    jnz polls
way_w: /* an exception whose handler returns to the same instruction */
    movl $back, %eax
    movw %ax, idt + 8 * 6
    ud2
back:
    iret

/* Go on with a stack of one page; below it, nothing is mapped. */
small_stack:
    popl %eax
    movl $0x301000, %esp
    andl $~PAGE_PRESENT, page_table + 4 * 0x2ff
    jmp *%eax

user_enter:
    pushl $USER_DATA
    pushl $stack_top
    pushl $2
    pushl $USER_CODE
    pushl $user
    iret
user:
    ud2

    .data
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff, 0x00cf92000000ffff /* code, data */
    .quad 0x00cffa000000ffff, 0x00cff2000000ffff /* of ring 3 */
    .quad 0x0000890000000067                     /* the TSS */
    .quad 0x004092000000000f                     /* data of 16 bytes */
gdt_end:
tss:
    .long 0, stack_top, DATA
    .fill 22, 4, 0
    .long 0x00680000
garbage:
    .fill 8, 8, 0x0000ffff00000000
gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt
garbage_pointer:
    .word 63
    .long garbage
idt_pointer:
    .word 256 * 8 - 1
    .long idt
short_idt:
    .word 4 * 8 - 1
    .long idt
no_idt:
    .word 0
    .long 0

    .bss
    .balign 4096
page_directory:
    .skip 4096
    .skip 4096 /* what the stack of way_r overwrites first is its page table's end */
page_table:
    .skip 4096
idt:
    .skip 256 * 8
    .balign 16
    .skip 4096
stack_top:

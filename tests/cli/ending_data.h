/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of ending.S and of failing.S: their tables, and their memory.
 */

/* What lgdt and lidt load. */
    .macro POINTER limit, base
    .word \limit
    .long \base
    .endm

    .data
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff, 0x00cf92000000ffff /* code, data */
    .quad 0x00cffa000000ffff, 0x00cff2000000ffff /* of ring 3 */
    .quad 0x0000890000000067                     /* the TSS */
    .quad 0x00cf90000000ffff                     /* read-only data */
    .quad 0x00cf12000000ffff                     /* data that is not present */
    .quad 0x00c096000000fffe                     /* data that expands down */
    .quad 0x000082000000000f                     /* the LDT */
    .quad 0x0000890000000067                     /* another TSS */
    .quad 0x00008c0000080000                     /* a call gate */
    .quad 0x0040920000000fff                     /* a stack of one page */
gdt_end:
tss:
    .long 0, stack_top, DATA
    .fill 22, 4, 0
    .long 0x00680000
task:
    .fill 25, 4, 0
    .long 0x00680000
ldt:
    .quad 0, 0x00cf92000000ffff
somedata:
    .asciz "\377\377hello, world: no code"
gdt_pointer:
    POINTER "gdt_end - gdt - 1", gdt
high_gdt:
    POINTER "gdt_end - gdt - 1", "gdt + 0xc0000000"
moved_pointer:
    POINTER "gdt_end - gdt - 1", scratch_page
idt_pointer:
    POINTER "256 * 8 - 1", idt
idt48:
    POINTER "48 * 8 - 1", idt
padded_idt:
    .word 256 * 8 - 1, 0
    .long idt
padded_gdt:
    .word gdt_end - gdt - 1, 0
    .long gdt
no_idt:
    POINTER 0, 0

    .section .rodata.ways, "a"
ways_end:

    .bss
    .balign 4096
page_directory:
    .skip 4096
page_table:
    .skip 4096
idt:
    .skip 2048
    .balign 16
scratch:
    .skip 32
ticks:
    .skip 4
    .balign 4096
scratch_page:
    .skip 4096
    .skip 4096
stack_top:
    .skip 4096
user_stack_top:

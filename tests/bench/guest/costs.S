/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel's work costs: the disk's first byte says which work, the four behind it how often.  For bench_vm, which
 * runs it bare and in the virtual machine.
 */
#include "guest.h"

#define CODE      0x08
#define DATA      0x10
#define USER_CODE 0x1b
#define USER_DATA 0x23
#define TASK      0x28
#define PAGES     7      /* present, writable, for ring 3 */
#define MOVED     0x1ff000
#define ATA       0x1f0
#define ENTRIES   1024   /* of the page table: the first 4 MiB */

/* An interrupt gate that ring 3 may use. */
.macro GATE vector, to
    movl $\to, %eax
    movw %ax, idt + 8 * \vector
    movw $CODE, idt + 8 * \vector + 2
    movw $0xee00, idt + 8 * \vector + 4
    shrl $16, %eax
    movw %ax, idt + 8 * \vector + 6
.endm

    BEGIN
    lgdt gdt_pointer
    ljmp $CODE, $1f
1:  movl $DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movb $0xff, %al                     # no interrupt is wanted
    outb %al, $0x21
    outb %al, $0xa1
    movl $0x20, %ebx                    # ata: read sector 0
    call ata_begin
    movl $sector, %edi
    movl $256, %ecx
    rep insw
    call tables_make
    movl sector + 1, %ecx
    movzbl sector, %ebx
    movl $result, %esi
    call *works(, %ebx, 4)
    movb $16, %al
    outb %al, $0xf4
    hlt

/* EBX: the command.  Ready for its data, of sector 0. */
ata_begin:
    movw $ATA + 2, %dx
    movb $1, %al
    outb %al, %dx
    xorl %eax, %eax
    incw %dx
    outb %al, %dx
    incw %dx
    outb %al, %dx
    incw %dx
    outb %al, %dx
    incw %dx
    movb $0xe0, %al
    outb %al, %dx
    incw %dx
    movl %ebx, %eax
    outb %al, %dx
1:  inb %dx, %al
    testb $0x80, %al
    jnz 1b
    movw $ATA, %dx
    ret

/* Two directories with one page table, which maps 4 MiB as they are; IDT, TSS; paging on. */
tables_make:
    xorl %ecx, %ecx
1:  movl %ecx, %eax
    shll $12, %eax
    orl $PAGES, %eax
    movl %eax, table(, %ecx, 4)
    incl %ecx
    cmpl $ENTRIES, %ecx
    jb 1b
    movl $table + PAGES, directory
    movl $table + PAGES, other
    GATE 0x80, call_enter
    GATE 0x81, call_last
    lidt idt_pointer
    movl $tss, %eax
    movw %ax, task + 2
    shrl $16, %eax
    movb %al, task + 4
    movl $stack_calls, tss + 4
    movl $DATA, tss + 8
    movl $TASK, %eax
    ltr %ax
    movl $directory, %eax
    movl %eax, %cr3
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    ret

/* Each: ECX times, at least once. */
works:
    .long compute, interrupts, interrupts_trapped, flags, calls, system_calls, page_entries, spaces, ports, disk

compute:
1:  addl %ecx, %eax
    xorl %edx, %eax
    movl %eax, (%esi)
    addl (%esi), %edx
    decl %ecx
    jnz 1b
    ret

interrupts:
1:  cli
    sti
    decl %ecx
    jnz 1b
    cli
    ret

/* The same, spelled so that the translator leaves it to the VMM: as if there was trap and emulate alone. */
interrupts_trapped:
1:  .byte 0x66
    cli
    .byte 0x66
    sti
    decl %ecx
    jnz 1b
    cli
    ret

flags:
1:  pushfl
    popfl
    decl %ecx
    jnz 1b
    ret

calls:
1:  call 2f
    decl %ecx
    jnz 1b
2:  ret

/* From ring 3 to ring 0, and back. */
system_calls:
    movl %esp, stack_kept
    pushl $USER_DATA
    pushl $stack_user
    pushl $2
    pushl $USER_CODE
    pushl $1f
    iret
1:  int $0x80
    decl %ecx
    jnz 1b
    int $0x81
call_enter:
    iret
call_last:
    movl $DATA, %eax
    movl %eax, %ds
    movl stack_kept, %esp
    ret

/* A page goes elsewhere, and is used there. */
page_entries:
1:  xorl $0x1000, table + (MOVED >> 10)
    invlpg MOVED
    incl MOVED
    decl %ecx
    jnz 1b
    ret

/* From one address space to another, and a word used there. */
spaces:
    movl $directory, %eax
    movl $other, %edx
    xorl %eax, %edx
1:  xorl %edx, %eax
    movl %eax, %cr3
    incl (%esi)
    decl %ecx
    jnz 1b
    ret

/* The interrupt controller's mask: a virtual chip's register in the virtual machine. */
ports:
1:  inb $0x21, %al
    decl %ecx
    jnz 1b
    ret

disk:
1:  pushl %ecx
    movl $0x30, %ebx                    # ata: write sector 0
    call ata_begin
    movl $sector, %esi
    movl $256, %ecx
    rep outsw
    popl %ecx
    decl %ecx
    jnz 1b
    ret

    .data
    .balign 8
gdt:
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00cffa000000ffff, 0x00cff2000000ffff
task:
    .quad 0x0000890000000067
gdt_pointer:
    .word 6 * 8 - 1
    .long gdt
idt_pointer:
    .word 256 * 8 - 1
    .long idt

    .bss
    .balign 4096
directory:
    .skip 4096
other:
    .skip 4096
table:
    .skip 4096
idt:
    .skip 2048
tss:
    .skip 104
result:
    .skip 4
stack_kept:
    .skip 4
    .balign 512
sector:
    .skip 512
    .balign 4096
    .skip 2048
stack_calls:
    .skip 2048
stack_user:
    .skip 4096 /* what END has in the others */
stack_top:

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two threads of ring 0, each with a page directory of its own and something in the x87 unit.  The byte `saves` says
 * whether the switch keeps it for them.  For check_audit_fpu.c.
 */
        .set    PRESENT_BIG, 0x83       /* P, RW, PS */

        .section .multiboot, "a"
        .balign 4
        .long   0x1badb002, 0, -0x1badb002

        .text
        .globl  start, saves
start:  cli
        lgdt    gdtr
        lidt    idtr
        movl    $directory_a, %eax
        movl    %eax, %cr3
        movl    %cr4, %eax
        orl     $0x10, %eax             /* PSE */
        movl    %eax, %cr4
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        fninit
        fnsave  area_b
        movl    $stack_a, %esp

/* Thread A; it has 1.0. */
        fninit
        fld1
        movl    $4, %ebx
1:      movl    $directory_b, %eax
        movl    $saved_a, %esi
        movl    $saved_b, %edi
        movl    $area_a, %ecx
        movl    $area_b, %edx
        call    swap
        decl    %ebx
        jnz     1b
        hlt

/* Thread B; it has pi, and takes it out and in again. */
thread_b:
        fninit
1:      fldpi
        movl    $directory_a, %eax
        movl    $saved_b, %esi
        movl    $saved_a, %edi
        movl    $area_b, %ecx
        movl    $area_a, %edx
        call    swap
        fstp    %st
        jmp     1b

/* EAX: CR3 of who is entered; ESI, EDI: where ESP of who is left and of who is entered is; ECX, EDX: the same for the
 * x87 unit. */
swap:   pushl   %ebp
        pushl   %ebx
        movl    %esp, (%esi)
        movl    %eax, %cr3
        cmpb    $0, saves
        je      1f
        fnsave  (%ecx)
        frstor  (%edx)
1:      movl    (%edi), %esp
        popl    %ebx
        popl    %ebp
        ret

        .data
        .balign 4096
directory_a:
        .long   PRESENT_BIG
        .fill   1023, 4, 0
directory_b:
        .long   PRESENT_BIG
        .fill   1023, 4, 0
gdt:    .quad   0, 0x00cf9a000000ffff, 0x00cf92000000ffff
idt:    .quad   0
gdtr:   .word   3 * 8 - 1
        .long   gdt
idtr:   .word   7
        .long   idt
saved_a:
        .long   0
saved_b:
        .long   stack_b
saves:  .byte   0
        .balign 16
area_a: .fill   108, 1, 0
area_b: .fill   108, 1, 0
        .fill   256, 4, 0
stack_a:
        .fill   256, 4, 0
stack_b:
        .long   0, 0, thread_b

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine's kernel: its first instructions, and every way into it afterwards.
 *
 * It runs in ring 0 of a PC, or in ring 1 of a VMM and believes that it is ring 0.  So it uses no
 * instruction that behaves differently there without trapping: no pushf, no popf, no sgdt, no look
 * at CS or SS.  What it does use either is not privileged, or traps.
 */
#include "vm.h"

#define MULTIBOOT_HEADER 0x1badb002

        .section .multiboot, "a"
        .balign 4
        .long   MULTIBOOT_HEADER, 0, -MULTIBOOT_HEADER

/*
 * Entry    Multiboot Specification 0.6.96, §3.2 "Machine state": protected mode, flat segments of unknown
 *          selectors, paging and interrupts off, no stack, no usable GDTR and IDTR.
 * Exit     never.
 * Space    linear is physical.
 */
        .text
        .globl  start
start:
        cli
        cld
        movl    $stack_top, %esp
        call    vm_main
1:      cli
        hlt
        jmp     1b

/*
 *     void tables_load(const struct table *gdt, const struct table *idt);
 *
 * Entry    ring 0; flat segments, from whatever table.
 * Exit     GDTR and IDTR as told; CS, DS, ES, FS, GS, SS from the new GDT; LDTR null; TR VM_TASK.
 * Clobbers EAX.
 */
        .globl  tables_load
tables_load:
        movl    4(%esp), %eax
        lgdt    (%eax)
        movl    8(%esp), %eax
        lidt    (%eax)
        ljmp    $VM_CODE, $1f
1:      movl    $VM_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        xorl    %eax, %eax
        lldt    %ax
        movl    $VM_TASK, %eax
        ltr     %ax
        ret

/* -- the ways in: a vector's own entry completes the frame that the CPU began ------------------- */

        .macro  VECTOR number
vector_\number:
        .ifeq   (\number == 8 || \number >= 10 && \number <= 14 || \number == 17) & 1
        pushl   $0                      # in place of an error code
        .endif
        pushl   $\number
        jmp     trap_entry
        .pushsection .rodata
        .long   vector_\number
        .popsection
        .endm

        .section .rodata
        .balign 4
        .globl  vector_table
vector_table:
        .text
        .altmacro
        .set    number, 0
        .rept   VM_VECTORS
        VECTOR  %number
        .set    number, number + 1
        .endr
        .noaltmacro

/*
 * Entry    ring 0; ESP at the vector in struct frame; flat segments, since nothing else runs here.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 */
trap_entry:
        pushal
        cld
        pushl   %esp
        call    trap
        addl    $4, %esp
        popal
        addl    $8, %esp                # vector and error code
        iret

/* -- what the tests of this kernel provoke, each at a label that a handler can compare ---------- */

/*
 *     uint32_t provoke_...(void);
 *
 * Exit     EAX: what the handler put there, or 0 if there was no exception.
 * The handlers skip the instruction by going on at provoke_end: its caller's frame is on top then.
 */
        .globl  provoke_selector, provoke_vector, provoke_opcode, provoke_divide, provoke_int, provoke_end
provoke_selector:
        movl    $VM_NO_SUCH, %eax
        movl    %eax, %fs               # beyond the GDT's limit: #GP(VM_NO_SUCH)
        jmp     provoke_nothing
provoke_vector:
        int     $VM_VECTORS             # beyond the IDT's limit: #GP(8 * vector + 2)
        jmp     provoke_nothing
provoke_opcode:
        ud2
        jmp     provoke_nothing
provoke_divide:
        xorl    %ecx, %ecx
        divl    %ecx
        jmp     provoke_nothing
provoke_int:
        int     $VM_VECTOR_SOFTWARE     # a trap: the handler returns behind it
        ret
provoke_nothing:
        xorl    %eax, %eax
provoke_end:
        movl    $VM_DATA, %ecx
        movl    %ecx, %fs
        ret

        .bss
        .balign 16
        .space  VM_STACK_BYTES
stack_top:

        .section .note.GNU-stack, "", @progbits

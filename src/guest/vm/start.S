/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual machine's kernel: its first instructions, and every way into it afterwards.
 *
 * It runs in ring 0 of a PC, or in ring 1 of a VMM and believes that it is ring 0.
 */
#include "guest/shared/entry.h"
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

/*
 *     void tables_load(const struct ws_cross_table *gdtr, const struct ws_cross_table *idtr);
 *
 * Entry    ring 0; flat segments, from whatever table.
 * Exit     GDTR and IDTR as told; CS, DS, ES, FS, GS, SS from the new GDT; LDTR null; TR VM_TASK.
 * Clobbers EAX.
 */
        .globl  tables_load
tables_load:
        TABLES_LOAD code=VM_CODE, data=VM_DATA, es=VM_DATA, local=0, fs=VM_DATA, gs=VM_DATA, task=VM_TASK
        ret

/* -- the ways in; entry.h has the picture of the frame ----------------------------------------- */

        VECTOR_TABLE
        VECTORS 0, VM_VECTORS
        VECTOR_TABLE_END

/*
 * Entry    ring 0; ESP at the vector in the frame; flat segments, since nothing else runs here.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 */
trap_entry:
        FRAME_SAVE
        FRAME_TRAP
        FRAME_RETURN

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

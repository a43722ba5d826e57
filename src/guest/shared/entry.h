/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the assembler parts of all kernels have in common: the way in, and the way out to another world.
 *
 * A vector's own entry completes the frame that the CPU began, so that all frames are alike (struct
 * ws_trap_frame), and trap() in C does the rest:
 *
 *      higher   SS, ESP        only from an outer ring: the stack is then the one that the TSS names
 *               EFLAGS, CS, EIP
 *               error code     the CPU's, or 0
 *               vector                              by VECTOR
 *               EAX .. EDI     pushal               by FRAME_SAVE, from here on
 *      lower    DS, ES, FS, GS ◄── ESP
 *
 * A kernel has a VECTOR_TABLE of what it takes, and then its `trap_entry`: between FRAME_SAVE and FRAME_TRAP it
 * says with which selectors its C code runs.
 */
#ifndef WS_GUEST_SHARED_ENTRY_H
#define WS_GUEST_SHARED_ENTRY_H

#include "worlds/layout.h"

/* -- vectors ----------------------------------------------------------------------------------- */

/* The table's rows are vector, address; 0, 0 ends it. */
        .macro  VECTOR_TABLE
        .section .rodata
        .balign 4
        .globl  vector_table
vector_table:
        .text
        .endm
        .macro  VECTOR_TABLE_END
        .section .rodata
        .long   0, 0
        .text
        .endm

/* One vector's entry and its row.  Those that bring an error code: SDM 3A §6.15 "Exception and Interrupt Reference" */
        .macro  VECTOR number
vector_\number:
        .ifeq   (\number == 8 || \number >= 10 && \number <= 14 || \number == 17 || \number == 21 || \
                 \number == 29 || \number == 30) & 1
        pushl   $0                      # in place of an error code
        .endif
        pushl   $\number
        jmp     trap_entry
        .pushsection .rodata
        .long   \number, vector_\number
        .popsection
        .endm

/* All from `first` on, below `end`. */
        .macro  VECTORS first, end
        .set    number, \first
        .altmacro
        .rept   \end - \first
        VECTOR  %number
        .set    number, number + 1
        .endr
        .noaltmacro
        .endm

/* -- frames ------------------------------------------------------------------------------------ */

/* ESP at the vector; clobbers nothing. */
        .macro  FRAME_SAVE
        pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        .endm

/* trap(frame), as C expects to be called. */
        .macro  FRAME_TRAP
        cld
        pushl   %esp
        call    trap
        addl    $4, %esp
        .endm

/*
 * `trap_entry` of a kernel whose SS is its flat data segment for certain: the CPU took it from the TSS, or it was so
 * already.  DS and ES become the kernel's.
 *
 * Entry    ring 0; ESP at the vector in the frame; DS, ES, FS, GS whatever was interrupted.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 */
        .macro  TRAP_ENTRY
trap_entry:
        FRAME_SAVE
        movl    %ss, %eax
        movl    %eax, %ds
        addl    $WS_DATA_TO_MORE, %eax
        movl    %eax, %es
        FRAME_TRAP
        .globl  trap_return
trap_return:
        FRAME_RETURN
        .endm

/* To where the frame says. */
        .macro  FRAME_RETURN
        popl    %gs
        FRAME_RETURN_REST
        .endm

        .macro  FRAME_RETURN_REST
        popl    %fs
        popl    %es
        popl    %ds
        popal
        addl    $WS_FRAME_AFTER, %esp
        iret
        .endm

/* -- switching between stacks of one kernel ------------------------------------------------------ */

/*
 * The beginning and the end of a function of two that have stacks, from and to, with WS_PROCESS_ESP.  In between EDX is
 * to, and its stack is there.
 */
        .macro  SWITCH_STACKS
        movl    4(%esp), %eax                   # from
        movl    8(%esp), %edx                   # to
        pushl   %ebp                            # what C wants preserved, on from's stack
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    %esp, WS_PROCESS_ESP(%eax)      # from is complete
        movl    WS_PROCESS_ESP(%edx), %esp      # both stacks are in the kernel half: there now as before
        .endm

        .macro  SWITCH_RETURN
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
        .endm

/* -- the way to the cross page ----------------------------------------------------------------- */

/*
 * The body of a function of two contexts in the cross page, from and to, as cross.S wants them; there, too, is
 * drawn what becomes of the address space.
 *
 * Entry    ring 0, interrupts off; `cross` is the cross page, as lcall wants it: the selector in CS goes along.
 * Exit     the same world, when the other world switches back to it; nothing is clobbered but what C expects.
 * A far call, since the far return at the other end must reload CS from the entered world's GDT.
 */
        .macro  WORLD_CALL cross:vararg
        pushl   8(%esp)                 # to
        pushl   8(%esp)                 # from: 4(%esp) before the push above
        lcall   \cross
        addl    $8, %esp
        ret
        .endm

/* -- a kernel's own tables ---------------------------------------------------------------------- */

/*
 * The body of a function of two struct ws_cross_table, for GDTR and for IDTR; afterwards all segment
 * registers, LDTR and TR are as told, too.
 *
 * Entry    ring 0; flat segments, from whatever table; interrupts off.
 * Clobbers EAX.
 */
        .macro  TABLES_LOAD code, data, es, local, fs, gs, task
        movl    4(%esp), %eax
        lgdt    (%eax)
        movl    8(%esp), %eax
        lidt    (%eax)
        ljmp    $\code, $1f
1:      movl    $\data, %eax
        movl    %eax, %ss
        SELECTORS_LOAD \data, \es, \local, \fs, \gs
        movl    $\task, %eax
        ltr     %ax
        .endm

/* Clobbers EAX.  FS and GS may be in the local table, so LDTR comes before them. */
        .macro  SELECTORS_LOAD data, es, local, fs, gs
        movl    $\data, %eax
        movl    %eax, %ds
        movl    $\es, %eax
        movl    %eax, %es
        movl    $\local, %eax
        lldt    %ax
        movl    $\fs, %eax
        movl    %eax, %fs
        movl    $\gs, %eax
        movl    %eax, %gs
        .endm

#endif

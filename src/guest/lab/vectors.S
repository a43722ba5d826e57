/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every way into a kernel.
 *
 * A vector's own entry completes the frame that the CPU began, so that all frames are alike (struct
 * ws_trap_frame), and trap() in C does the rest:
 *
 *      higher   SS, ESP        only from ring 3: the stack is then the one that the TSS names
 *               EFLAGS, CS, EIP
 *               error code     the CPU's, or 0
 *               vector
 *               EAX .. EDI     pushal
 *      lower    DS, ES, FS, GS ◄── ESP
 */
#include "worlds/layout.h"

        .macro  VECTOR number
vector_\number:
        pushl   $0                      # in place of an error code
        pushl   $\number
        jmp     trap_entry
        .pushsection .rodata
        .long   \number, vector_\number
        .popsection
        .endm

        .macro  VECTOR_WITH_ERROR number
vector_\number:
        pushl   $\number
        jmp     trap_entry
        .pushsection .rodata
        .long   \number, vector_\number
        .popsection
        .endm

/* Vector, entry, ..., ended by the entry 0: from this the builder fills the world's IDT. */
        .section .rodata
        .balign 4
        .globl  vector_table
vector_table:
        .text
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 9, 15, 16, 18, 19, 20, 22, 23, 24, 25, 26, 27, 28, 31
        VECTOR  \number
        .endr
        .irp    number, 8, 10, 11, 12, 13, 14, 17, 21, 29, 30
        VECTOR_WITH_ERROR \number
        .endr
        VECTOR  WS_VECTOR_SYSTEM_CALL
        VECTOR  WS_VECTOR_WORLD_SWITCH
        VECTOR  WS_VECTOR_CONTEXT_SWITCH
        .section .rodata
        .long   0, 0

/*
 * Entry    ring 0 of this world; ESP at the vector in the frame; DS, ES, FS, GS whatever was interrupted.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 * SS is this world's flat data segment for certain: the CPU took it from the TSS, or it was so
 * already.
 */
        .text
trap_entry:
        pushal
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        movl    %ss, %eax
        movl    %eax, %ds
        addl    $WS_DATA_TO_MORE, %eax
        movl    %eax, %es
        cld
        pushl   %esp
        call    trap
        addl    $4, %esp

/* Also where a new process begins: context_switch() returns here, onto a frame that the builder
 * made. */
        .globl  trap_return
trap_return:
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        addl    $WS_FRAME_AFTER, %esp
        iret

/*
 * Where a world begins when it is entered for the first time, on its kernel stack.  Afterwards it
 * idles: woken by an interrupt, it serves that and sleeps again.
 */
        .globl  kernel_entry, kernel_idle
kernel_entry:
        call    world_context_wipe
        call    kernel_main
kernel_idle:
        sti
        hlt
        jmp     kernel_idle

/* Filled by the builder. */
        .data
        .balign 4
        .globl  resident
resident:
        .space  WS_RESIDENT_BYTES

        .section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every way into the host's kernel.
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
#include "guest/host/numbers.h"

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
        .irp    number, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47
        VECTOR  \number
        .endr
        VECTOR  VECTOR_CALL
        .section .rodata
        .long   0, 0

/*
 * Entry    ring 0 of the host; ESP at the vector in the frame; DS, ES, FS, GS whatever was interrupted.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 * Space    whichever process was interrupted; the kernel half is the same in all.
 * SS is the host's flat data segment for certain: the CPU took it from the TSS, or it was so already.
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

/* Also where a new process begins: context_switch() returns here, onto a frame that process_new() made. */
        .globl  trap_return
trap_return:
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popal
        addl    $WS_FRAME_AFTER, %esp
        iret

        .section .note.GNU-stack, "", @progbits

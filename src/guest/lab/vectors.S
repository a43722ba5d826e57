/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way into a kernel; entry.h has the picture of the frame. */
#include "guest/shared/entry.h"

/* From this table the builder fills the world's IDT. */
        VECTOR_TABLE
        VECTORS 0, WS_VECTORS_EXCEPTIONS
        VECTOR  WS_VECTOR_SYSTEM_CALL
        VECTOR  WS_VECTOR_WORLD_SWITCH
        VECTOR  WS_VECTOR_CONTEXT_SWITCH
        VECTOR_TABLE_END

/*
 * Entry    ring 0 of this world; ESP at the vector in the frame; DS, ES, FS, GS whatever was interrupted.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 * SS is this world's flat data segment for certain: the CPU took it from the TSS, or it was so
 * already.
 */
trap_entry:
        FRAME_SAVE
        movl    %ss, %eax
        movl    %eax, %ds
        addl    $WS_DATA_TO_MORE, %eax
        movl    %eax, %es
        FRAME_TRAP

/* Also where a new process begins: context_switch() returns here, onto a frame that the builder
 * made. */
        .globl  trap_return
trap_return:
        FRAME_RETURN

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

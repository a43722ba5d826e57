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

/* A new process begins at trap_return: context_switch() returns there, onto a frame that the builder made. */
        TRAP_ENTRY

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

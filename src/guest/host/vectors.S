/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way into the host's kernel; entry.h has the picture of the frame. */
#include "guest/host/numbers.h"
#include "guest/shared/chips.h"
#include "guest/shared/entry.h"

        VECTOR_TABLE
        VECTORS 0, VECTOR_IRQ_END
        VECTOR  VECTOR_CALL
        VECTOR_TABLE_END

/*
 * Entry    ring 0 of the host; ESP at the vector in the frame; DS, ES, FS, GS whatever was interrupted.
 * Exit     to trap() and back; then as interrupted, or as trap() changed the frame.
 * Space    whichever process was interrupted; the kernel half is the same in all.
 * SS is the host's flat data segment for certain: the CPU took it from the TSS, or it was so already.
 */
trap_entry:
        FRAME_SAVE
        movl    %ss, %eax
        movl    %eax, %ds
        addl    $WS_DATA_TO_MORE, %eax
        movl    %eax, %es
        FRAME_TRAP

/* Also where a new thread begins: the switch to it returns here, onto a frame that thread_new() made. */
        .globl  trap_return
trap_return:
        FRAME_RETURN

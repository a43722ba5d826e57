/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way into the host's kernel; entry.h has the picture of the frame. */
#include "guest/host/numbers.h"
#include "guest/shared/chips.h"
#include "guest/shared/entry.h"

        VECTOR_TABLE
        VECTORS 0, VECTOR_IRQ_END
        VECTOR  VECTOR_CALL
        VECTOR_TABLE_END

/* Whichever process was interrupted, the kernel half is the same in all.  A new thread begins at trap_return: the
 * switch to it returns there, onto a frame that thread_new() made. */
        TRAP_ENTRY

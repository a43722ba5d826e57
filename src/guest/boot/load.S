/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the loader's segments to the host's own:
 *
 *     void tables_load(const struct ws_cross_table *gdtr, const struct ws_cross_table *idtr);
 *
 * Entry    ring 0, flat segments whose GDT, the loader's, may be gone, interrupts off.
 * Exit     GDTR, IDTR, LDTR, TR and all segment registers are the host's, CR4 too: HOST_CR4.
 * Clobbers EAX.
 * Space    the host's kernel, with no process in its user half.
 */
#include "guest/host/numbers.h"
#include "guest/shared/entry.h"

        .text
        .globl  tables_load
tables_load:
        TABLES_LOAD code=HOST_CODE, data=HOST_DATA, es=HOST_MORE, local=HOST_LOCAL, \
                    fs=HOST_FS, gs=HOST_GS, task=HOST_TASK
        movl    $HOST_CR4, %eax
        movl    %eax, %cr4
        ret

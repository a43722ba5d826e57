/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the loader's segments to the host's own:
 *
 *     void tables_load(const struct ws_cross_table *gdtr, const struct ws_cross_table *idtr);
 *
 * Entry    ring 0, flat segments that nobody has a table for any more, interrupts off.
 * Exit     GDTR, IDTR, LDTR, TR and all segment registers are the host's, CR0 and CR4 too: HOST_CR0, HOST_CR4.
 * Clobbers EAX.
 * Space    the host's kernel, with no process in its user half.
 */
#include "guest/host/numbers.h"

        .text
        .globl  tables_load
        .type   tables_load, @function
tables_load:
        movl    4(%esp), %eax
        lgdt    (%eax)
        movl    8(%esp), %eax
        lidt    (%eax)
        ljmp    $HOST_CODE, $1f
1:      movl    $HOST_DATA, %eax
        movl    %eax, %ds
        movl    %eax, %ss
        movl    $HOST_MORE, %eax
        movl    %eax, %es
        movl    $HOST_LOCAL, %eax
        lldt    %ax
        movl    $HOST_FS, %eax
        movl    %eax, %fs
        movl    $HOST_GS, %eax
        movl    %eax, %gs
        movl    $HOST_TASK, %eax
        ltr     %ax
        movl    $HOST_CR0, %eax
        movl    %eax, %cr0
        movl    $HOST_CR4, %eax
        movl    %eax, %cr4
        fninit
        ret
        .size   tables_load, . - tables_load

        .section .note.GNU-stack, "", @progbits

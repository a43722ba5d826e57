/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way to the cross page, and back into the host's handlers.
 */
#include "guest/host/numbers.h"
#include "guest/shared/entry.h"

        .text

/*
 *     void world_call(struct ws_cross_context *from, struct ws_cross_context *to);
 *
 * Entry    ring 0 of the host, in the VMX's ioctl, interrupts off.
 * Exit     the same, when the VMM switches back.
 * Space    the VMX's, before and after; in between it does not exist: see the picture in cross.S.
 */
        .globl  world_call
world_call:
        WORLD_CALL $HOST_CODE, $WS_CROSS_LINEAR

/*
 *     void vector_raise(uint32_t vector);
 *
 * Entry    ring 0 of the host, interrupts off.
 * Exit     the vector's handler has run, as if the interrupt had come just now.
 * Clobbers EAX.
 * `int` has its vector in the instruction, so there is one for each: INT_BYTES of code, entered in the
 * middle.
 */
#define INT       0xcd
#define INT_BYTES 4
        .globl  vector_raise
vector_raise:
        movzbl  4(%esp), %eax
        leal    int_table(, %eax, INT_BYTES), %eax
        jmp     *%eax
        .balign INT_BYTES
int_table:
        .set    vector, 0
        .rept   256
        .byte   INT, vector
        ret
        .balign INT_BYTES
        .set    vector, vector + 1
        .endr

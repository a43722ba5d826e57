/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A jump from one translation of a block to another one.
 *
 * A block with hook points has two translations (see announce.c): the plain one, which the engine finds first, and the
 * one that announces each instruction.  To go from the first to the second, the engine would have to stop and to be
 * started again, each time.  That takes some hundred times longer than the block.  So this file replaces the call of
 * the block hook in the plain translation by a jump to the call of the block hook in the announced one.
 *
 * The jump only saves time.  On processors other than x86-64, and where the call does not look as expected, the call
 * stays, and the guest gets the same results at the same marks.
 */
#ifndef WS_UNICORN_JUMP_H
#define WS_UNICORN_JUMP_H

#include <stdbool.h>
#include <stdint.h>

/* A call of the block hook in translated code. */
struct ws__engine_call {
    const uint8_t *end;                  /* its return address */
    uint64_t uc, linear, bytes, context; /* its arguments, in this order */
};

/* Replace the call `from` by a jump to the call `to`.  false: one of them does not look as expected, or they are too
 * far apart; then nothing was changed. */
bool ws__engine_jump_set(const struct ws__engine_call *from, const struct ws__engine_call *to);

#endif

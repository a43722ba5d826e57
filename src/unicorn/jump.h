/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A jump from one translation of a block to another one.
 *
 * A block with hook points has two translations: one that announces nothing, which the engine finds first, and one that
 * announces each instruction (announce.c).  To go from the first to the second, the engine would have to stop
 * and to be started again, each time; that takes some hundred times longer than the block.  So where the first one
 * calls the block hook, this writes a jump to the place where the second one calls it.
 *
 * Nothing depends on it.  On other processors than x86-64, and where the call does not look as expected, the call
 * stays, the block is executed in step mode, and the marks are the same.
 */
#ifndef WS_UNICORN_JUMP_H
#define WS_UNICORN_JUMP_H

#include <stdbool.h>
#include <stdint.h>

/* A call of the block hook in translated code. */
struct ws__engine_call {
    const uint8_t *end;                  /* where it returns to */
    uint64_t uc, linear, bytes, context; /* its operands, in their order */
};

/* Replace the call `from` by a jump to the call `to`.  false: one of them is not as expected, and nothing was done. */
bool ws__engine_jump_set(const struct ws__engine_call *from, const struct ws__engine_call *to);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast path of hook points: a short check instead of the whole boundary.
 *
 * At a hook point there is a boundary as before an instruction in step mode.  What ws__cpu_begin() does there takes
 * longer than most of these instructions.  A world switch contains many of them, and for most of them a short check is
 * enough.
 */
#ifndef WS_RUN_HOOK_POINT_H
#define WS_RUN_HOOK_POINT_H

#include "cpu/cpu.h"
#include "x86/operands.h"

/* An instruction of a block that is announced; decoded when the block was entered for the first time. */
struct ws__hook_point {
    uint32_t linear;
    uint16_t index; /* its number in the block */
    bool waits;     /* see ws__instruction_can_wait() */
    bool fast_path; /* there is a fast path for it */
    struct ws__decoded decoded;
    struct ws__operands operands;
};

/* Is there a fast path for such instructions, as long as the client listens to the same events? */
bool ws__hook_point_has_fast_path(const struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* A hook point with a fast path is about to begin at this mark.  true: it has begun, and its effect needs no check.
 * false: the slow path must decide; nothing has changed. */
bool ws__hook_point_begin_fast(struct ws__cpu *cpu, const struct ws__hook_point *point, uint64_t mark);

#endif

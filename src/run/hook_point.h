/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hook points that may simply begin.
 *
 * A hook point has a boundary like any instruction that is executed in step mode, and what is done there takes longer
 * than most hook points do.  For those that a world switch consists of, and as a rule, a short look will do.
 */
#ifndef WS_RUN_HOOK_POINT_H
#define WS_RUN_HOOK_POINT_H

#include "cpu/cpu.h"
#include "x86/operands.h"

/* An instruction of a block, looked at when the block was. */
struct ws__hook_point {
    uint32_t linear;
    uint16_t index; /* in the block */
    bool waits;     /* see ws__instruction_can_wait() */
    bool quick;     /* there is a short look */
    struct ws__decoded decoded;
    struct ws__operands operands;
};

/* Is there a short look at such instructions, as long as the same events are listened to? */
bool ws__hook_point_is_quick(const struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* The quick hook point at this mark is about to begin.  true: then it has begun, and what it does needs no look.
 * false: nothing has changed. */
bool ws__hook_point_begin(struct ws__cpu *cpu, const struct ws__hook_point *point, uint64_t mark);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sites that may simply begin.
 *
 * A site has a boundary like any instruction that is executed closely, and what is done there takes longer than most
 * sites do.  For those that a world switch consists of, and as a rule, a short look will do.
 */
#ifndef WS_CPU_SITE_H
#define WS_CPU_SITE_H

#include "cpu/cpu.h"
#include "x86/operands.h"

/* An instruction of a stretch, looked at when the stretch was. */
struct ws__site {
    uint32_t linear;
    uint16_t index; /* in the stretch */
    bool waits;     /* see ws__flight_can_wait() */
    bool quick;     /* there is a short look */
    struct ws__decoded decoded;
    struct ws__operands operands;
};

/* Is there a short look at such instructions, as long as the same events are listened to? */
bool ws__site_is_quick(const struct ws__cpu *cpu, const struct ws__decoded *decoded);

/* The quick site at this mark is about to begin.  true: then it has begun, and what it does needs no look.  false:
 * nothing has changed. */
bool ws__site_begin(struct ws__cpu *cpu, const struct ws__site *site, uint64_t mark);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running freely: stretches of code at a time, where nobody watches single instructions.
 *
 * The marks are those of stepping.  That holds because whatever makes a difference is found out at
 * the beginning of a stretch, or at a site inside it: there the mark is exact, and from there the
 * guest is executed closely, if it has to be.  It has to be
 *   - while somebody listens to instructions, breakpoints are set, a trap or a vector is about to be
 *     delivered, or a stretch uses a segment that is not flat;
 *   - near the mark at which the run or the chips' next deadline ends it;
 *   - in code that is written while it is executed.
 *
 * One thing is left: a stretch that writes over its own instructions further on, in a page that was written before
 * while it held code, may run on with the old ones up to its end.  After a jump the new ones count, which is all
 * that the manual promises: SDM 3A §11.6 "Self-Modifying Code".  Stepping sees them at once.
 */
#ifndef WS_CPU_FREELY_H
#define WS_CPU_FREELY_H

#include "cpu/cpu.h"

/* Set the pace for a run of the engine that begins now, in the way that cpu->closely says. */
void ws__freely_begin(struct ws__cpu *cpu);
/* The engine came back: make mark and current instruction exact. */
void ws__freely_end(struct ws__cpu *cpu, bool exception);

/* For the engine: see struct ws__engine_client. */
bool ws__freely_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation);
bool ws__freely_site(void *context, uint32_t linear);

/* Is EFLAGS.TF set? */
bool ws__freely_trapped(const struct ws__cpu *cpu);
/* Is it worth while to run freely from here? */
bool ws__freely_worthwhile(struct ws__cpu *cpu);
/* Executed closely: may the instruction at `linear` begin a free run? */
bool ws__freely_allowed(struct ws__cpu *cpu, uint32_t linear);
/* Execute closely what lies in this range. */
void ws__freely_avoid(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);

/* The horizon was moved: the pace must not lead beyond it. */
void ws__freely_horizon(struct ws__cpu *cpu);

/* Is it an instruction that is announced before it begins? */
bool ws__flight_is_site(const struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* Does somebody listen to what it does? */
bool ws__flight_is_followed(const struct ws__cpu *cpu, const struct ws__decoded *decoded);
/* If it is: may stretches that come after it pass unasked, before it is settled? */
bool ws__flight_can_wait(const struct ws__cpu *cpu, const struct ws__decoded *decoded);

#endif

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
 *   - in front of an instruction that faults, or whose access needs a look: see tlb.h.
 */
#ifndef WS_CPU_FREELY_H
#define WS_CPU_FREELY_H

#include "cpu/cpu.h"

/* Set the pace for a run of the engine that begins now, in the way that cpu->closely says. */
void ws__freely_begin(struct ws__cpu *cpu);
/* The engine came back: make mark and current instruction exact.  `repeat`: the instruction that it stands at was not
 * done, and will be executed closely. */
void ws__freely_end(struct ws__cpu *cpu, bool repeat);

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

#endif

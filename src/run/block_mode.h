/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running in block mode: blocks of code at a time, where nobody watches single instructions.
 *
 * The marks are those of stepping.  That holds because whatever makes a difference is found out at
 * the beginning of a block, or at a hook point inside it: there the mark is exact, and from there the
 * guest is executed in step mode, if it has to be.  It has to be
 *   - while somebody listens to instructions, breakpoints are set, a trap or a vector is about to be
 *     delivered, or a block uses a segment that is not flat;
 *   - near the mark at which the run or the chips' next deadline ends it;
 *   - in front of an instruction that faults, or whose access needs a look: see tlb.h.
 */
#ifndef WS_RUN_BLOCK_MODE_H
#define WS_RUN_BLOCK_MODE_H

#include "cpu/cpu.h"

/* Set the budget for a run of the engine that begins now, in the way that cpu->blocks.step_mode says. */
void ws__block_mode_begin(struct ws__cpu *cpu);
/* The engine came back: make mark and current instruction exact.  `repeat`: the instruction that it stands at was not
 * done, and will be executed in step mode. */
void ws__block_mode_end(struct ws__cpu *cpu, bool repeat);

/* For the engine: see struct ws__engine_client. */
bool ws__block_mode_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation);
bool ws__block_mode_hook_point(void *context, uint32_t linear);

/* Is EFLAGS.TF set? */
bool ws__block_mode_trapped(const struct ws__cpu *cpu);
/* Is it worth while to run in block mode from here? */
bool ws__block_mode_worthwhile(struct ws__cpu *cpu);
/* Executed in step mode: may the instruction at `linear` begin a run in block mode? */
bool ws__block_mode_allowed(struct ws__cpu *cpu, uint32_t linear);
/* Execute in step mode what lies in this range. */
void ws__block_mode_avoid(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes);

#endif

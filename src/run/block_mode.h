/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block mode: the engine executes whole blocks, and the library makes decisions only between them and at hook points.
 *
 * The guest gets the same results at the same marks as in step mode.  This is so because everything that could make a
 * difference is noticed at the beginning of a block, or at a hook point inside a block.  There the mark is exact.  If
 * necessary, the guest is executed in step mode from there on.  Step mode is necessary
 *   - while the client listens to instructions, and when a trap or an interrupt is about to be delivered;
 *   - for a block that uses a segment which is not flat, unless the TLB can enforce the limit (ws__tlb_arm());
 *   - for a block with an instruction that has a breakpoint, in the debug registers or by the client;
 *   - near the budget's end, that is, the mark at which the run ends or the chips' next deadline comes;
 *   - for an instruction that faults, or with an access that needs a check (see cpu/tlb.h); where this happens often,
 *     also for what follows (step_for_a_while()).
 */
#ifndef WS_RUN_BLOCK_MODE_H
#define WS_RUN_BLOCK_MODE_H

#include "cpu/cpu.h"

/* The engine is about to run: prepare the budget, and set the mode that cpu->blocks.step_mode says. */
void ws__block_mode_begin(struct ws__cpu *cpu);
/* The engine has returned: make the mark and the current instruction exact.  `repeat`: the instruction at EIP was not
 * done, and will be executed in step mode. */
void ws__block_mode_end(struct ws__cpu *cpu, bool repeat);

/* The engine calls these: see struct ws__engine_client. */
bool ws__block_mode_enter(void *context, uint64_t linear, uint32_t bytes, uintptr_t translation);
bool ws__block_mode_hook_point(void *context, uint32_t linear);

/* Is EFLAGS.TF set? */
bool ws__block_mode_trap_flag(const struct ws__engine *engine);
/* May the guest run in block mode from here, and far enough to be worth the effort? */
bool ws__block_mode_worthwhile(struct ws__cpu *cpu);
/* In step mode: may a run in block mode begin with the instruction at `linear`? */
bool ws__block_mode_allowed(struct ws__cpu *cpu, uint32_t linear);
/* From now on use step mode.  The instructions in this range may not begin a run in block mode,
 * until cpu->blocks.avoid_until. */
void ws__block_mode_avoid(struct ws__block_mode *blocks, uint32_t linear, uint64_t bytes);

#endif

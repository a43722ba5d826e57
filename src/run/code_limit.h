/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks and the limit of the code segment.
 *
 * If CS has a limit below 4 GiB, a block may only run in block mode if it and the target of its branch lie within the
 * limit.  For a branch to one target this depends on CS's base and limit alone.  So it is checked once for each base
 * and limit, not each time that the block begins: each of the last pairs has a bit in block->touches.  The bit is set
 * as long as the block was not checked with that pair, and while CS has that pair, the bit is watched:
 *
 *      CS has the pair of bit 9 ──► 1 << 9 is watched
 *      a block with 1 << 9 in `touches` ──► asks; if it lies within the limit, the bit is cleared
 *      the same block again ──► passes
 */
#ifndef WS_RUN_CODE_LIMIT_H
#define WS_RUN_CODE_LIMIT_H

#include "cpu/cpu.h"

/* The bit of CS's base and limit, as cpu->checks has them; 0: CS has no limit below 4 GiB. */
uint32_t ws__code_limit_bit(struct ws__cpu *cpu);
/* May the block run with CS's limit?  If that will not change as long as CS has this base and limit, the block does not
 * ask again. */
bool ws__code_limit_allows(struct ws__cpu *cpu, struct ws__block *block);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the entry of a block in the table, when the engine enters the block for the first time. */
#ifndef WS_RUN_BLOCK_H
#define WS_RUN_BLOCK_H

#include "cpu/cpu.h"

/* The engine has translated the `bytes` bytes of code at `linear`, and is about to enter the block.  `announced`: this
 * translation announces its instructions.  NULL: the supervisor cannot fetch all of the code, or there is no memory, or
 * the table is full.  Then the code will be executed in step mode. */
struct ws__block *ws__block_make(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, uintptr_t translation,
                                 bool announced);

#endif

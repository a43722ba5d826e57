/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a block: its instructions, looked at when the engine enters it for the first time. */
#ifndef WS_RUN_BLOCK_H
#define WS_RUN_BLOCK_H

#include "cpu/cpu.h"

/* The engine has translated `bytes` of code at `linear`, and is about to enter them; `announced`: their instructions
 * are announced.  NULL, and cpu->blocks.step_mode: they cannot be told, or there is no room. */
struct ws__block *ws__block_make(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, uintptr_t translation,
                                 bool announced);

#endif

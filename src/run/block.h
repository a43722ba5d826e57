/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in a stretch: its instructions, looked at when the engine enters it for the first time. */
#ifndef WS_CPU_STRETCH_CODE_H
#define WS_CPU_STRETCH_CODE_H

#include "cpu/cpu.h"

/* The engine has translated `bytes` of code at `linear`, and is about to enter them; `announced`: their instructions
 * are announced.  NULL, and cpu->closely: they cannot be told, or there is no room. */
struct ws__stretch *ws__stretch_code_make(struct ws__cpu *cpu, uint32_t linear, uint32_t bytes, uintptr_t translation,
                                          bool announced);

#endif

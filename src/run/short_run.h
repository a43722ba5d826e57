/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short runs.
 *
 * A run of one instruction, as for a student who presses a key, needs one instruction translated, and one more in front
 * of which the engine stops.  But Unicorn translates up to the next branch, and does so again for each next run, since
 * each begins at another instruction.  So where the budget ends after few instructions, the engine is told how far to
 * translate.
 *
 *                  EIP                budget's end
 *      in RAM       mov    add    xor    inc    shl    ...   jmp
 *      translated  └─────── until here ───────┘
 */
#ifndef WS_RUN_SHORT_RUN_H
#define WS_RUN_SHORT_RUN_H

#include "cpu/cpu.h"

/* The engine is about to run in step mode: if the run is a short one, tell the engine so. */
void ws__short_run_begin(struct ws__cpu *cpu);

#endif

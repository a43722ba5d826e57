/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a CPU, and running it.
 */
#ifndef WS_RUN_RUN_H
#define WS_RUN_RUN_H

#include "cpu/cpu.h"

/* Make a CPU with its engine.  `keeps`: it keeps translations, see cpu/kept.h.  Returns WS_OK, WS_NO_MEMORY or
 * WS_ENGINE. */
enum ws_status ws__cpu_init(struct ws__cpu *cpu, uint8_t *ram, uint32_t bytes, const struct ws__cpu_client *client,
                            bool keeps);
void ws__cpu_release(struct ws__cpu *cpu);

/* A run begins: a breakpoint at this mark does not end it. */
void ws__cpu_start(struct ws__cpu *cpu);
/* Execute the next `instructions` instructions of the run; 0: as many as there are.  See ws_machine_run(). */
enum ws_stop ws__cpu_go_on(struct ws__cpu *cpu, uint64_t instructions);

/* The engine calls this in step mode, at the boundary in front of the instruction at `linear`: see begin() of struct
 * ws__engine_client. */
bool ws__step_mode_begin(void *context, uint32_t linear);

#endif

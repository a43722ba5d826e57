/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a CPU.
 */
#ifndef WS_RUN_RUN_H
#define WS_RUN_RUN_H

#include "cpu/cpu.h"

/* WS_OK, WS_NO_MEMORY, WS_ENGINE. */
enum ws_status ws__cpu_init(struct ws__cpu *cpu, uint8_t *ram, uint32_t bytes, const struct ws__cpu_client *client);
void ws__cpu_release(struct ws__cpu *cpu);

/* A run begins: a breakpoint at this mark does not end it. */
void ws__cpu_start(struct ws__cpu *cpu);
/* Execute the next so many instructions of it, 0: all.  See ws_machine_run(). */
enum ws_stop ws__cpu_go_on(struct ws__cpu *cpu, uint64_t instructions);

/* For the engine: at the boundary in front of the instruction at `linear`, in step mode.  See struct
 * ws__engine_client. */
bool ws__step_mode_begin(void *context, uint32_t linear);

#endif

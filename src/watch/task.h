/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hardware task switch saved. */
#ifndef WS_WATCH_TASK_H
#define WS_WATCH_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/machine.h>
#include <worldswitch/registers.h>

/* The registers of the task that `selector` names, from its TSS; those that a task switch does not save are taken from
 * `last`, what was seen last before it.  Returns false if the TSS cannot be read. */
bool ws__task_registers(const struct ws_machine *machine, uint16_t selector, const struct ws_registers *last,
                        struct ws_registers *out);

#endif

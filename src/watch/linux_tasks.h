/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of Linux's tasks, from the kernel's own memory.
 */
#ifndef WS_WATCH_LINUX_TASKS_H
#define WS_WATCH_LINUX_TASKS_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/crossing.h>
#include <worldswitch/machine.h>

/* Where this kernel's task_struct has two of its fields: bytes from its beginning.  Each kernel was configured
 * otherwise, so this is learned from its switches. */
struct ws__linux_tasks {
    bool wanted; /* the guest is Linux */
    bool known;  /* the next two hold something */
    uint32_t name;
    uint32_t esp;
};

/* A switch has ended: learn where the fields are, if that is not known yet.  The first switch that leaves the idle task
 * tells it, and that is a kernel's very first one. */
void ws__linux_tasks_learn(struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                           const struct ws_crossing *crossing);

/* The addresses of the tasks that a switch has left and entered, linear; 0: not known. */
uint32_t ws__linux_task_left(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                             const struct ws_crossing *crossing);
uint32_t ws__linux_task_entered(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                                const struct ws_crossing *crossing);

/* What the task at this address is called now, as mapped under these registers.  false: there is no such name, and
 * `name` is "". */
bool ws__linux_task_name(const struct ws__linux_tasks *tasks, const struct ws_machine *machine,
                         const struct ws_registers *registers, uint32_t linear, char name[WS_TASK_NAME_BYTES]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process: a ring-3 address space inside one world, whose kernel half it shares.
 *
 * It is owned by its world's laboratory: see lab.h, which says when it can be made.
 */
#ifndef WORLDSWITCH_PROCESS_H
#define WORLDSWITCH_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include <worldswitch/registers.h>
#include <worldswitch/status.h>
#include <worldswitch/world.h>

/*
 * Make a ring-3 process in a world: a page directory whose kernel half is the world's, a kernel
 * stack, and one page of user stack, which ends at the kernel half.  It begins with the
 * first switch to it: by ws_context_switch(), or by the world's own kernel.  `name` as for worlds,
 * unique in the lab.  Borrowed.
 * WS_OK, WS_BAD_ARGUMENT, WS_OVERLAP (the name), WS_NO_ROOM, WS_NO_MEMORY.
 */
enum ws_status ws_process_new(struct ws_world *world, const char *name, struct ws_process **out);
/* As for worlds, in the user half only; pages are WS_MAP_USER in any case. */
enum ws_status ws_process_map(struct ws_process *process, uint32_t linear, uint32_t bytes, unsigned flags);
enum ws_status ws_process_load(struct ws_process *process, uint32_t linear, const void *content, uint32_t bytes);
/* Map and load an ELF program, and begin at its entry.  Also WS_BAD_IMAGE. */
enum ws_status ws_process_load_elf(struct ws_process *process, const void *elf, size_t bytes);
/* The registers with which it begins.  CS and SS must be ring-3 selectors of the world.
 * WS_OK, WS_BAD_ARGUMENT. */
void ws_process_registers(const struct ws_process *process, struct ws_registers *out);
enum ws_status ws_process_set_registers(struct ws_process *process, const struct ws_registers *registers);

const char *ws_process_name(const struct ws_process *process);
uint32_t ws_process_cr3(const struct ws_process *process);
/* ESP0 while it runs: the top of its kernel stack, linear.  SDM 3A §7.2.1 "Task-State Segment (TSS)". */
uint32_t ws_process_kernel_stack(const struct ws_process *process);

/* Make the guest switch to a process of the world that runs: the same, by the kernel's
 * context_switch().  Returns when a watcher (crossing.h) sees the crossing end with the process's CR3: when its return
 * has been executed; the process itself goes on behind it.  WS_BAD_ARGUMENT also if another world runs. */
enum ws_status ws_context_switch(struct ws_process *to);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The laboratory's kernels.  Each world has one, a copy of its own: an idle kernel in worlds that
 * the API makes, the host's, the VMM's.  They differ in kernel_main() and kernel_ioctl(), and share
 * all the rest:
 *
 *   vectors.S   every way into the kernel: vector → frame on the kernel stack → trap() → iret
 *   trap.c      what is done about a vector
 *   switch.S    context_switch(), and the far call to the cross page
 *   process.c   the ring of processes, and the system calls
 *
 * What they print goes to COM1, which the start stub has set up: all worlds print to the same wire.
 */
#ifndef WS_GUEST_KERNEL_H
#define WS_GUEST_KERNEL_H

#include <stdint.h>

#include "guest/shared/console.h"
#include "guest/shared/cpu.h"
#include "worlds/layout.h"

/* This world, as the builder describes it. */
extern struct ws_resident resident;

/* The kernel's own thread, in the form of a process: what runs while no process does. */
extern struct ws_process_block kernel_thread;

/* -- what each kernel brings ------------------------------------------------------------------- */

/* Runs in ring 0 on the world's kernel stack, interrupts on, when the world is entered for the
 * first time. If it returns, the world idles. */
void kernel_main(void);

/* The system call `ioctl`. */
uint32_t kernel_ioctl(uint32_t request);

/* -- switching --------------------------------------------------------------------------------- */

/* switch.S.  Returns when another process switches back to `from`. */
void context_switch(struct ws_process_block *from, struct ws_process_block *to);
/* switch.S.  Returns when another world switches back to this one. */
void world_call(struct ws_cross_context *from, struct ws_cross_context *to);

/* Leave this world; when it is entered again, wipe its saved context, which is worth nothing from
 * then on. */
void world_switch(uint32_t to);
void world_context_wipe(void);

/* -- processes --------------------------------------------------------------------------------- */

/* What WS_CALL_... in layout.h ask for. */
void system_call(struct ws_trap_frame *frame);
/* Switch to that process, or with NULL to the kernel's own thread. */
void process_switch(struct ws_process_block *to);
/* Run all processes; return when the last has exited. */
void processes_run(void);

/* -- exceptions -------------------------------------------------------------------------------- */

/* From vectors.S, for every vector. */
void trap(struct ws_trap_frame *frame);

/* provoke.S: cause an exception in ring 0 and go on behind it.  `linear` is what the page fault
 * touches. */
enum provocation { PROVOKE_UD, PROVOKE_PF, PROVOKE_GP, PROVOKE_DE, PROVOKE_COUNT };
extern void (*const provocations[PROVOKE_COUNT])(uint32_t linear);
void provoke(enum provocation what, uint32_t linear);

static inline struct ws_cross_mailbox *mailbox(void)
{
    return (struct ws_cross_mailbox *)(WS_CROSS_LINEAR + WS_CROSS_MAILBOX_OFFSET);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching one frame of RAM at full speed.
 *
 * The frame is protected as code and page tables are (cpu/frames.h), so each write to it is noticed, at its mark, and
 * the rest of the guest runs in block mode.
 */
#ifndef WS_MACHINE_FRAME_WATCH_H
#define WS_MACHINE_FRAME_WATCH_H

#include <stdint.h>

struct ws_machine;

/* From now on, call `changed` after each change of the frame at `phys`, which is in RAM: the instruction that made it
 * is the last one that has begun.  `changed` may call ws_machine_stop().  One frame at a time. */
void ws__machine_frame_watch(struct ws_machine *machine, uint32_t phys,
                             void (*changed)(void *context, struct ws_machine *machine), void *context);
void ws__machine_frame_unwatch(struct ws_machine *machine);

#endif

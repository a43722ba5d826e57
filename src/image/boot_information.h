/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The structure that EBX points to when a multiboot guest starts, and what it points to in turn.
 */
#ifndef WS_IMAGE_BOOT_INFORMATION_H
#define WS_IMAGE_BOOT_INFORMATION_H

#include <worldswitch/image.h>

#include "image/image_plan.h"

enum { WS__MODULE_ALIGN = 4096 };

/* Where RAM ends that firmware has not kept for itself. */
uint32_t ws__memory_top(uint32_t memory_bytes);

enum { WS__MEMORY_RANGES_MOST = 6 };

/* The map of a PC with QEMU's firmware: guests size themselves by it, and shall do so alike here and there.  Answers
 * how many ranges it has. */
uint32_t ws__memory_map(struct ws__memory_range range[WS__MEMORY_RANGES_MOST], uint32_t memory_bytes);

/*
 * Write it into low memory that no part of the plan uses.  `module` has a row a module, without its string.  WS_OK,
 * WS_NO_MEMORY, or WS_NO_ROOM with a line in `why` (may be NULL); *phys is where it is.
 */
enum ws_status ws__boot_information_write(struct ws_machine *machine, const struct ws__image_plan *plan,
                                          const struct ws_boot_options *options, struct ws__module_row *module,
                                          uint32_t *phys, struct ws_buffer *why);

#endif

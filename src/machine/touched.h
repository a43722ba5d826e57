/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of RAM were ever touched.
 *
 * A guest uses a small part of its RAM.  The rest is zero, since the host gave it so and nobody has
 * written there, and the host's kernel knows it: to look at those pages would only cost time, and
 * memory.
 */
#ifndef WS_MACHINE_TOUCHED_H
#define WS_MACHINE_TOUCHED_H

#include <stdbool.h>
#include <stdint.h>

struct ws_machine;

/* Ask the kernel about this process's memory; it may not answer, and then all pages count. */
void ws__touched_open(struct ws_machine *machine);
void ws__touched_close(struct ws_machine *machine);

enum { WS__TOUCHED_PAGES = 512 };

/* A window on the pages from a multiple of WS__TOUCHED_PAGES on.  Start with {0}. */
struct ws__touched {
    bool known; /* the window is filled */
    uint32_t first;
    uint64_t page[WS__TOUCHED_PAGES]; /* as the kernel describes them */
};

/* Is this page for certain zero, and was never touched?  Ask in ascending order. */
bool ws__touched_never(struct ws__touched *touched, const struct ws_machine *machine,
                       uint32_t page);

/* Are these WS_PAGE_BYTES bytes all zero? */
bool ws__page_is_zero(const uint8_t *ram);

#endif

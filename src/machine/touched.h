/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which pages of RAM were ever touched.
 *
 * A guest uses a small part of its RAM.  The rest is zero: the host gave it so, and neither the guest nor its loader
 * has written there.  The host's kernel knows it: to look at those pages would only cost time, and memory.
 */
#ifndef WS_MACHINE_TOUCHED_H
#define WS_MACHINE_TOUCHED_H

#include <stdbool.h>
#include <stdint.h>

struct ws_machine;

/* Ask the kernel about this process's memory; it may not answer, and then all pages count. */
void ws__touched_open(struct ws_machine *machine);
void ws__touched_close(struct ws_machine *machine);

enum { WS__TOUCHED_RANGES = 256 };

/* What the kernel said of a part of RAM, in numbers of pages.  Start with {0}. */
struct ws__touched {
    uint32_t end;    /* before it, all that is touched is in a range, or was asked for already */
    unsigned ranges; /* in ascending order */
    unsigned at;     /* the range that was looked at last */
    uint32_t from;   /* from here on, `next` is the next one: the last answer */
    uint32_t next;
    struct {
        uint32_t begin;
        uint32_t end;
    } range[WS__TOUCHED_RANGES];
};

/* The next page, from `page` on, that may be other than zero, since it was touched once; behind RAM if there is none.
 * Ask in ascending order. */
uint32_t ws__touched_next(struct ws__touched *touched, const struct ws_machine *machine, uint32_t page);

/* Are these WS_PAGE_BYTES bytes all zero? */
bool ws__page_is_zero(const uint8_t *ram);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has what a thread needs to go on been saved in memory? */
#ifndef WS_WATCH_SAVED_H
#define WS_WATCH_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

/* Physical addresses that do not count; `bytes` 0: none. */
struct ws__saved_except {
    uint32_t phys;
    uint32_t bytes;
};

/* Is there a word, on a multiple of 4, with a value from `low` to `high`? */
bool ws__saved_word(const struct ws_physical *memory, uint32_t low, uint32_t high,
                    const struct ws__saved_except *except);

/* Are there both values, as near to each other as the fields of one saved context?  It takes the longer, the more often
 * `one` is there: an address of code is better than a stack pointer, which may be 0. */
bool ws__saved_pair(const struct ws_physical *memory, uint32_t one, uint32_t other,
                    const struct ws__saved_except *except);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is what a thread needs to go on kept in memory? */
#ifndef WS_WATCH_KEPT_H
#define WS_WATCH_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/paging.h>

/* Physical addresses that do not count; `bytes` 0: none. */
struct ws__kept_except {
    uint32_t phys;
    uint32_t bytes;
};

/* Is there a word, on a multiple of 4, with a value from `low` to `high`? */
bool ws__kept_word(const struct ws_physical *memory, uint32_t low, uint32_t high, const struct ws__kept_except *except);

/* Are there both values, as near to each other as the fields of one saved context? */
bool ws__kept_pair(const struct ws_physical *memory, uint32_t one, uint32_t other,
                   const struct ws__kept_except *except);

#endif

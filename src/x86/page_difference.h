/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How two address spaces differ.
 */
#ifndef WS_X86_PAGE_DIFFERENCE_H
#define WS_X86_PAGE_DIFFERENCE_H

#include <stdbool.h>

#include <worldswitch/paging.h>

/* In which pages do two address spaces differ? */
struct ws__page_difference {
    bool user;   /* in pages that ring 3 may use, in at least one of the two */
    bool kernel; /* in others */
};

/* Compare the address spaces that CR0, CR3 and CR4 describe in `a` and in `b`.  The answer is that of
 * ws_page_map_differs() for their maps, without the maps. */
struct ws__page_difference ws__page_difference_find(const struct ws_physical *memory, const struct ws_registers *a,
                                                    const struct ws_registers *b);

#endif

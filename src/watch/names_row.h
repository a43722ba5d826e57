/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest tells watchers of itself.  Guests include this file, too.
 */
#ifndef WS_WATCH_NAMES_ROW_H
#define WS_WATCH_NAMES_ROW_H

#include <stdint.h>

/* A row of the table `ws_names`: a system that makes its page directories itself keeps it in its memory, to tell
 * watchers what they are.  A row whose cr3 is 0 ends the table. */
struct ws_names_row {
    uint32_t cr3;     /* physical, of the page directory; or, with WS_NAMES_THREAD, linear, of a kernel stack's page */
    char world[16];   /* "host", "vmm" */
    char process[16]; /* "A"; empty: none, the world's own; of a stack, its thread */
};

/* The row is about a thread, known by its kernel stack. */
#define WS_NAMES_THREAD 1u

#endif

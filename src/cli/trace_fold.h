/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folding repetition: records that come again and again in the same order are written twice, and then counted.
 */
#ifndef WS_CLI_TRACE_FOLD_H
#define WS_CLI_TRACE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include <worldswitch/buffer.h>

enum { WS__FOLD_PERIOD = 8 }; /* so many different records may repeat as a group */

struct ws__fold {
    uint64_t key[2 * WS__FOLD_PERIOD]; /* of the last records, oldest first; without their marks */
    unsigned keys;
    unsigned period;       /* so many records repeat; 0: none do */
    unsigned at;           /* how many of the present repetition have come */
    uint64_t times;        /* repetitions that were not written */
    uint64_t mark;         /* of the last record in them */
    struct ws_buffer held; /* owned: records that were not written, in case that they do not repeat on */
};

/* A record as it would be written, `text`: append it to `out`, or count it.  Its mark is not compared. */
void ws__fold_put(struct ws__fold *fold, struct ws_buffer *out, uint64_t mark, const struct ws_buffer *text);
/* What repeated, ends: append how often it came. */
void ws__fold_end(struct ws__fold *fold, struct ws_buffer *out);
void ws__fold_release(struct ws__fold *fold);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interrupt line: a function, an opaque pointer and a number.  Wiring, not state.
 */
#ifndef WS_DEVICES_LINE_H
#define WS_DEVICES_LINE_H

#include <stdbool.h>

struct ws__line {
    void (*set)(void *context, unsigned number, bool high); /* may be NULL: not connected */
    void *context;
    unsigned number;
};

static inline void ws__line_set(const struct ws__line *line, bool high)
{
    if (line->set)
        line->set(line->context, line->number, high);
}

#endif

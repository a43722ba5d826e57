/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much a heavy test does: a little each time, and much when the user asks for it by WS_LONG=1 in the environment,
 * as `make check-long` does.  Both are counts of work, never of seconds.  WS_MORE=1, as CI asks, is between them: what
 * takes seconds, and finds little that the rest of a check does not find.
 */
#ifndef TESTS_EFFORT_H
#define TESTS_EFFORT_H

#include <stdlib.h>

static inline unsigned effort(unsigned little, unsigned much)
{
    const char *asked = getenv("WS_LONG");
    return asked && *asked ? much : little;
}

/* Little each time, more for WS_MORE=1, and much for WS_LONG=1. */
static inline unsigned effort_more(unsigned little, unsigned more, unsigned much)
{
    const char *asked = getenv("WS_MORE");
    return effort(asked && *asked ? more : little, much);
}

#endif

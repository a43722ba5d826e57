/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many independent jobs on several processors, each in a process of its own.
 *
 * A job that crashes, aborts or uses its processor for too long ends itself and no other job, and
 * that is an answer, too.
 */
#ifndef WS_FRONT_WORKERS_H
#define WS_FRONT_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include <worldswitch/buffer.h>

#include "front/output.h"

/* A job's answer. */
struct ws__answer {
    struct ws_buffer bytes; /* what the job appended; empty if it died */
    int died_of;            /* the signal that ended it; 0: it answered */
};

struct ws__workers {
    /* In a process of its own: append the answer.  Returns false if that is not possible. */
    bool (*work)(void *context, size_t job, struct ws_buffer *answer);
    /* In the caller's process: the answers, in the order in which they come. */
    void (*take)(void *context, size_t job, const struct ws__answer *answer);
    void *context;
    unsigned at_once;           /* how many processes */
    unsigned processor_seconds; /* that a job may use; then SIGXCPU ends it */
    size_t memory_bytes;        /* that a job may map; 0: as much as there is */
};

/* How many processors there are to use, from 1. */
unsigned ws__workers_count(void);

/* Do the jobs first, first + step, first + 2 * step... below `end`.  Asks `output` now and then
 * whether to go on; if not, those that run are ended and no further one is begun.
 * WS__EXIT_DONE, also then; or WS__EXIT_HOST after having complained. */
int ws__workers_run(const struct ws__workers *workers, size_t first, size_t step, size_t end,
                    struct ws__output *output);

#endif

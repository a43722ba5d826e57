/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress on standard error, for a user who waits at a terminal; it starts after a second.
 */
#ifndef WS_FRONT_PROGRESS_H
#define WS_FRONT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct ws__progress {
    bool wanted;
    bool shown;
    struct timespec last;
};

/* `wanted`: if standard error is a terminal. */
void ws__progress_begin(struct ws__progress *progress, bool wanted);
/* So far it has come; once a second is enough. */
void ws__progress_show(struct ws__progress *progress, uint64_t mark);
void ws__progress_end(const struct ws__progress *progress);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress on standard error. */
#define _POSIX_C_SOURCE 200809L

#include "front/progress.h"

#include <stdio.h>
#include <unistd.h>

void ws__progress_begin(struct ws__progress *progress, bool wanted)
{
    progress->wanted = wanted && isatty(STDERR_FILENO);
    progress->shown = false;
    clock_gettime(CLOCK_MONOTONIC, &progress->last);
}

void ws__progress_show(struct ws__progress *progress, uint64_t mark)
{
    struct timespec now;
    if (!progress->wanted)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec <= progress->last.tv_sec)
        return;
    progress->last = now;
    progress->shown = true;
    fprintf(stderr, "\r%llu million instructions", (unsigned long long)(mark / 1000000));
}

void ws__progress_end(const struct ws__progress *progress)
{
    if (progress->shown)
        fputs("\r                                        \r", stderr);
}

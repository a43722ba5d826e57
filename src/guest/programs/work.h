/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What A and B do all day. */
#ifndef WS_GUEST_PROGRAMS_WORK_H
#define WS_GUEST_PROGRAMS_WORK_H

#include <stdint.h>

/* How many primes are below `end`: it computes long enough to be interrupted. */
uint32_t primes_below(uint32_t end);

/* Read a whole file, sector by sector, and add up its bytes; 0 if there is no such file. */
uint32_t file_sum(const char *name, uint32_t *bytes);

#endif

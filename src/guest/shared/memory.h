/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What compilers call by themselves, whatever they are told: each program of the machine links a copy. */
#ifndef WS_GUEST_SHARED_MEMORY_H
#define WS_GUEST_SHARED_MEMORY_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WS_GUEST_BYTES_H
#define WS_GUEST_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The compiler makes calls of these on its own. */
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

bool text_equal(const char *one, const char *other);
/* Copy with the 0, cut off at `room` bytes. */
void text_copy(char *to, const char *from, uint32_t room);

#endif

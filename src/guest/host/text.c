/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes and texts. */
#include "guest/host/host.h"

bool text_equal(const char *one, const char *other)
{
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

void text_copy(char *to, const char *from, uint32_t room)
{
    while (room > 1 && *from) {
        *to++ = *from++;
        room--;
    }
    *to = 0;
}

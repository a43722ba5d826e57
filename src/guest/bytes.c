/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes and names, for everybody who lives in the machine. */
#include "guest/bytes.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *at = to;

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *at = to;

    __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

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

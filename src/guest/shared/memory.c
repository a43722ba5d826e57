/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes copied and set, by the CPU's own instructions. */
#include "guest/shared/memory.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *at = to;

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *at = to;
    size_t longs = bytes / 4, rest = bytes % 4;

    __asm__ volatile("rep stosl" : "+D"(at), "+c"(longs) : "a"((value & 0xff) * 0x01010101) : "memory");
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(rest) : "a"(value) : "memory");
    return to;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trying whether there is enough address space for an engine. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "unicorn/room.h"

#include <sys/mman.h>

/* Besides its buffer, an engine of Unicorn 2.1.1 allocates 4 MiB (measured) when it is made, and more while it runs. */
enum { BESIDES_BYTES = 48 << 20 };

bool ws__engine_room(size_t translation_bytes)
{
    size_t bytes = translation_bytes + BESIDES_BYTES;
    void *room = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return false;
    munmap(room, bytes);
    return true;
}

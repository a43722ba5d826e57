/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large memory of zeros. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "base/zeros.h"

#include <sys/mman.h>

void *ws__zeros_new(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void ws__zeros_free(void *memory, size_t bytes)
{
    if (memory)
        munmap(memory, bytes);
}

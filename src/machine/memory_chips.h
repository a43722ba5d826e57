/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical memory behind RAM: chips answer at some addresses, nothing at the others.
 */
#ifndef WS_MACHINE_MEMORY_CHIPS_H
#define WS_MACHINE_MEMORY_CHIPS_H

#include <stdint.h>

enum { WS__NO_MEMORY_PAGES = 128 };

/* The pages where nothing answers and that the guest has accessed: each is told of once, as long as there is room. */
struct ws__no_memory {
    uint32_t count;
    uint32_t page[WS__NO_MEMORY_PAGES]; /* their numbers, in the order of the first accesses */
};

/* For the CPU: see struct ws__cpu_client. */
uint32_t ws__memory_chips_read(void *machine, uint32_t phys, unsigned bytes);
void ws__memory_chips_write(void *machine, uint32_t phys, unsigned bytes, uint32_t value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page frames.  A free frame holds the address of the next one, so the list takes no memory.
 *
 * All of RAM is in the direct map, page by page rather than in pages of 4 MiB, so that a single frame can
 * be taken out: what belongs to another world must not be reachable from this one.
 */

#include "guest/host/host.h"

enum { DIRECT_FLAGS = WS_PTE_P | WS_PTE_RW | WS_PTE_G };

/* boot/hosted.ld. */
extern uint8_t kernel_data[], kernel_end[];

static uint32_t pool; /* physical: the first free frame; 0: none */

uint32_t frame_new(void)
{
    uint32_t phys = pool;
    uint32_t *words = direct(phys);

    if (!phys)
        return 0;
    pool = *words;
    memset(words, 0, PAGE_BYTES);
    return phys;
}

void frame_free(uint32_t phys)
{
    *(uint32_t *)direct(phys) = pool;
    pool = phys;
}

uint32_t frames_free(void)
{
    uint32_t frames = 0;

    for (uint32_t phys = pool; phys; phys = *(uint32_t *)direct(phys))
        frames++;
    return frames;
}

/* -- the direct map ---------------------------------------------------------------------------- */

static uint32_t *direct_entry(uint32_t phys)
{
    uint32_t linear = phys + HOST_BASE;
    uint32_t *table = direct(kernel_directory[linear / PAGE_TABLE_BYTES] & -PAGE_BYTES);

    return &table[linear / PAGE_BYTES % PAGE_ENTRIES];
}

void frame_lend(uint32_t phys)
{
    *direct_entry(phys) = 0;
    page_forget(phys + HOST_BASE);
}

void frame_take_back(uint32_t phys)
{
    *direct_entry(phys) = phys | DIRECT_FLAGS;
}

/* The kernel's code and constants are read-only; CR0.WP is set. */
static uint32_t direct_flags(uint32_t phys)
{
    bool constant = phys >= HOST_PHYS && phys < (uint32_t)kernel_data - HOST_BASE;

    return constant ? DIRECT_FLAGS & ~WS_PTE_RW : DIRECT_FLAGS;
}

/* The tables beyond the first 4 MiB lie in frames from `next` on. Returns the first frame left over. */
static uint32_t direct_build(uint32_t ram_bytes, uint32_t next)
{
    for (uint32_t phys = 0; phys < ram_bytes; phys += PAGE_BYTES) {
        uint32_t *in_directory = &kernel_directory[(phys + HOST_BASE) / PAGE_TABLE_BYTES];
        if (!*in_directory) {
            memset(direct(next), 0, PAGE_BYTES);
            *in_directory = next | WS_PTE_P | WS_PTE_RW;
            next += PAGE_BYTES;
        }
        *direct_entry(phys) = phys | direct_flags(phys);
    }
    return next;
}

/* Every process's page directory gets a copy of the kernel half's entries, so from here on they stay as
 * they are. */
static void cross_page_map(uint32_t phys)
{
    kernel_cross_table[0] = phys | WS_PTE_P | WS_PTE_RW | WS_PTE_G;
    kernel_directory[WS_CROSS_LINEAR / PAGE_TABLE_BYTES] =
        ((uint32_t)kernel_cross_table - HOST_BASE) | WS_PTE_P | WS_PTE_RW;
    frame_lend(phys);
}

void memory_init(uint32_t ram_bytes)
{
    uint32_t cross = (uint32_t)kernel_end - HOST_BASE;
    uint32_t first;

    ram_bytes = ram_bytes > HOST_RAM_MOST ? HOST_RAM_MOST : ram_bytes & -PAGE_BYTES;
    first = direct_build(ram_bytes, cross + PAGE_BYTES);
    cross_page_map(cross);
    pages_forget(); /* what was writable at first may be no longer */
    for (uint32_t phys = ram_bytes - PAGE_BYTES; phys >= first; phys -= PAGE_BYTES)
        frame_free(phys);
}

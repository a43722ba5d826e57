/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces of processes: the user half is the process's own, the kernel half is the same in all.
 * SDM 3A §4.3 "32-Bit Paging".
 */

#include "guest/host/host.h"

enum { USER_FLAGS = WS_PTE_P | WS_PTE_RW | WS_PTE_US, USER_ENTRIES = HOST_BASE / PAGE_TABLE_BYTES };

uint32_t space_new(void)
{
    uint32_t cr3 = frame_new();

    if (cr3)
        memcpy((uint32_t *)direct(cr3) + USER_ENTRIES, kernel_directory + USER_ENTRIES,
               4 * (PAGE_ENTRIES - USER_ENTRIES));
    return cr3;
}

static void table_free(uint32_t phys)
{
    uint32_t *table = direct(phys);

    for (uint32_t i = 0; i < PAGE_ENTRIES; i++)
        if (table[i] & WS_PTE_P)
            frame_free(table[i] & -PAGE_BYTES);
    frame_free(phys);
}

void space_free(uint32_t cr3)
{
    uint32_t *directory = direct(cr3);

    for (uint32_t i = 0; i < USER_ENTRIES; i++)
        if (directory[i] & WS_PTE_P)
            table_free(directory[i] & -PAGE_BYTES);
    frame_free(cr3);
}

uint32_t *space_entry(uint32_t cr3, uint32_t linear, bool make)
{
    uint32_t *in_directory = (uint32_t *)direct(cr3) + linear / PAGE_TABLE_BYTES;

    if (!*in_directory && make) {
        uint32_t table = frame_new();
        *in_directory = table ? table | USER_FLAGS : 0;
    }
    if (!*in_directory)
        return NULL;
    return (uint32_t *)direct(*in_directory & -PAGE_BYTES) + linear / PAGE_BYTES % PAGE_ENTRIES;
}

uint32_t space_grow(uint32_t cr3, uint32_t linear)
{
    uint32_t *entry = space_entry(cr3, linear, true);
    uint32_t phys = entry ? frame_new() : 0;

    if (phys)
        *entry = phys | USER_FLAGS;
    return phys;
}

/* -- what ring 3 says it owns ------------------------------------------------------------------ */

static bool user_has_page(uint32_t linear)
{
    uint32_t *entry = linear < HOST_BASE ? space_entry(cr3_read(), linear, false) : NULL;

    return entry && (*entry & USER_FLAGS) == USER_FLAGS;
}

bool user_may(uint32_t linear, uint32_t bytes)
{
    uint32_t last = linear + bytes - 1;

    if (!bytes)
        return true;
    if (last < linear)
        return false;
    for (uint32_t page = linear & -PAGE_BYTES; page <= (last & -PAGE_BYTES); page += PAGE_BYTES)
        if (!user_has_page(page))
            return false;
    return true;
}

bool user_may_text(uint32_t linear)
{
    for (;; linear++) {
        if (!user_may(linear, 1))
            return false;
        if (!*(const char *)linear)
            return true;
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole address space as a list of runs, and the comparison of two such lists.
 */
#include <worldswitch/paging.h>

#include <stdlib.h>
#include <string.h>

#include "x86/page_entry.h"

#define LINEAR_BYTES (UINT64_C(1) << 32)

static bool run_continues(const struct ws_mapping *run, const struct ws_mapping *next)
{
    return run->linear + run->bytes == next->linear && run->phys + run->bytes == next->phys &&
           run->user == next->user && run->writable == next->writable;
}

/* Append a mapping.  If it continues the last run, it becomes part of that run. */
static enum ws_status map_append(struct ws_page_map *map, size_t *capacity, const struct ws_mapping *next)
{
    struct ws_mapping *last = map->count ? &map->run[map->count - 1] : NULL;
    if (last && run_continues(last, next) && last->big == next->big && last->global == next->global) {
        last->bytes += next->bytes;
        return WS_OK;
    }
    if (map->count == *capacity) {
        size_t more = *capacity ? *capacity * 2 : 16;
        struct ws_mapping *run = realloc(map->run, more * sizeof *run);
        if (!run)
            return WS_NO_MEMORY;
        map->run = run;
        *capacity = more;
    }
    map->run[map->count++] = *next;
    return WS_OK;
}

/* -- reading ----------------------------------------------------------------------------------- */

/* The state of reading an address space. */
struct reading {
    const struct ws_physical *memory;
    const struct ws_registers *registers;
    struct ws_page_map *map;
    size_t capacity;
    uint32_t deciding; /* bits of a page table entry that must agree in one run */
};

/* How many page table entries from `index` on map one run: each to the next physical page, with the same rights. */
static unsigned run_length(const struct reading *reading, const uint8_t *entries, unsigned index)
{
    uint32_t wanted = ws__page_entry_at(entries, index);
    unsigned length = 1;
    for (; index + length < WS__PAGE_ENTRIES && wanted <= UINT32_MAX - WS_PAGE_BYTES; length++) {
        wanted += WS_PAGE_BYTES;
        if ((ws__page_entry_at(entries, index + length) ^ wanted) & reading->deciding)
            break;
    }
    return length;
}

/* Append `pages` pages from `linear` on.  A page walk to the first one says where they lead, and with which rights. */
static enum ws_status pages_append(struct reading *reading, uint32_t linear, unsigned pages)
{
    struct ws_translation walk;
    if (!ws_page_walk(&walk, reading->memory, reading->registers, linear, WS_ACCESS_READ, false))
        return WS_OK; /* a reserved bit is set: this page is not mapped */
    struct ws_mapping next = {
        .linear = walk.linear,
        .phys = walk.phys,
        .bytes = (uint64_t)pages * walk.page_bytes,
        .user = walk.user,
        .writable = walk.writable,
        .global = walk.global,
        .big = walk.page_bytes == WS_BIG_PAGE_BYTES,
    };
    return map_append(reading->map, &reading->capacity, &next);
}

static enum ws_status table_read(struct reading *reading, uint32_t pde, uint32_t linear)
{
    uint8_t room[WS_PAGE_BYTES];
    const uint8_t *entries = ws__page_entries(reading->memory, pde & WS_PAGE_FRAME, room);
    enum ws_status status = WS_OK;
    unsigned index = 0, length;
    while (status == WS_OK && (index = ws__page_entry_present(entries, index)) < WS__PAGE_ENTRIES) {
        length = run_length(reading, entries, index);
        status = pages_append(reading, linear + index * WS_PAGE_BYTES, length);
        index += length;
    }
    return status;
}

static enum ws_status directory_read(struct reading *reading)
{
    uint8_t room[WS_PAGE_BYTES];
    const uint8_t *entries = ws__page_entries(reading->memory, reading->registers->value[WS_CR3] & WS_PAGE_FRAME, room);
    bool may_be_big = reading->registers->value[WS_CR4] & WS_CR4_PSE;
    enum ws_status status = WS_OK;
    for (unsigned index = 0; status == WS_OK && (index = ws__page_entry_present(entries, index)) < WS__PAGE_ENTRIES;
         index++) {
        uint32_t pde = ws__page_entry_at(entries, index), linear = index * (uint32_t)WS_BIG_PAGE_BYTES;
        status = pde & WS_PTE_PS && may_be_big ? pages_append(reading, linear, 1) : table_read(reading, pde, linear);
    }
    return status;
}

enum ws_status ws_page_map_read(struct ws_page_map *map, const struct ws_physical *memory,
                                const struct ws_registers *registers)
{
    bool global_pages = registers->value[WS_CR4] & WS_CR4_PGE;
    struct reading reading = {
        .memory = memory,
        .registers = registers,
        .map = map,
        .deciding = WS_PAGE_FRAME | WS_PTE_P | WS_PTE_RW | WS_PTE_US | (global_pages ? WS_PTE_G : 0),
    };
    *map = (struct ws_page_map){0};
    if (!(registers->value[WS_CR0] & WS_CR0_PG)) {
        struct ws_mapping all = {.bytes = LINEAR_BYTES, .user = true, .writable = true};
        return map_append(map, &reading.capacity, &all);
    }
    enum ws_status status = directory_read(&reading);
    if (status != WS_OK)
        ws_page_map_release(map);
    return status;
}

void ws_page_map_release(struct ws_page_map *map)
{
    free(map->run);
    *map = (struct ws_page_map){0};
}

/* The next run from *at on that ring 3 may use (`user`) or may not, of pages of any size.  false: there is none. */
static bool map_next(const struct ws_page_map *map, size_t *at, bool user, struct ws_mapping *run)
{
    while (*at < map->count && map->run[*at].user != user)
        ++*at;
    if (*at == map->count)
        return false;
    *run = map->run[(*at)++];
    while (*at < map->count && run_continues(run, &map->run[*at]))
        run->bytes += map->run[(*at)++].bytes;
    return true;
}

bool ws_page_map_differs(const struct ws_page_map *a, const struct ws_page_map *b, bool user)
{
    size_t at_a = 0, at_b = 0;
    for (;;) {
        struct ws_mapping run_a, run_b;
        bool more_a = map_next(a, &at_a, user, &run_a);
        bool more_b = map_next(b, &at_b, user, &run_b);
        if (more_a != more_b)
            return true;
        if (!more_a)
            return false;
        if (run_a.linear != run_b.linear || run_a.phys != run_b.phys || run_a.bytes != run_b.bytes ||
            run_a.writable != run_b.writable)
            return true;
    }
}

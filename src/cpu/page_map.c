/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole address space as a list of runs, and whether two of them differ.
 */
#include <worldswitch/paging.h>

#include <stdlib.h>

#include "cpu/page_entry.h"

#define LINEAR_BYTES (UINT64_C(1) << 32)

static bool run_continues(const struct ws_mapping *run, const struct ws_mapping *next)
{
    return run->linear + run->bytes == next->linear && run->phys + run->bytes == next->phys &&
           run->user == next->user && run->writable == next->writable;
}

/* Append a mapping; what continues the last run becomes part of it. */
static enum ws_status map_append(struct ws_page_map *map, size_t *capacity,
                                 const struct ws_mapping *next)
{
    struct ws_mapping *last = map->count ? &map->run[map->count - 1] : NULL;
    if (last && run_continues(last, next) && last->big == next->big &&
        last->global == next->global) {
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

/* How far a walk's result reaches from its linear address. */
static uint32_t walk_reach(const struct ws_translation *walk)
{
    if (walk->result == WS_PAGE_OK || walk->result == WS_PAGE_PTE_NOT_PRESENT)
        return walk->page_bytes ? walk->page_bytes : WS_PAGE_BYTES;
    return WS_BIG_PAGE_BYTES;
}

/* Most of an address space is holes, and one bit tells: how far the one at `linear` reaches; 0:
 * there is none.  It saves the walk, which has more to find out. */
static uint32_t hole_reach(const struct ws_physical *memory, const struct ws_registers *registers, uint32_t linear)
{
    const uint32_t table = ~(uint32_t)(WS_PAGE_BYTES - 1);
    uint32_t pde = ws__page_entry_read(memory, (registers->value[WS_CR3] & table) + (linear >> 22) * 4);
    if (!(pde & WS_PTE_P))
        return WS_BIG_PAGE_BYTES;
    if (pde & WS_PTE_PS && registers->value[WS_CR4] & WS_CR4_PSE)
        return 0;
    uint32_t pte = ws__page_entry_read(memory, (pde & table) + (linear >> 12 & 1023) * 4);
    return pte & WS_PTE_P ? 0 : WS_PAGE_BYTES;
}

static struct ws_mapping walk_mapping(const struct ws_translation *walk)
{
    return (struct ws_mapping){.linear = walk->linear,
                               .phys = walk->phys,
                               .bytes = walk->page_bytes,
                               .user = walk->user,
                               .writable = walk->writable,
                               .global = walk->global,
                               .big = walk->page_bytes == WS_BIG_PAGE_BYTES};
}

enum ws_status ws_page_map_read(struct ws_page_map *map, const struct ws_physical *memory,
                                const struct ws_registers *registers)
{
    size_t capacity = 0;
    *map = (struct ws_page_map){0};
    if (!(registers->value[WS_CR0] & WS_CR0_PG)) {
        struct ws_mapping all = {.bytes = LINEAR_BYTES, .user = true, .writable = true};
        return map_append(map, &capacity, &all);
    }
    uint32_t reach;
    for (uint64_t linear = 0; linear < LINEAR_BYTES; linear += reach) {
        struct ws_translation walk;
        reach = hole_reach(memory, registers, (uint32_t)linear);
        if (reach)
            continue;
        bool mapped =
            ws_page_walk(&walk, memory, registers, (uint32_t)linear, WS_ACCESS_READ, false);
        reach = walk_reach(&walk);
        if (!mapped)
            continue;
        struct ws_mapping next = walk_mapping(&walk);
        if (map_append(map, &capacity, &next) != WS_OK) {
            ws_page_map_release(map);
            return WS_NO_MEMORY;
        }
    }
    return WS_OK;
}

void ws_page_map_release(struct ws_page_map *map)
{
    free(map->run);
    *map = (struct ws_page_map){0};
}

/* The next run, from *at on, that ring 3 may use or may not, whatever its pages' size; false at the
 * end. */
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
        if (run_a.linear != run_b.linear || run_a.phys != run_b.phys ||
            run_a.bytes != run_b.bytes || run_a.writable != run_b.writable)
            return true;
    }
}

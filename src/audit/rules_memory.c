/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about what the entered world's page tables map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/rules.h"

void ws__rule_address_space(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    if (!judged->due->map.count || judged->due->registers.value[WS_CR3] != judged->crossing->after.value[WS_CR3])
        return; /* not known; or told by the rule about CR3 */
    static const char *const part[] = {"kernel", "user"};
    for (unsigned user = 0; user < 2; user++)
        if (ws_page_map_differs(&judged->due->map, judged->entered, user))
            ws_buffer_printf(wrong, "%sthe %s part has other pages than when it was left", wrong->size ? "; " : "",
                             part[user]);
}

/* -- what is shared ------------------------------------------------------------------------------------ */

/* A bit for each page of RAM. */
static void pages_mark(uint8_t *marked, const struct ws_page_map *map, uint32_t ram_bytes)
{
    for (size_t i = 0; i < map->count; i++) {
        uint64_t end = map->run[i].phys + map->run[i].bytes;
        for (uint64_t phys = map->run[i].phys; phys < end && phys < ram_bytes; phys += WS_PAGE_BYTES)
            marked[phys / WS_PAGE_BYTES / 8] |= (uint8_t)(1u << phys / WS_PAGE_BYTES % 8);
    }
}

/* The first page of the entered world that is marked, since another one maps it; returns how many there are. */
static unsigned shared_count(const struct ws__case *judged, const uint8_t *marked, const struct ws_page_map *entered,
                             uint32_t ram_bytes, uint32_t *first_linear, uint32_t *first_phys)
{
    unsigned shared = 0;
    for (size_t i = 0; i < entered->count; i++) {
        const struct ws_mapping *run = &entered->run[i];
        for (uint64_t at = 0; at < run->bytes && run->phys + at < ram_bytes; at += WS_PAGE_BYTES) {
            uint64_t page = (run->phys + at) / WS_PAGE_BYTES, linear = run->linear + at;
            bool cross = linear >= judged->cross_linear && linear - judged->cross_linear < judged->cross_bytes;
            if (cross || !(marked[page / 8] >> page % 8 & 1))
                continue;
            if (!shared++) {
                *first_linear = (uint32_t)linear;
                *first_phys = (uint32_t)(run->phys + at);
            }
        }
    }
    return shared;
}

/* The entered world must not reach what `other` maps. */
static void reach_check(const struct ws__case *judged, const struct ws_page_map *other, const char *whose,
                        struct ws_buffer *wrong)
{
    uint32_t ram_bytes = ws_machine_memory(judged->machine).bytes, linear = 0, phys = 0;
    uint8_t *marked = calloc(1, ram_bytes / WS_PAGE_BYTES / 8 + 1);
    wrong->failed |= !marked;
    if (!marked)
        return;
    pages_mark(marked, other, ram_bytes);
    unsigned shared = shared_count(judged, marked, judged->entered, ram_bytes, &linear, &phys);
    if (shared)
        ws_buffer_printf(wrong, "%s%u page%s of %s can be reached, such as 0x%08x (physical 0x%08x)",
                         wrong->size ? "; " : "", shared, shared == 1 ? "" : "s", whose, linear, phys);
    free(marked);
}

void ws__rule_left_world_gone(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    reach_check(judged, judged->left, "the left world", wrong);
}

/* A world that is asleep cannot have changed its page tables, and if another one did, that is found when it is entered:
 * what it mapped when it was left, is its own. */
void ws__rule_worlds_apart(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    for (const struct departed *third = judged->departed; third; third = third->next) {
        char whose[sizeof third->world + 2];
        if (!third->named || !third->due.known || !third->due.map.count ||
            !strcmp(third->world, judged->crossing->from) || !strcmp(third->world, judged->crossing->to))
            continue;
        snprintf(whose, sizeof whose, "\"%s\"", third->world);
        reach_check(judged, &third->due.map, whose, wrong);
    }
}

/* Where the CPU keeps translations, those of the left world are there to be seen. */
static void kept_check(const struct ws__case *judged, struct ws_buffer *wrong)
{
    struct ws_translation walk;
    uint32_t count = ws_machine_kept_wrong(judged->machine, &walk);
    if (count)
        ws_buffer_printf(wrong,
                         "the CPU still has %u translation%s of the left world, such as of 0x%08x (physical 0x%08x)",
                         count, count == 1 ? "" : "s", walk.linear, walk.phys);
}

void ws__rule_no_global_left(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    const struct ws_crossing *crossing = judged->crossing;
    if (ws_machine_tlb(judged->machine) == WS_TLB_KEEP) {
        kept_check(judged, wrong);
        return;
    }
    if (!(crossing->before.value[WS_CR4] & WS_CR4_PGE) || crossing->flushed_globals)
        return;
    for (size_t i = 0; i < judged->left->count; i++)
        if (judged->left->run[i].global) {
            ws_buffer_printf(wrong, "0x%08x is global in the left world, and CR4.PGE never changed",
                             judged->left->run[i].linear);
            break;
        }
}

/* -- where tables must be ------------------------------------------------------------------------------ */

static void range_check(const struct ws__case *judged, const char *what, uint32_t linear, uint32_t limit,
                        struct ws_buffer *wrong)
{
    uint32_t first = linear & WS_PAGE_FRAME;
    for (uint64_t page = first; page <= (uint64_t)linear + limit; page += WS_PAGE_BYTES) {
        struct ws_translation walk;
        struct ws_physical memory = ws_machine_memory(judged->machine);
        if (ws_page_walk(&walk, &memory, &judged->crossing->after, (uint32_t)page, WS_ACCESS_READ, false))
            continue;
        ws_buffer_printf(wrong, "%sthe %s's page 0x%08x is not mapped", wrong->size ? "; " : "", what, (uint32_t)page);
        return;
    }
}

void ws__rule_tables_mapped(const struct ws__case *judged, enum ws_category category, struct ws_buffer *wrong)
{
    (void)category;
    const uint32_t *value = judged->crossing->after.value;
    struct ws_descriptor descriptor;
    range_check(judged, "GDT", value[WS_GDTR_BASE], value[WS_GDTR_LIMIT], wrong);
    range_check(judged, "IDT", value[WS_IDTR_BASE], value[WS_IDTR_LIMIT], wrong);
    if (value[WS_LDTR] & WS_SELECTOR_INDEX) {
        ws_machine_segment(judged->machine, WS_LDTR, &descriptor);
        range_check(judged, "LDT", descriptor.base, descriptor.limit, wrong);
    }
    ws_machine_segment(judged->machine, WS_TR, &descriptor);
    range_check(judged, "TSS", descriptor.base, descriptor.limit < 103 ? descriptor.limit : 103, wrong);
    /* The next push goes below ESP. */
    ws_machine_segment(judged->machine, WS_SS, &descriptor);
    range_check(judged, "stack", descriptor.base + value[WS_ESP] - 4, 3, wrong);
}

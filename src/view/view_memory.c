/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory panel: bytes and text, 16 a row, by linear or by physical address.  Each page has a line in front of it
 * that says where it is mapped, or that it is not.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

enum { A_ROW = WS_MEMORY_ROW, HALF = A_ROW / 2 };

#define SPACE (INT64_C(1) << 32)

/* Are the panel's addresses those of RAM? */
static bool is_physical(const struct ws_view_state *state)
{
    return state->memory_physical || !(state->now.value[WS_CR0] & WS_CR0_PG);
}

/* Where the bytes of a row are in RAM; false: nowhere. */
static bool row_find(const struct ws_view_state *state, uint32_t at, struct ws_translation *walk)
{
    *walk = (struct ws_translation){.phys = at};
    bool mapped = state->memory_physical || ws_page_walk(walk, &state->memory, &state->now, at, WS_ACCESS_READ, false);
    return mapped && walk->phys < state->memory.bytes && A_ROW <= state->memory.bytes - walk->phys;
}

static bool byte_changed(const struct ws_view_state *state, uint32_t phys)
{
    for (size_t at = 0; at < state->stores; at++) {
        const struct ws_view_store *store = &state->store[at];
        uint32_t offset = phys - store->phys;
        if (offset < store->bytes && (store->before ^ store->after) >> 8 * offset & 0xff)
            return true;
    }
    return false;
}

/* "c0101000  8b 4a*10*0f 22 d9 8b 4a  14 0f 0b 00 00 00 00 00  .J..".....": a * stands before what was changed. */
static void draw_bytes(struct ws_rows *rows, const struct ws_view_state *state, uint32_t phys)
{
    const uint8_t *byte = state->memory.ram + phys;
    for (unsigned i = 0; i < A_ROW; i++) {
        bool now = byte_changed(state, phys + i);
        ws__rows_print(rows, WS_ROLE_TEXT, i % HALF ? "" : " ");
        ws__rows_print(rows, now ? WS_ROLE_CHANGED : WS_ROLE_TEXT, "%c%02x", now ? '*' : ' ', byte[i]);
    }
    ws__rows_print(rows, WS_ROLE_TEXT, "  ");
    for (unsigned i = 0; i < A_ROW; i++)
        ws__rows_print(rows, WS_ROLE_TEXT, "%c", byte[i] >= ' ' && byte[i] < 0x7f ? byte[i] : '.');
}

/* What is true of all addresses of a page. */
static void draw_page(struct ws_rows *rows, const struct ws_view_state *state, uint32_t at)
{
    struct ws_translation walk;
    uint32_t page = at & WS_PAGE_FRAME;
    bool there = row_find(state, page, &walk);
    char title[80];
    if (state->memory_physical)
        snprintf(title, sizeof title, "physical page %08x%s", page, there ? "" : ": no RAM");
    else if (!(state->now.value[WS_CR0] & WS_CR0_PG))
        snprintf(title, sizeof title, "page %08x: paging is off, physical the same%s", page, there ? "" : ": no RAM");
    else if (walk.result != WS_PAGE_OK)
        snprintf(title, sizeof title, "page %08x: not mapped", page);
    else
        snprintf(title, sizeof title, "page %08x: physical %08x, %s, %s%s", page, (unsigned)walk.phys,
                 walk.user ? "ring 3 too" : "not for ring 3", walk.writable ? "read and write" : "read only",
                 there ? "" : "; no RAM there");
    ws__view_rule(rows, title);
}

/* -- what is not there --------------------------------------------------------------------------------- */

/* The pages around `at` that are not mapped, or have no RAM: [*begin, *end). */
static void gap_find(const struct ws_view_state *state, const struct ws_page_map *map, int64_t at, int64_t *begin,
                     int64_t *end)
{
    *begin = 0;
    *end = SPACE;
    if (is_physical(state)) {
        *begin = state->memory.bytes;
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        int64_t first = map->run[i].linear, behind = first + (int64_t)map->run[i].bytes;
        if (behind <= at && behind > *begin)
            *begin = behind;
        if (first > at && first < *end)
            *end = first;
    }
}

/* Nothing is mapped from here on: say how far.  Returns where to go on. */
static int64_t draw_gap(struct ws_rows *rows, const struct ws_view_state *state, const struct ws_page_map *map,
                        int64_t at)
{
    int64_t begin, end;
    char title[80];
    gap_find(state, map, at, &begin, &end);
    snprintf(title, sizeof title, "%08x to %08x: %s", (unsigned)begin, (unsigned)(end - 1),
             is_physical(state) ? "no RAM" : "not mapped");
    ws__view_rule(rows, title);
    return state->downward ? begin - A_ROW : end;
}

/* Mapped, but to where no RAM is. */
static int64_t draw_no_ram(struct ws_rows *rows, const struct ws_view_state *state, int64_t at)
{
    draw_page(rows, state, (uint32_t)at);
    return state->downward ? at / WS_PAGE_BYTES * WS_PAGE_BYTES - A_ROW : (at / WS_PAGE_BYTES + 1) * WS_PAGE_BYTES;
}

/* -- the panel ----------------------------------------------------------------------------------------- */

static void draw_rows(struct ws_rows *rows, const struct ws_view_state *state, const struct ws_page_map *map)
{
    int64_t at = state->memory_at / A_ROW * A_ROW;
    for (bool first = true; rows->count < state->height && !rows->failed && at >= 0 && at < SPACE; first = false) {
        struct ws_translation walk;
        bool there = row_find(state, (uint32_t)at, &walk);
        bool begins = (state->downward ? at + A_ROW : at) % WS_PAGE_BYTES == 0;
        if (!there) {
            bool gap =
                is_physical(state) || walk.result == WS_PAGE_PDE_NOT_PRESENT || walk.result == WS_PAGE_PTE_NOT_PRESENT;
            at = gap ? draw_gap(rows, state, map, at) : draw_no_ram(rows, state, at);
            continue;
        }
        if (first || begins)
            draw_page(rows, state, (uint32_t)at);
        if (rows->count >= state->height)
            break;
        ws__rows_begin(rows);
        ws__rows_link(rows, WS_LINK_LINEAR, (uint64_t)at);
        ws__rows_print(rows, WS_ROLE_DIM, " %08x", (unsigned)at);
        draw_bytes(rows, state, walk.phys);
        at += state->downward ? -A_ROW : A_ROW;
    }
}

void ws_view_memory(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_page_map map = {0};
    rows->failed |= ws_page_map_read(&map, &state->memory, &state->now) != WS_OK;
    draw_rows(rows, state, &map);
    ws_page_map_release(&map);
}

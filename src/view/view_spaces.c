/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both address spaces as a picture, Modern Operating Systems, figure 7-11: the pieces of view_space.c, of which
 * neighbours that look alike are drawn as one region, wherever in memory their pages are.
 */
#include "view/pieces.h"
#include "view/rows.h"

enum { NEAR = 1 << 22, FATE_COLUMN = 3, BOX_COLUMN = 20, BOX_COLUMNS = 28, SIGN_COLUMN = 49, SECOND_COLUMN = 51 };

/* Pieces that look alike: on each side the same rights, or nothing. */
struct region {
    struct ws__piece first;
    uint64_t end;
    uint64_t bytes; /* less what lies between the pieces */
    bool cross;
};

static bool runs_alike(const struct ws_mapping *one, const struct ws_mapping *other)
{
    if (!one || !other)
        return one == other;
    return one->user == other->user && one->writable == other->writable;
}

static bool region_takes(const struct region *region, const struct ws__piece *piece, bool cross)
{
    return region->bytes && !region->cross && !cross && region->first.sign == piece->sign &&
           piece->begin - region->end < NEAR && runs_alike(region->first.run[0], piece->run[0]) &&
           runs_alike(region->first.run[1], piece->run[1]);
}

static void draw_edge(struct ws_rows *rows, enum ws_glyph left, enum ws_glyph right)
{
    ws__rows_begin(rows);
    for (unsigned side = 0; side < 2; side++) {
        ws__rows_pad(rows, side ? SECOND_COLUMN : BOX_COLUMN);
        ws__rows_glyph(rows, WS_ROLE_DIM, left, 1);
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_HORIZONTAL, BOX_COLUMNS - 2);
        ws__rows_glyph(rows, WS_ROLE_DIM, right, 1);
    }
}

/* One side's half of a row, between two bars; `run` NULL: nothing is mapped. */
static void draw_half(struct ws_rows *rows, unsigned side, const struct region *region, enum ws_role role)
{
    unsigned column = side ? SECOND_COLUMN : BOX_COLUMN;
    const struct ws_mapping *run = region ? region->first.run[side] : NULL;
    ws__rows_pad(rows, column);
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_VERTICAL, 1);
    if (run) {
        const char *what = region->cross ? "cross page" : run->user ? "user" : "kernel";
        uint64_t pages = region->bytes / WS_PAGE_BYTES;
        ws__rows_print(rows, role, " %-10s %s %5llu page%s", what, run->writable ? "rw" : "r-",
                       (unsigned long long)pages, pages == 1 ? "" : "s");
    }
    ws__rows_pad(rows, column + BOX_COLUMNS - 1);
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_VERTICAL, 1);
}

static void draw_region(struct ws_rows *rows, const struct ws_view_state *state, const struct region *region)
{
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_LINEAR, region->first.begin);
    ws__rows_print(rows, WS_ROLE_TEXT, " %08x-%08x", (unsigned)region->first.begin, (unsigned)(region->end - 1));
    draw_half(rows, 0, region, ws__role_of_world(state->side[0].number));
    ws__view_sign_at(rows, region->first.sign, SIGN_COLUMN);
    draw_half(rows, 1, region, ws__role_of_world(state->side[1].number));
}

static void draw_gap(struct ws_rows *rows)
{
    ws__rows_begin(rows);
    draw_half(rows, 0, NULL, WS_ROLE_DIM);
    draw_half(rows, 1, NULL, WS_ROLE_DIM);
}

/* Draw all regions; count bytes by sign. */
static void draw_regions(struct ws_rows *rows, const struct ws_view_state *state, struct ws__cutter *cutter,
                         uint64_t bytes[WS__SIGN_COUNT])
{
    struct region region = {.bytes = 0};
    struct ws__piece piece;
    while (ws__cutter_next(cutter, &piece)) {
        uint64_t size = piece.end - piece.begin;
        bool cross = ws__piece_is_cross(&piece, state);
        bytes[piece.sign] += size;
        if (region_takes(&region, &piece, cross)) {
            region.end = piece.end;
            region.bytes += size;
            continue;
        }
        if (region.bytes)
            draw_region(rows, state, &region);
        if (piece.begin > region.end)
            draw_gap(rows);
        region = (struct region){piece, piece.end, size, cross};
    }
    if (region.bytes)
        draw_region(rows, state, &region);
    if (region.end < (uint64_t)1 << 32)
        draw_gap(rows);
}

static void draw_heading(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, "  linear");
    for (unsigned side = 0; side < 2; side++) {
        char name[2 * WS_NAME_BYTES + 2];
        ws__view_side_name(&state->side[side], name, sizeof name);
        ws__rows_pad(rows, (side ? SECOND_COLUMN : BOX_COLUMN) + 2);
        ws__rows_print(rows, ws__role_of_world(state->side[side].number), "%.17s%s", name,
                       side == state->here ? ", now" : "");
    }
}

/* "- vanished: 21 pages of vmm": what became of the pages, each sign with its meaning. */
static void draw_fates(struct ws_rows *rows, const struct ws_view_state *state, const uint64_t bytes[WS__SIGN_COUNT])
{
    static const enum ws__sign order[] = {WS__SIGN_VANISHED, WS__SIGN_APPEARED, WS__SIGN_DIFFERENT, WS__SIGN_SAME};
    for (size_t at = 0; at < sizeof order / sizeof order[0]; at++) {
        char name[2 * WS_NAME_BYTES + 2];
        bool of = order[at] == WS__SIGN_VANISHED || order[at] == WS__SIGN_APPEARED; /* one side has them alone */
        unsigned side = order[at] == WS__SIGN_APPEARED ? state->to : 1 - state->to;
        uint64_t pages = bytes[order[at]] / WS_PAGE_BYTES;
        ws__view_side_name(&state->side[side], name, sizeof name);
        ws__rows_begin(rows);
        ws__view_sign_at(rows, order[at], FATE_COLUMN);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s: %llu page%s%s%s", ws__view_fate(order[at], ws__view_will(state)),
                       (unsigned long long)pages, pages == 1 ? "" : "s", of ? " of " : "", of ? name : "");
    }
}

void ws_view_spaces(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws__cutter cutter;
    uint64_t bytes[WS__SIGN_COUNT] = {0};
    rows->failed |= !ws__cutter_init(&cutter, state);
    draw_heading(rows, state);
    draw_edge(rows, WS_GLYPH_CORNER_NW, WS_GLYPH_CORNER_NE);
    draw_regions(rows, state, &cutter, bytes);
    draw_edge(rows, WS_GLYPH_CORNER_SW, WS_GLYPH_CORNER_SE);
    draw_fates(rows, state, bytes);
    ws__view_space_tables(rows, state);
    ws__cutter_release(&cutter);
}

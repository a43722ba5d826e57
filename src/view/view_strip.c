/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time strip: a lane for each world, and one for each virtual machine, from left to right through time, with a sign
 * where a switch begins.
 *
 *   host   ---c--c---W         W---
 *   vmm              -W-- -- --
 *   VM                   -  -
 *                 ^
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/crossing.h>
#include <worldswitch/hosted.h>

#include "view/rows.h"

enum { LANES = 12, COLUMNS = 1000, NAME_COLUMNS = 10, STRIP_LEAST = 40 };

/* What a place in a lane shows: of several things the last one of these. */
enum cell { NOTHING, RUNS, UNKNOWN, THREAD, CONTEXT, WORLD, CELLS };

static const struct {
    enum ws_glyph glyph;
    enum ws_role role;
} cell_table[CELLS] = {
    [RUNS] = {WS_GLYPH_HORIZONTAL, WS_ROLE_DIM},        [UNKNOWN] = {WS_GLYPH_UNKNOWN, WS_ROLE_DIM},
    [THREAD] = {WS_GLYPH_SWITCH_THREAD, WS_ROLE_KEY},   [CONTEXT] = {WS_GLYPH_SWITCH_CONTEXT, WS_ROLE_KEY},
    [WORLD] = {WS_GLYPH_SWITCH_WORLD, WS_ROLE_WARNING},
};

static const enum cell cell_of_kind[WS_CROSSING_KINDS] = {
    [WS_CROSSING_THREAD] = THREAD, [WS_CROSSING_CONTEXT] = CONTEXT, [WS_CROSSING_WORLD] = WORLD};

struct strip {
    uint64_t first;   /* the first mark in sight */
    uint64_t span;    /* so many marks are */
    unsigned columns; /* on so many columns */
    unsigned lanes;
    unsigned worlds; /* the number of the last one that has a lane */
    struct {
        const char *world;
        bool vm;         /* of that world, what runs outside of ring 0 */
        unsigned number; /* of the world */
    } lane[LANES];
    uint8_t cell[LANES][COLUMNS]; /* enum cell */
};

/* -- time ---------------------------------------------------------------------------------------------- */

static uint64_t cursor_of(const struct ws_view_state *state)
{
    return state->strip_moved ? state->strip_cursor : state->mark;
}

static unsigned columns_of(const struct ws_view_state *state)
{
    unsigned columns = state->width > NAME_COLUMNS ? state->width - NAME_COLUMNS : 1;
    return columns < COLUMNS ? columns : COLUMNS;
}

uint64_t ws_view_strip_column(const struct ws_view_state *state)
{
    return ((state->frontier - state->start) >> state->strip_zoom) / columns_of(state) + 1;
}

/* Which marks are in sight: around the cursor, if not all are. */
static void time_set(struct strip *strip, const struct ws_view_state *state)
{
    uint64_t all = state->frontier - state->start + 1, cursor = cursor_of(state) - state->start;
    strip->columns = columns_of(state);
    strip->span = ws_view_strip_column(state) * strip->columns;
    uint64_t before = cursor > strip->span / 2 ? cursor - strip->span / 2 : 0;
    if (before + strip->span > all)
        before = all > strip->span ? all - strip->span : 0;
    strip->first = state->start + before;
}

static bool column_of(const struct strip *strip, uint64_t mark, unsigned *column)
{
    if (mark < strip->first || mark - strip->first >= strip->span)
        return false;
    *column = (unsigned)((mark - strip->first) / (strip->span / strip->columns));
    return true;
}

bool ws_view_strip_mark(const struct ws_view_state *state, unsigned column, uint64_t *mark)
{
    struct strip strip = {0};
    time_set(&strip, state);
    if (column < NAME_COLUMNS || column - NAME_COLUMNS >= strip.columns)
        return false;
    *mark = strip.first + (column - NAME_COLUMNS) * (strip.span / strip.columns);
    return *mark <= state->frontier;
}

/* -- lanes --------------------------------------------------------------------------------------------- */

static unsigned lane_find(struct strip *strip, const char *world, bool vm)
{
    unsigned lane = 0;
    while (lane < strip->lanes && (strip->lane[lane].vm != vm || strcmp(strip->lane[lane].world, world) != 0))
        lane++;
    if (lane == strip->lanes && lane < LANES) {
        strip->lane[lane].vm = vm;
        strip->lane[lane].world = world;
        strip->lane[lane].number = vm || !lane ? strip->worlds : ++strip->worlds;
        strip->lanes++;
    }
    return lane;
}

static bool has_vm(const struct ws_view_state *state, const char *world)
{
    return state->hosted && ws_hosted_vmm_number(world) >= 0;
}

/* The lane of a world; LANES: there is no room for it.  Below a VMM's is that of its virtual machine. */
static unsigned lane_of(struct strip *strip, const struct ws_view_state *state, const char *world)
{
    unsigned lane = lane_find(strip, world, false);
    if (has_vm(state, world))
        lane_find(strip, world, true);
    return lane;
}

static void cell_set(struct strip *strip, unsigned lane, unsigned column, enum cell cell)
{
    if (lane < LANES && strip->cell[lane][column] < cell)
        strip->cell[lane][column] = (uint8_t)cell;
}

/* A title, the lanes, the cursor. */
unsigned ws__view_strip_rows(const struct ws_view_state *state)
{
    struct strip strip = {0};
    const char *world = state->side[state->here].world;
    bool any = false;
    for (size_t i = 0; i < state->crossings && strip.lanes < LANES; i++) {
        const struct ws_crossing *crossing = &state->crossing[i];
        if (crossing->kind != WS_CROSSING_WORLD)
            continue;
        if (!any)
            lane_of(&strip, state, crossing->from);
        any = true;
        lane_of(&strip, state, crossing->to);
    }
    if (!any)
        lane_of(&strip, state, world);
    return strip.lanes + 2;
}

/* A world runs from one mark to before another one. */
static void run_set(struct strip *strip, unsigned lane, uint64_t from, uint64_t to, enum cell cell)
{
    uint64_t last = strip->first + strip->span - 1;
    unsigned begin, end;
    from = from > strip->first ? from : strip->first;
    to = to <= last ? to : last + 1;
    if (from >= to || !column_of(strip, from, &begin) || !column_of(strip, to - 1, &end))
        return;
    for (unsigned column = begin; column <= end; column++)
        cell_set(strip, lane, column, cell);
}

/* A world runs, in which `*turn` is the first turn that may lie there. */
static void world_set(struct strip *strip, const struct ws_view_state *state, unsigned lane, uint64_t from, uint64_t to,
                      size_t *turn)
{
    bool vm = false;
    if (lane >= LANES || !has_vm(state, strip->lane[lane].world)) {
        run_set(strip, lane, from, to, RUNS);
        return;
    }
    for (; *turn < state->turns && state->turn[*turn].mark < to; ++*turn) {
        uint64_t mark = state->turn[*turn].mark;
        if (mark > from)
            run_set(strip, lane + vm, from, mark, RUNS);
        from = mark > from ? mark : from;
        vm = state->turn[*turn].vm;
    }
    run_set(strip, lane + vm, from, to, RUNS);
}

static void strip_fill(struct strip *strip, const struct ws_view_state *state)
{
    const struct ws_crossing *crossing = state->crossing;
    const char *world = state->side[state->here].world;
    uint64_t at = state->watched > state->start ? state->watched : state->start;
    size_t turn = 0;
    unsigned column;
    for (size_t i = state->crossings; i-- > 0;)
        if (crossing[i].kind == WS_CROSSING_WORLD)
            world = crossing[i].from;
    unsigned lane = lane_of(strip, state, world);
    /* without paging there was no world yet */
    if (state->paged > at && strcmp(world, WS_WORLD_BOOT) != 0)
        at = state->paged;
    run_set(strip, lane, state->start, at, UNKNOWN);
    for (size_t i = 0; i < state->crossings; i++) {
        if (column_of(strip, crossing[i].begin, &column))
            cell_set(strip, lane, column, cell_of_kind[crossing[i].kind]);
        if (crossing[i].kind != WS_CROSSING_WORLD)
            continue;
        world_set(strip, state, lane, at, crossing[i].end, &turn);
        lane = lane_of(strip, state, crossing[i].to);
        at = crossing[i].end;
    }
    world_set(strip, state, lane, at, state->frontier + 1, &turn);
}

/* -- drawing ------------------------------------------------------------------------------------------- */

static void draw_lane(struct ws_rows *rows, const struct strip *strip, unsigned lane)
{
    const char *world = strip->lane[lane].world;
    bool vm = strip->lane[lane].vm;
    ws__rows_begin(rows);
    ws__rows_print(rows, ws__role_of_world(strip->lane[lane].number), " %s%.*s", vm ? "VM" : "", vm ? 6 : 8,
                   vm ? world + sizeof "vmm" - 1 : world);
    ws__rows_pad(rows, NAME_COLUMNS);
    for (unsigned column = 0; column < strip->columns; column++) {
        unsigned cell = strip->cell[lane][column];
        if (cell)
            ws__rows_glyph(rows, cell_table[cell].role, cell_table[cell].glyph, 1);
        else
            ws__rows_print(rows, WS_ROLE_TEXT, " ");
    }
}

static void draw_cursor(struct ws_rows *rows, const struct ws_view_state *state, const struct strip *strip)
{
    unsigned now = 0, cursor = 0;
    bool in_sight = column_of(strip, state->mark, &now);
    column_of(strip, cursor_of(state), &cursor);
    ws__rows_begin(rows);
    for (unsigned column = 0; column < strip->columns; column++) {
        if (in_sight && column == now) {
            ws__rows_pad(rows, NAME_COLUMNS + column);
            ws__rows_glyph(rows, WS_ROLE_CURRENT, WS_GLYPH_END_UP, 1);
        } else if (state->strip_moved && column == cursor) {
            ws__rows_pad(rows, NAME_COLUMNS + column);
            ws__rows_glyph(rows, WS_ROLE_SELECTED, WS_GLYPH_CURSOR, 1);
        }
    }
}

static void draw_title(struct ws_rows *rows, const struct ws_view_state *state, const struct strip *strip)
{
    static const struct {
        enum ws_glyph glyph;
        const char *text;
    } legend[] = {{WS_GLYPH_SWITCH_WORLD, " world switch, "},
                  {WS_GLYPH_SWITCH_CONTEXT, " context, "},
                  {WS_GLYPH_SWITCH_THREAD, " thread"}};
    ws__view_rule_begin(rows);
    ws__rows_print(rows, WS_ROLE_TITLE, "time: marks %llu to %llu, %llu a column", (unsigned long long)strip->first,
                   (unsigned long long)(strip->first + strip->span - 1),
                   (unsigned long long)(strip->span / strip->columns));
    if (state->strip_moved)
        ws__rows_print(rows, WS_ROLE_TITLE, "; Enter: to mark %llu", (unsigned long long)state->strip_cursor);
    ws__rows_print(rows, WS_ROLE_TITLE, "; ");
    for (size_t at = 0; at < sizeof legend / sizeof legend[0]; at++) {
        ws__rows_glyph(rows, WS_ROLE_TITLE, legend[at].glyph, 1);
        ws__rows_print(rows, WS_ROLE_TITLE, "%s", legend[at].text);
    }
    ws__view_rule_end(rows);
}

bool ws_view_strip_shown(const struct ws_view_state *state)
{
    return state->height >= STRIP_LEAST && !state->maximized;
}

void ws_view_strip(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct strip strip = {0};
    time_set(&strip, state);
    strip_fill(&strip, state);
    draw_title(rows, state, &strip);
    for (unsigned lane = 0; lane < strip.lanes; lane++)
        draw_lane(rows, &strip, lane);
    draw_cursor(rows, state, &strip);
}

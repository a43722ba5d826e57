/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole screen.
 *
 *   status: world, ring, mark, switch in progress
 *   code around EIP             | registers
 *   -- 17/45 what part --       |
 *   why it is there             |
 *   what the last step changed, and what it caused, if it caused anything
 *   -- panels by number -------------------------
 *   the chosen panel
 *   keys, or a message
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

enum {
    REGISTER_COLUMNS = 32,
    REGISTER_ROWS = 12, /* of the narrow registers */
    WHY_ROWS = 5,       /* a rule and four rows, or as many as are needed */
    CODE_ROWS = 4,      /* but so many are left to the code */
    PANEL_ROWS = 4,     /* and so many to the panel */
    DONE_ROWS = 3,      /* of what the last step caused, at most */
    TOUR_ROWS = 4,      /* of a step of the tour, at most */
    FIXED_ROWS = 4      /* status, changes, panel rule, keys */
};

/* Draw a view on paper of its own. */
static void part_draw(struct ws_rows *part, ws_view_draw *draw, const struct ws_view_state *state, unsigned width,
                      unsigned height)
{
    struct ws_view_state own = *state;
    own.width = width;
    own.height = height;
    ws_rows_init(part, width, state->ascii);
    draw(part, &own);
}

static unsigned rows_of(ws_view_draw *draw, const struct ws_view_state *state, unsigned width)
{
    struct ws_rows part;
    part_draw(&part, draw, state, width, 0);
    unsigned count = (unsigned)part.count;
    ws_rows_release(&part);
    return count;
}

static unsigned left_columns(const struct ws_view_state *state)
{
    return state->width - REGISTER_COLUMNS - 2;
}

static unsigned done_rows(const struct ws_view_state *state)
{
    unsigned rows = rows_of(ws_view_done, state, state->width);
    return rows < DONE_ROWS ? rows : DONE_ROWS;
}

static ws_view_draw draw_tour;

static unsigned tour_rows(const struct ws_view_state *state)
{
    return rows_of(draw_tour, state, state->width);
}

/* How many rows the explanation has: what it needs, and not less than most need, so that the code seldom moves. */
static unsigned why_rows(const struct ws_view_state *state)
{
    unsigned rows = rows_of(ws_view_why, state, left_columns(state));
    return rows > WHY_ROWS ? rows : WHY_ROWS;
}

/* How many rows the upper block has: what the registers need, and a third of what a larger window gives; more, if that
 * is not enough for the code and its explanation, as long as the panel keeps some. */
static unsigned upper_rows(const struct ws_view_state *state)
{
    unsigned rows = REGISTER_ROWS + (state->height - WS_SCREEN_HEIGHT) / 3;
    unsigned most = state->height - FIXED_ROWS - done_rows(state) - tour_rows(state) - PANEL_ROWS;
    unsigned needed = CODE_ROWS + why_rows(state);
    if (needed > most)
        needed = most;
    return rows > needed ? rows : needed;
}

static void draw_upper(struct ws_rows *rows, const struct ws_view_state *state)
{
    unsigned left = left_columns(state), height = upper_rows(state), explained = why_rows(state);
    unsigned code_rows = height > explained + CODE_ROWS ? height - explained : CODE_ROWS;
    struct ws_rows code, why, registers;

    struct ws_view_state at_eip = *state;
    at_eip.has_cursor = state->has_cursor && state->panel == WS_PANEL_CODE;
    part_draw(&why, ws_view_why, state, left, height);
    part_draw(&code, ws_view_code, &at_eip, left, code_rows);
    part_draw(&registers, ws_view_registers_narrow, state, REGISTER_COLUMNS, height);
    for (unsigned line = 0; line < height; line++) {
        ws__rows_begin(rows);
        if (line < code_rows)
            ws__rows_append(rows, &code, line);
        else
            ws__rows_append(rows, &why, line - code_rows);
        ws__rows_pad(rows, left);
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_VERTICAL, 1);
        ws__rows_print(rows, WS_ROLE_TEXT, " ");
        ws__rows_append(rows, &registers, line);
    }
    rows->failed |= code.failed | why.failed | registers.failed;
    ws_rows_release(&code);
    ws_rows_release(&why);
    ws_rows_release(&registers);
}

static unsigned tab_columns(unsigned panel)
{
    const struct ws_panel_info *info = ws_panel_info((enum ws_panel)panel);
    return (unsigned)(2 + strlen(info->key) + strlen(info->name));
}

/* The first panel that has its tab in sight: as few as possible are left out in front of the chosen one. */
static unsigned tab_first(const struct ws_view_state *state)
{
    enum { ENDS = 4 }; /* both ends of the row, brackets */
    unsigned columns = ENDS, first = state->panel + 1;
    for (unsigned panel = 0; panel <= state->panel; panel++)
        columns += tab_columns(panel);
    if (columns <= state->width)
        return 0;
    for (columns = ENDS; first > 0 && columns + tab_columns(first - 1) <= state->width; first--)
        columns += tab_columns(first - 1);
    return first;
}

static void draw_tab(struct ws_rows *rows, unsigned panel, bool chosen)
{
    const struct ws_panel_info *info = ws_panel_info((enum ws_panel)panel);
    ws__rows_print(rows, WS_ROLE_DIM, chosen ? "[" : " ");
    ws__rows_print(rows, chosen ? WS_ROLE_SELECTED : WS_ROLE_KEY, "%s", info->key);
    ws__rows_print(rows, chosen ? WS_ROLE_SELECTED : WS_ROLE_TEXT, " %s", info->name);
    ws__rows_print(rows, WS_ROLE_DIM, chosen ? "]" : "");
}

/* "-- 1 code 2 registers [3 space] 4 tables ---", with a sign where others are left out. */
static void draw_tabs(struct ws_rows *rows, const struct ws_view_state *state)
{
    unsigned panel = tab_first(state), columns = 2;
    ws__rows_begin(rows);
    ws__rows_glyph(rows, WS_ROLE_DIM, panel ? WS_GLYPH_END_LEFT : WS_GLYPH_HORIZONTAL, 1);
    for (; panel < WS_PANEL_COUNT; panel++) {
        columns += tab_columns(panel) + (panel == state->panel);
        if (columns > state->width)
            break;
        draw_tab(rows, panel, panel == state->panel);
    }
    if (panel < WS_PANEL_COUNT)
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_END_RIGHT, 1);
    unsigned used = rows->failed ? 0 : rows->row[rows->count - 1].columns;
    if (used < rows->width)
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_HORIZONTAL, rows->width - used);
}

/* The instruction about to begin, and why it is there, above a maximized panel: on paper of its own. */
static void draw_instruction_rows(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows part;
    struct ws_view_state at_eip = *state;
    at_eip.has_cursor = false;
    at_eip.symbols = NULL;
    part_draw(&part, ws_view_code, &at_eip, state->width / 2, 1);
    ws__rows_begin(rows);
    ws__rows_append(rows, &part, 0);
    rows->failed |= part.failed;
    ws_rows_release(&part);
    part_draw(&part, ws_view_why, state, state->width, 0);
    for (size_t at = 1; at < part.count; at++) { /* without its rule */
        ws__rows_begin(rows);
        ws__rows_append(rows, &part, at);
    }
    rows->failed |= part.failed;
    ws_rows_release(&part);
}

/* A step of the tour, above the keys. */
static void draw_tour(struct ws_rows *rows, const struct ws_view_state *state)
{
    char title[80];
    if (!state->tour)
        return;
    snprintf(title, sizeof title, "tour, %u of %u: t goes on, T goes back, Esc ends it", state->tour_number,
             state->tour_count);
    ws__view_rule(rows, title);
    ws__rows_wrap(rows, WS_ROLE_WHY, 1, TOUR_ROWS, state->tour);
}

unsigned ws_view_panel_height(const struct ws_view_state *state)
{
    if (state->height < WS_SCREEN_HEIGHT)
        return 1;
    unsigned upper = state->maximized ? rows_of(draw_instruction_rows, state, state->width) : upper_rows(state);
    return state->height - FIXED_ROWS - done_rows(state) - tour_rows(state) - upper;
}

size_t ws_view_panel_first(const struct ws_rows *rows, const struct ws_view_state *state)
{
    unsigned height = ws_view_panel_height(state);
    size_t last = rows->count > height ? rows->count - height : 0;
    if (state->scrolled)
        return state->scroll < last ? state->scroll : last;
    return rows->focus >= height ? rows->focus - height + 1 : 0;
}

static void draw_panel(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows part;
    unsigned height = ws_view_panel_height(state);
    part_draw(&part, ws_panel_info((enum ws_panel)state->panel)->draw, state, state->width, height);
    size_t first = ws_view_panel_first(&part, state);
    for (unsigned line = 0; line < height; line++) {
        ws__rows_begin(rows);
        if (first + line >= part.count)
            continue;
        ws__rows_append(rows, &part, first + line);
        const struct ws_link *link = &part.row[first + line].link;
        ws__rows_link(rows, (enum ws_link_kind)link->kind, link->value);
    }
    rows->failed |= part.failed;
    ws_rows_release(&part);
}

static void draw_keys(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    if (state->message) {
        ws__rows_print(rows, WS_ROLE_WARNING, " %s", state->message);
        return;
    }
    for (size_t at = 0; at < state->keys; at++) {
        const struct ws_view_key *key = &state->key[at];
        if (!key->hint[0])
            continue;
        size_t length = strcspn(key->keys, " ");
        ws__rows_print(rows, WS_ROLE_KEY, " %.*s", (int)length, key->keys);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s ", key->hint);
    }
}

/* What the last step caused; what does not fit is cut at its end. */
static void draw_done(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows part;
    part_draw(&part, ws_view_done, state, state->width, 0);
    for (size_t at = 0; at < part.count && at < DONE_ROWS; at++) {
        ws__rows_begin(rows);
        ws__rows_append(rows, &part, at);
        if (at + 1 == DONE_ROWS && at + 1 < part.count) {
            ws__rows_pad(rows, rows->width);
            ws__rows_print(rows, WS_ROLE_DIM, "+"); /* makes the row end with the sign of a cut */
        }
    }
    rows->failed |= part.failed;
    ws_rows_release(&part);
}

static void draw_too_small(struct ws_rows *rows, const struct ws_view_state *state)
{
    char text[128];
    snprintf(text, sizeof text, "the window is too small: %dx%d or more is needed, this is %ux%u", WS_SCREEN_WIDTH,
             WS_SCREEN_HEIGHT, state->width, state->height);
    ws__rows_wrap(rows, WS_ROLE_WARNING, 0, state->height, text);
}

void ws_view_screen(struct ws_rows *rows, const struct ws_view_state *state)
{
    if (state->width < WS_SCREEN_WIDTH || state->height < WS_SCREEN_HEIGHT) {
        draw_too_small(rows, state);
        return;
    }
    ws_view_status(rows, state);
    if (state->maximized)
        draw_instruction_rows(rows, state);
    else
        draw_upper(rows, state);
    ws_view_changes(rows, state);
    draw_done(rows, state);
    draw_tabs(rows, state);
    draw_panel(rows, state);
    draw_tour(rows, state);
    draw_keys(rows, state);
}

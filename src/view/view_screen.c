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
    CODE_ROWS_SMALL = 3,
    PANEL_ROWS = 4, /* and so many to the panel */
    PANEL_ROWS_SMALL = 2,
    DONE_ROWS = 3, /* of what the last step caused, at most */
    TOUR_ROWS = 4, /* of a step of the tour, at most */
    FIXED_ROWS = 4 /* status, changes, panel rule, keys */
};

static unsigned rows_of(ws_view_draw *draw, const struct ws_view_state *state, unsigned width)
{
    struct ws_rows part;
    ws__view_part(&part, draw, state, width, 0);
    unsigned count = (unsigned)part.count;
    if (state->starved)
        *state->starved |= part.failed;
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

static void draw_strip(struct ws_rows *rows, const struct ws_view_state *state)
{
    if (ws_view_strip_shown(state))
        ws_view_strip(rows, state);
}

static unsigned strip_rows(const struct ws_view_state *state)
{
    return ws_view_strip_shown(state) ? ws__view_strip_rows(state) : 0;
}

/* How many rows the explanation has: what it needs, and not less than most need, so that the code seldom moves. */
static unsigned why_rows(const struct ws_view_state *state)
{
    unsigned rows = rows_of(ws_view_why, state, left_columns(state));
    return rows > WHY_ROWS ? rows : WHY_ROWS;
}

static unsigned code_least(const struct ws_view_state *state)
{
    return state->height < WS_SCREEN_HEIGHT ? CODE_ROWS_SMALL : CODE_ROWS;
}

/* How many rows the upper block has: what the registers need, and a third of what a larger window gives; more, if that
 * is not enough for the code and its explanation, as long as the panel keeps some. */
static unsigned upper_rows(const struct ws_view_state *state)
{
    bool small = state->height < WS_SCREEN_HEIGHT;
    unsigned rows = REGISTER_ROWS + (small ? 0 : (state->height - WS_SCREEN_HEIGHT) / 3);
    unsigned fixed =
        FIXED_ROWS + done_rows(state) + tour_rows(state) + strip_rows(state) + (small ? PANEL_ROWS_SMALL : PANEL_ROWS);
    unsigned needed = code_least(state) + why_rows(state);
    unsigned most = state->height - fixed;
    if (needed > rows)
        rows = needed;
    return rows < most ? rows : most;
}

static void draw_upper(struct ws_rows *rows, const struct ws_view_state *state)
{
    unsigned left = left_columns(state), height = upper_rows(state), explained = why_rows(state);
    unsigned code_rows = height > explained + code_least(state) ? height - explained : code_least(state);
    struct ws_rows code, why, registers;

    struct ws_view_state at_eip = *state;
    at_eip.has_cursor = state->has_cursor && state->panel == WS_PANEL_CODE;
    ws__view_part(&why, ws_view_why, state, left, height);
    ws__view_part(&code, ws_view_code, &at_eip, left, code_rows);
    ws__view_part(&registers, ws_view_registers_narrow, state, REGISTER_COLUMNS, height);
    rows->focus = rows->count + code.focus;
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

/* The instruction about to begin, and why it is there, above a maximized panel: on paper of its own. */
static void draw_instruction_rows(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows part;
    struct ws_view_state at_eip = *state;
    at_eip.has_cursor = false;
    at_eip.symbols = NULL;
    ws__view_part(&part, ws_view_code, &at_eip, state->width / 2, 1);
    rows->focus = rows->count;
    ws__rows_begin(rows);
    ws__rows_append(rows, &part, 0);
    rows->failed |= part.failed;
    ws_rows_release(&part);
    ws__view_part(&part, ws_view_why, state, state->width, 0);
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

unsigned ws__view_panes_height(const struct ws_view_state *state)
{
    if (state->height < WS_SCREEN_LEAST)
        return 1;
    unsigned upper = state->maximized ? rows_of(draw_instruction_rows, state, state->width) : upper_rows(state);
    unsigned used = FIXED_ROWS + done_rows(state) + tour_rows(state) + strip_rows(state) + upper;
    return state->height > used ? state->height - used : 0;
}

unsigned ws__view_panes_top(const struct ws_view_state *state)
{
    return state->height - 1 - tour_rows(state) - strip_rows(state) - ws__view_panes_height(state);
}

static void draw_keys(struct ws_rows *rows, const struct ws_view_state *state)
{
    ws__rows_begin(rows);
    if (state->message) {
        ws__rows_print(rows, WS_ROLE_WARNING, " %s", state->message);
        return;
    }
    if (state->branch) {
        ws__rows_print(rows, WS_ROLE_KEY, " X");
        ws__rows_print(rows, WS_ROLE_WARNING, " leaves this branch: %.100s ", state->branch);
    }
    for (size_t at = 0; at < state->keys; at++) {
        const struct ws_view_key *key = &state->key[at];
        if (!key->hint[0])
            continue;
        size_t length = strcspn(key->keys, " "), columns = length + strlen(key->hint) + 3;
        unsigned used = rows->failed ? 0 : rows->row[rows->count - 1].columns;
        if (state->branch && used + columns > rows->width)
            return;
        ws__rows_print(rows, WS_ROLE_KEY, " %.*s", (int)length, key->keys);
        ws__rows_print(rows, WS_ROLE_TEXT, " %s ", key->hint);
    }
}

/* What the last step caused; what does not fit is cut at its end. */
static void draw_done(struct ws_rows *rows, const struct ws_view_state *state)
{
    struct ws_rows part;
    ws__view_part(&part, ws_view_done, state, state->width, 0);
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
             WS_SCREEN_LEAST, state->width, state->height);
    ws__rows_wrap(rows, WS_ROLE_WARNING, 0, state->height, text);
}

void ws_view_screen(struct ws_rows *rows, const struct ws_view_state *shown)
{
    struct ws_view_state own = *shown, *state = &own;
    own.starved = &rows->failed;
    if (state->width < WS_SCREEN_WIDTH || state->height < WS_SCREEN_LEAST) {
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
    ws__view_tabs(rows, state);
    ws__view_panes(rows, state);
    draw_strip(rows, state);
    draw_tour(rows, state);
    draw_keys(rows, state);
}

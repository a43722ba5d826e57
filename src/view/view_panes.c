/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lower part of the screen: the panels by name, and the chosen one; in a large window others beside it.
 *
 *   chosen        | beside 1
 *   --------------+---------
 *   beside 2      | beside 3
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

enum { PANE_WIDTH = WS_SCREEN_WIDTH, PANE_HEIGHT = 13, BETWEEN = 3 };

/* -- the names ----------------------------------------------------------------------------------------- */

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
void ws__view_tabs(struct ws_rows *rows, const struct ws_view_state *state)
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

bool ws__view_tab_at(const struct ws_view_state *state, unsigned column, unsigned *panel)
{
    unsigned at = 1;
    for (*panel = tab_first(state); *panel < WS_PANEL_COUNT; ++*panel) {
        unsigned columns = tab_columns(*panel) + (*panel == state->panel);
        if (column >= at && column < at + columns)
            return at + columns < state->width;
        at += columns;
    }
    return false;
}

/* -- the panes ----------------------------------------------------------------------------------------- */

/* How many there are side by side, and one above the other. */
static void panes_count(const struct ws_view_state *state, unsigned height, unsigned *columns, unsigned *lines)
{
    bool alone = state->maximized || state->panel == WS_PANEL_HELP;
    *columns = !alone && state->width >= 2 * PANE_WIDTH + BETWEEN ? 2 : 1;
    *lines = !alone && height >= 2 * PANE_HEIGHT ? 2 : 1;
}

unsigned ws_view_panel_width(const struct ws_view_state *state)
{
    unsigned columns, lines;
    panes_count(state, ws__view_panes_height(state), &columns, &lines);
    return columns == 2 ? (state->width - BETWEEN) / 2 : state->width;
}

unsigned ws_view_panel_height(const struct ws_view_state *state)
{
    unsigned columns, lines, height = ws__view_panes_height(state);
    panes_count(state, height, &columns, &lines);
    return lines == 2 ? height - height / 2 : height;
}

/* Which row of a panel is the first in sight, if so many are. */
static size_t row_first(const struct ws_rows *rows, const struct ws_view_state *state, unsigned height)
{
    size_t last = rows->count > height ? rows->count - height : 0;
    if (state->scrolled)
        return state->scroll < last ? state->scroll : last;
    return rows->focus >= height ? rows->focus - height + 1 : 0;
}

size_t ws_view_panel_first(const struct ws_rows *rows, const struct ws_view_state *state)
{
    return row_first(rows, state, ws_view_panel_height(state));
}

/* A pane on paper of its own: the chosen panel, or one beside it, with its name above. */
static void pane_draw(struct ws_rows *pane, const struct ws_view_state *state, unsigned number, unsigned width,
                      unsigned height)
{
    struct ws_view_state own = *state;
    struct ws_rows part;
    char title[40];
    ws_rows_init(pane, width, state->ascii);
    if (number) {
        const struct ws_panel_info *info = ws_panel_info((enum ws_panel)state->beside[number - 1]);
        own.panel = state->beside[number - 1];
        own.scrolled = own.has_cursor = false;
        snprintf(title, sizeof title, "%s %s", info->key, info->name);
        ws__view_rule(pane, title);
        height--;
    }
    ws__view_part(&part, ws_panel_info((enum ws_panel)own.panel)->draw, &own, pane->width, height);
    size_t last = part.count > height ? part.count - height : 0, first = row_first(&part, &own, height);
    first = first < last ? first : last;
    pane->focus = part.focus > first ? part.focus - first : 0;
    for (size_t line = first; line < part.count && height-- > 0; line++) {
        ws__rows_begin(pane);
        ws__rows_append(pane, &part, line);
        const struct ws_link *link = &part.row[line].link;
        ws__rows_link(pane, (enum ws_link_kind)link->kind, link->value);
    }
    pane->failed |= part.failed;
    ws_rows_release(&part);
}

/* Panes side by side, `height` rows. */
static void draw_line(struct ws_rows *rows, const struct ws_view_state *state, unsigned first, unsigned columns,
                      unsigned height)
{
    struct ws_rows pane[2] = {{.focus = 0}};
    unsigned width = columns == 2 ? (state->width - BETWEEN) / 2 : state->width;
    for (unsigned column = 0; column < columns; column++)
        pane_draw(&pane[column], state, first + column, width, height);
    if (!first && state->in_panel && pane[0].focus < height)
        rows->focus = rows->count + pane[0].focus;
    for (unsigned line = 0; line < height; line++) {
        ws__rows_begin(rows);
        for (unsigned column = 0; column < columns; column++) {
            if (column) {
                ws__rows_pad(rows, pane[0].width + 1);
                ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_VERTICAL, 1);
                ws__rows_pad(rows, pane[0].width + BETWEEN);
            }
            if (line >= pane[column].count)
                continue;
            ws__rows_append(rows, &pane[column], line);
            const struct ws_link *link = &pane[0].row[line].link;
            if (!column)
                ws__rows_link(rows, (enum ws_link_kind)link->kind, link->value);
        }
    }
    for (unsigned column = 0; column < columns; column++) {
        rows->failed |= pane[column].failed;
        ws_rows_release(&pane[column]);
    }
}

void ws__view_panes(struct ws_rows *rows, const struct ws_view_state *state)
{
    unsigned columns, lines, height = ws__view_panes_height(state);
    panes_count(state, height, &columns, &lines);
    draw_line(rows, state, 0, columns, lines == 2 ? height - height / 2 : height);
    if (lines == 2)
        draw_line(rows, state, columns, columns, height / 2);
}

void ws__view_pane_at(const struct ws_view_state *state, unsigned column, unsigned line, struct ws_view_spot *spot)
{
    unsigned columns, lines, height = ws__view_panes_height(state), upper = ws_view_panel_height(state);
    unsigned width = ws_view_panel_width(state);
    panes_count(state, height, &columns, &lines);
    unsigned number = (lines == 2 && line >= upper ? columns : 0) + (columns == 2 && column > width ? 1 : 0);
    spot->kind = number ? WS_SPOT_PANEL : WS_SPOT_ROW;
    spot->panel = number ? state->beside[number - 1] : state->panel;
    if (number)
        return;
    struct ws_rows pane;
    pane_draw(&pane, state, 0, width, upper);
    if (!pane.failed && line < pane.count)
        spot->link = pane.row[line].link;
    ws_rows_release(&pane);
}

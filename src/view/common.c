/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What more than one view needs: memory, names, titles, and the registry of panels.
 */
#include "view/internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "view/rows.h"

static const struct ws_panel_info panel_table[WS_PANEL_COUNT] = {
#define WS_PANEL_ROW(name, key, text, draw) [WS_PANEL_##name] = {key, text, draw},
    WS_PANEL_TABLE(WS_PANEL_ROW)
#undef WS_PANEL_ROW
};

const struct ws_panel_info *ws_panel_info(enum ws_panel panel)
{
    assert((unsigned)panel < WS_PANEL_COUNT);
    return &panel_table[panel];
}

size_t ws__view_read(const struct ws_view_state *state, const struct ws_registers *registers, uint32_t linear,
                     void *out, size_t bytes)
{
    return ws_page_read(&state->memory, registers, linear, out, bytes);
}

void ws__view_part(struct ws_rows *part, ws_view_draw *draw, const struct ws_view_state *state, unsigned width,
                   unsigned height)
{
    struct ws_view_state own = *state;
    own.width = width;
    own.height = height;
    ws_rows_init(part, width, state->ascii);
    draw(part, &own);
}

bool ws__view_changed(const struct ws_view_state *state, enum ws_register which)
{
    return state->stepped && state->before.value[which] != state->now.value[which];
}

void ws__view_rule_begin(struct ws_rows *rows)
{
    ws__rows_begin(rows);
    ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_HORIZONTAL, 2);
    ws__rows_print(rows, WS_ROLE_TITLE, " ");
}

void ws__view_rule(struct ws_rows *rows, const char *title)
{
    ws__view_rule_begin(rows);
    ws__rows_print(rows, WS_ROLE_TITLE, "%s", title);
    ws__view_rule_end(rows);
}

void ws__view_rule_end(struct ws_rows *rows)
{
    ws__rows_print(rows, WS_ROLE_TITLE, " ");
    unsigned used = rows->failed ? 0 : rows->row[rows->count - 1].columns;
    if (used < rows->width)
        ws__rows_glyph(rows, WS_ROLE_DIM, WS_GLYPH_HORIZONTAL, rows->width - used);
}

void ws__view_symbol(const struct ws_view_state *state, uint32_t linear, char *out, size_t bytes)
{
    uint32_t offset = 0;
    const char *name = state->symbols ? ws_symbols_at(state->symbols, linear, &offset) : NULL;
    if (!name)
        snprintf(out, bytes, "%s", "");
    else if (offset == 0)
        snprintf(out, bytes, "%s", name);
    else
        snprintf(out, bytes, "%s+%x", name, (unsigned)offset);
}

const struct ws_view_step *ws__view_step_at(const struct ws_view_state *state, uint32_t linear)
{
    for (size_t at = 0; at < state->steps; at++)
        if (state->step[at].linear == linear)
            return &state->step[at];
    return NULL;
}

void ws__view_side_name(const struct ws_view_side *side, char *out, size_t bytes)
{
    if (side->process[0])
        snprintf(out, bytes, "%s: %s", side->world, side->process);
    else
        snprintf(out, bytes, "%s", side->world);
}

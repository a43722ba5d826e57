/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The panel of notes: marks that have names, with what was noted there, and marks that a search has found.  The one
 * that Enter goes to has a sign.
 */
#include "view/internal.h"

#include <stdio.h>

#include "view/rows.h"

enum { MARK_COLUMN = 3, NAME_COLUMN = 15 };

static void draw_note(struct ws_rows *rows, const struct ws_view_state *state, size_t index)
{
    const struct ws_view_note *note = &state->note[index];
    bool chosen = index == state->chosen_note;
    enum ws_role role = chosen ? WS_ROLE_SELECTED : WS_ROLE_TEXT;
    if (chosen)
        rows->focus = rows->count;
    ws__rows_begin(rows);
    ws__rows_link(rows, WS_LINK_MARK, note->mark);
    ws__rows_pad(rows, 1);
    if (chosen)
        ws__rows_glyph(rows, role, WS_GLYPH_END_RIGHT, 1);
    ws__rows_pad(rows, MARK_COLUMN);
    ws__rows_print(rows, role, "%10llu", (unsigned long long)note->mark);
    ws__rows_pad(rows, NAME_COLUMN);
    ws__rows_print(rows, role, "%s", note->name);
    if (*note->note)
        ws__rows_print(rows, WS_ROLE_WHY, "%s%s", *note->name ? ": " : "", note->note);
    if (note->mark == state->mark)
        ws__rows_print(rows, WS_ROLE_DIM, "  (here)");
}

void ws_view_notes(struct ws_rows *rows, const struct ws_view_state *state)
{
    size_t named = state->notes - state->notes_found;
    ws__view_rule(rows, "marks with names (m, :NAME=NOTE)");
    for (size_t at = 0; at < named; at++)
        draw_note(rows, state, at);
    if (!named) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " none: m and a letter names this mark");
    }
    if (!state->searched) {
        ws__view_rule(rows, "found: nothing was looked for (/)");
        return;
    }
    char title[80];
    snprintf(title, sizeof title, "found by /%.50s", state->searched);
    ws__view_rule(rows, title);
    for (size_t at = named; at < state->notes; at++)
        draw_note(rows, state, at);
}

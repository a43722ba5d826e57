/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VGA's text screen.
 */
#include "view/internal.h"

#include "view/code_page.h"
#include "view/rows.h"

/* What most guests write in, light grey on black, is the terminal's own colours: that is legible everywhere. */
enum { PLAIN = 0x07 };

static enum ws_role role_of(uint8_t attribute)
{
    return attribute == PLAIN ? WS_ROLE_TEXT : WS_ROLE_SCREEN(attribute);
}

void ws_view_text(struct ws_rows *rows, const struct ws_view_state *state)
{
    for (unsigned row = 0; state->text && row < WS_TEXT_ROWS; row++) {
        ws__rows_begin(rows);
        for (unsigned column = 0; column < WS_TEXT_COLUMNS; column++) {
            unsigned number = row * WS_TEXT_COLUMNS + column;
            const struct ws_text_cell *cell = &state->text[number];
            char character[WS__CODE_PAGE_BYTES];
            size_t bytes = ws__code_page_character(cell->character, rows->ascii, character);
            bool cursor = state->has_text_cursor && state->text_cursor == number;
            ws__rows_character(rows, cursor ? WS_ROLE_CURRENT : role_of(cell->attribute), character, bytes);
        }
    }
    if (!state->text) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " there is no screen");
    }
    rows->focus = state->has_text_cursor ? state->text_cursor / WS_TEXT_COLUMNS : 0;
}

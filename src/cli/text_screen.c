/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the text screen.
 */
#include "cli/text_screen.h"

#include "view/code_page.h"

/* The PC counts its colours blue, green, red; terminals red, green, blue.  ECMA-48, "Select Graphic Rendition" */
static void color_append(struct ws_buffer *out, uint8_t attribute)
{
    static const uint8_t color[] = {0, 4, 2, 6, 1, 5, 3, 7};
    bool bright = attribute & 8;
    ws_buffer_printf(out, "\x1b[0;%s%u;%um", bright ? "1;" : "", 30u + color[attribute & 7],
                     40u + color[attribute >> 4 & 7]);
}

static bool is_blank(const struct ws_text_cell *cell, bool colored)
{
    return (cell->character == ' ' || cell->character == 0) && !(colored && cell->attribute & 0x70);
}

static unsigned length_of(const struct ws_text_cell *cells, bool colored)
{
    unsigned length = WS_TEXT_COLUMNS;
    while (length && is_blank(&cells[length - 1], colored))
        length--;
    return length;
}

static void row_append(struct ws_buffer *out, const struct ws_text_cell *cells, bool colored, bool ascii)
{
    unsigned length = length_of(cells, colored);
    for (unsigned i = 0; i < length; i++) {
        char character[WS__CODE_PAGE_BYTES];
        if (colored && (i == 0 || cells[i].attribute != cells[i - 1].attribute))
            color_append(out, cells[i].attribute);
        ws_buffer_append(out, character, ws__code_page_character(cells[i].character, ascii, character));
    }
    ws_buffer_printf(out, "%s\n", colored && length ? "\x1b[0m" : "");
}

void ws__text_screen_append(struct ws_buffer *out, const struct ws_machine *machine, bool colored, bool ascii)
{
    struct ws_text_cell cells[WS_TEXT_COLUMNS];
    unsigned rows = 0;
    for (unsigned row = 0; row < WS_TEXT_ROWS; row++) {
        ws_machine_text_row(machine, row, cells);
        if (length_of(cells, colored))
            rows = row + 1;
    }
    for (unsigned row = 0; row < rows; row++) {
        ws_machine_text_row(machine, row, cells);
        row_append(out, cells, colored, ascii);
    }
}

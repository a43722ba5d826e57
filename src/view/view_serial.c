/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest has sent on COM1, line by line.
 */
#include "view/internal.h"

#include <string.h>

enum { TAB_COLUMNS = 8 };

/* One line; a tab goes to the next multiple of eight, a carriage return is left out. */
static void draw_line(struct ws_rows *rows, const char *line, size_t bytes)
{
    unsigned column = 1;
    ws_rows_begin(rows);
    ws_rows_print(rows, WS_ROLE_TEXT, " ");
    for (size_t at = 0; at < bytes; at++) {
        if (line[at] == '\r')
            continue;
        if (line[at] == '\t') {
            column += TAB_COLUMNS - (column - 1) % TAB_COLUMNS;
            ws_rows_pad(rows, column);
        } else {
            ws_rows_print(rows, WS_ROLE_TEXT, "%c", line[at] ? line[at] : '.');
            column++;
        }
    }
}

void ws_view_serial(struct ws_rows *rows, const struct ws_view_state *state)
{
    const char *line = state->serial, *end = line ? line + state->serial_bytes : NULL;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        draw_line(rows, line, (size_t)(stop - line));
        line = newline ? newline + 1 : end;
    }
    if (!state->serial_bytes) {
        ws_rows_begin(rows);
        ws_rows_print(rows, WS_ROLE_DIM, " the guest has sent nothing yet");
    }
    rows->focus = rows->count ? rows->count - 1 : 0;
}

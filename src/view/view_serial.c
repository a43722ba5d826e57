/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest has sent on COM1, line by line.
 */
#include "view/internal.h"

#include <string.h>

#include "view/rows.h"

enum { TAB_COLUMNS = 8 };

/* One line; a tab goes to the next multiple of eight, a carriage return is left out. */
static void draw_line(struct ws_rows *rows, const char *line, size_t bytes)
{
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_TEXT, " ");
    for (size_t at = 0, end; at < bytes; at = end) {
        for (end = at; end < bytes && line[end] != '\r' && line[end] != '\t'; end++)
            continue;
        ws__rows_text(rows, WS_ROLE_TEXT, line + at, end - at);
        unsigned column = rows->failed ? 1 : rows->row[rows->count - 1].columns;
        if (end < bytes && line[end] == '\t')
            ws__rows_pad(rows, column + TAB_COLUMNS - (column - 1) % TAB_COLUMNS);
        end += end < bytes;
    }
}

void ws_view_serial(struct ws_rows *rows, const struct ws_view_state *state)
{
    const char *line = state->serial, *end = line ? line + state->serial_bytes : NULL;
    if (state->serial_dropped) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " %llu bytes before this are not kept; \"worldswitch run\" prints all",
                       (unsigned long long)state->serial_dropped);
    }
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        draw_line(rows, line, (size_t)(stop - line));
        line = newline ? newline + 1 : end;
    }
    if (!state->serial_bytes) {
        ws__rows_begin(rows);
        ws__rows_print(rows, WS_ROLE_DIM, " the guest has sent nothing yet");
    }
    rows->focus = rows->count ? rows->count - 1 : 0;
}

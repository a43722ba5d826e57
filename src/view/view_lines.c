/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Panels whose lines were made elsewhere: the devices; what differs between two marks.
 */
#include "view/internal.h"

#include <stdio.h>
#include <string.h>

#include "view/rows.h"

enum { TEXT_COLUMN = 19, LINES = 8 /* of what one difference says, at most */ };

/* Call `draw` for each line. */
static void each_line(struct ws_rows *rows, const char *text,
                      void (*draw)(struct ws_rows *rows, const char *line, size_t length))
{
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        draw(rows, line, length);
        line += length + (line[length] == '\n');
    }
}

/* -- devices ------------------------------------------------------------------------------------------- */

/* A chip's name stands alone; what is said of it is indented. */
static void draw_device(struct ws_rows *rows, const char *line, size_t length)
{
    char text[400];
    snprintf(text, sizeof text, "%.*s", (int)length, line);
    if (*text == ' ')
        ws__rows_wrap(rows, WS_ROLE_TEXT, 2, LINES, text + strspn(text, " "));
    else
        ws__view_rule(rows, text);
}

void ws_view_devices(struct ws_rows *rows, const struct ws_view_state *state)
{
    if (state->devices) {
        each_line(rows, state->devices, draw_device);
        return;
    }
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_DIM, " nothing is known of the devices");
}

/* -- the difference ------------------------------------------------------------------------------------ */

static void draw_difference(struct ws_rows *rows, const char *line, size_t length)
{
    size_t category = strcspn(line, "\t");
    struct ws_rows part;
    if (category >= length)
        return;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_buffer_append(&text, line + category + 1, length - category - 1);
    ws_rows_init(&part, rows->width > TEXT_COLUMN ? rows->width - TEXT_COLUMN : 1, rows->ascii);
    ws__rows_sentence(&part, WS_ROLE_TEXT, 0, LINES, &text);
    for (size_t at = 0; at < part.count; at++) {
        ws__rows_begin(rows);
        if (at == 0)
            ws__rows_print(rows, WS_ROLE_KEY, " %.*s", (int)category, line);
        ws__rows_pad(rows, TEXT_COLUMN);
        ws__rows_append(rows, &part, at);
    }
    rows->failed |= part.failed;
    ws_rows_release(&part);
}

void ws_view_difference(struct ws_rows *rows, const struct ws_view_state *state)
{
    char title[100];
    bool here = state->since == WS_SINCE_MARK;
    snprintf(title, sizeof title, "from mark %llu (%s) to mark %llu", (unsigned long long)state->since_mark,
             here ? "chosen" : "the last switch begins", (unsigned long long)state->mark);
    if (state->difference)
        ws__view_rule(rows, title);
    else
        ws__view_rule(rows, "what differs");
    if (!state->difference)
        ws__rows_wrap(rows, WS_ROLE_DIM, 1, 2,
                      "No switch has begun before this mark, or none is known.  = compares with this mark instead.");
    else if (!*state->difference)
        ws__rows_wrap(rows, WS_ROLE_TEXT, 1, 2, "Nothing differs: these are the same state.");
    else
        each_line(rows, state->difference, draw_difference);
    if (!state->difference)
        return;
    ws__rows_begin(rows);
    ws__rows_print(rows, WS_ROLE_KEY, " =");
    ws__rows_print(rows, WS_ROLE_DIM,
                   here ? " compares with the last switch again" : " compares with this mark from here on");
}

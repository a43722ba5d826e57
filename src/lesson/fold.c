/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folding texts. */
#include "lesson/fold.h"

#include <string.h>

/* Columns of a piece of UTF-8: bytes that begin a character. */
static unsigned columns_of(const char *text, size_t bytes)
{
    unsigned columns = 0;
    for (size_t i = 0; i < bytes; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

/* One line of the text, without its end. */
static void line_fold(struct ws_buffer *out, const char *line, size_t bytes, unsigned indent, unsigned columns)
{
    size_t at = strspn(line, " ");
    at = at < bytes ? at : bytes;
    unsigned margin = indent + (unsigned)at, column = 0;
    while (at < bytes) {
        size_t word = strcspn(line + at, " \n");
        unsigned width = columns_of(line + at, word);
        if (column && column + 1 + width > columns) {
            ws_buffer_append(out, "\n", 1);
            column = 0;
        }
        if (!column) {
            ws_buffer_printf(out, "%*s", (int)margin, "");
            column = margin;
        } else {
            ws_buffer_append(out, " ", 1);
            column++;
        }
        ws_buffer_append(out, line + at, word);
        column += width;
        at += word;
        at += strspn(line + at, " ");
    }
    ws_buffer_append(out, "\n", 1);
}

void ws__fold(struct ws_buffer *out, const char *text, unsigned indent, unsigned columns)
{
    while (*text) {
        size_t bytes = strcspn(text, "\n");
        line_fold(out, text, bytes, indent, columns);
        text += bytes + (text[bytes] == '\n');
    }
}

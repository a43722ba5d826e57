/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows: text with roles, never wider than the paper.
 *
 * The text of all rows stands in one buffer, in order, so the last row can be shortened by
 * shortening the buffer. That is how a row that turns out too long gets its mark in the last
 * column.
 */
#include "view/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/printable.h"
#include "view/rows.h"

void ws_rows_init(struct ws_rows *rows, unsigned width, bool ascii)
{
    *rows = (struct ws_rows){.width = width, .ascii = ascii};
}

void ws_rows_release(struct ws_rows *rows)
{
    ws_buffer_release(&rows->text);
    free(rows->span);
    free(rows->row);
    ws_rows_init(rows, rows->width, rows->ascii);
}

void ws_rows_clear(struct ws_rows *rows, unsigned width)
{
    ws_buffer_clear(&rows->text);
    rows->spans = rows->count = rows->focus = 0;
    rows->width = width;
}

void ws__rows_begin(struct ws_rows *rows)
{
    struct ws_row *row = ws__grow(rows->row, rows->count, &rows->row_capacity, sizeof rows->row[0]);
    if (!row) {
        rows->failed = true;
        return;
    }
    rows->row = row;
    rows->row[rows->count++] = (struct ws_row){.first = (uint32_t)rows->spans};
}

static struct ws_row *row_last(struct ws_rows *rows)
{
    return rows->failed || !rows->count ? NULL : &rows->row[rows->count - 1];
}

/* The span that takes more text of this role, a new one if needed. */
static struct ws_span *span_for(struct ws_rows *rows, enum ws_role role)
{
    struct ws_row *row = row_last(rows);
    if (row->spans && rows->span[rows->spans - 1].role == role)
        return &rows->span[rows->spans - 1];
    struct ws_span *span = ws__grow(rows->span, rows->spans, &rows->span_capacity, sizeof rows->span[0]);
    if (!span) {
        rows->failed = true;
        return NULL;
    }
    rows->span = span;
    row->spans++;
    span = &rows->span[rows->spans++];
    *span = (struct ws_span){.offset = (uint32_t)rows->text.size, .role = (uint8_t)role};
    return span;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Append text that fits. */
static void text_add(struct ws_rows *rows, enum ws_role role, const char *text, size_t bytes, unsigned columns)
{
    struct ws_row *row = row_last(rows);
    struct ws_span *span = bytes ? span_for(rows, role) : NULL;
    if (!span)
        return;
    ws_buffer_append(&rows->text, text, bytes);
    rows->failed |= rows->text.failed;
    if (rows->failed)
        return;
    span->bytes += (uint32_t)bytes;
    span->columns += columns;
    row->columns += columns;
}

/* Replace the last character of the last row by the mark of a cut row. */
static void row_cut(struct ws_rows *rows)
{
    struct ws_row *row = row_last(rows);
    if (!row || row->cut || !row->spans)
        return;
    struct ws_span *span = &rows->span[rows->spans - 1];
    uint32_t gone = 1;
    while (gone < span->bytes && is_continuation(rows->text.data[rows->text.size - gone]))
        gone++;
    rows->text.size -= gone;
    span->bytes -= gone;
    span->columns--;
    row->columns--;
    row->cut = true;
    const char *mark = ws__glyph_text(WS_GLYPH_CUT, rows->ascii);
    text_add(rows, (enum ws_role)span->role, mark, strlen(mark), 1);
}

/* Append UTF-8 text, as much of it as fits. */
static void text_fit(struct ws_rows *rows, enum ws_role role, const char *text, size_t bytes)
{
    struct ws_row *row = row_last(rows);
    if (!row || row->cut)
        return;
    unsigned room = rows->width - row->columns, columns = 0;
    size_t fits = 0;
    while (fits < bytes && columns < room) {
        fits++;
        columns++;
        while (fits < bytes && is_continuation(text[fits]))
            fits++;
    }
    text_add(rows, role, text, fits, columns);
    if (fits < bytes)
        row_cut(rows);
}

/* Only what certainly takes one column may stay as it is: ASCII, and Latin letters where the paper has them. */
static bool takes_one_column(const struct ws_rows *rows, const char *piece)
{
    enum { LATIN_END = 0xcc }; /* of the first byte; then come marks that stand on the letter before */
    return (unsigned char)*piece < 0x80 || (!rows->ascii && (unsigned char)*piece < LATIN_END);
}

void ws__rows_text(struct ws_rows *rows, enum ws_role role, const char *text, size_t bytes)
{
    char piece[WS__PIECE_BYTES];
    for (size_t at = 0; at < bytes && row_last(rows) && !row_last(rows)->cut;) {
        size_t taken = ws__printable_piece(text + at, bytes - at, piece);
        if (!takes_one_column(rows, piece))
            taken = ws__printable_escape(text[at], piece);
        text_fit(rows, role, piece, strlen(piece));
        at += taken;
    }
}

void ws__rows_print(struct ws_rows *rows, enum ws_role role, const char *format, ...)
{
    char small[256];
    char *text = small;
    va_list list, again;

    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(small, sizeof small, format, list);
    if (length >= (int)sizeof small) {
        text = malloc((size_t)length + 1);
        if (text)
            vsnprintf(text, (size_t)length + 1, format, again);
        else
            rows->failed = true;
    }
    va_end(again);
    va_end(list);
    if (text && length > 0)
        ws__rows_text(rows, role, text, (size_t)length);
    if (text != small)
        free(text);
}

void ws__rows_glyph(struct ws_rows *rows, enum ws_role role, enum ws_glyph glyph, unsigned times)
{
    const char *text = ws__glyph_text(glyph, rows->ascii);
    while (times--)
        text_fit(rows, role, text, strlen(text));
}

void ws__rows_character(struct ws_rows *rows, enum ws_role role, const char *text, size_t bytes)
{
    text_fit(rows, role, text, bytes);
}

void ws__rows_pad(struct ws_rows *rows, unsigned column)
{
    struct ws_row *row = row_last(rows);
    if (row && column > rows->width)
        column = rows->width;
    if (row && column > row->columns)
        ws__rows_print(rows, WS_ROLE_TEXT, "%*s", (int)(column - row->columns), "");
}

void ws__rows_link(struct ws_rows *rows, enum ws_link_kind kind, uint64_t value)
{
    struct ws_row *row = row_last(rows);
    if (row)
        row->link = (struct ws_link){.kind = (uint8_t)kind, .value = value};
}

/* How much of `text` goes into `columns`: up to the last blank that fits, or a hard cut through a
 * long word. */
static size_t line_length(const char *text, size_t columns)
{
    size_t length = strlen(text);
    if (length <= columns)
        return length;
    for (size_t at = columns; at > 0; at--)
        if (text[at] == ' ')
            return at;
    return columns;
}

void ws__rows_wrap(struct ws_rows *rows, enum ws_role role, unsigned indent, unsigned limit, const char *text)
{
    size_t columns = rows->width > indent + 1 ? rows->width - indent : 1;
    for (unsigned line = 0; line < limit && *text; line++) {
        size_t length = line + 1 == limit ? strlen(text) : line_length(text, columns);
        ws__rows_begin(rows);
        ws__rows_pad(rows, indent);
        ws__rows_print(rows, role, "%.*s", (int)length, text);
        text += length;
        while (*text == ' ')
            text++;
    }
}

void ws__rows_sentence(struct ws_rows *rows, enum ws_role role, unsigned indent, unsigned limit,
                       struct ws_buffer *sentence)
{
    rows->failed |= sentence->failed;
    if (!rows->failed)
        ws__rows_wrap(rows, role, indent, limit, ws_buffer_text(sentence));
    ws_buffer_release(sentence);
}

void ws__rows_append(struct ws_rows *rows, const struct ws_rows *from, size_t index)
{
    if (index >= from->count)
        return;
    const struct ws_row *row = &from->row[index];
    for (size_t at = row->first; at < row->first + row->spans; at++) {
        const struct ws_span *span = &from->span[at];
        text_fit(rows, (enum ws_role)span->role, from->text.data + span->offset, span->bytes);
    }
}

void ws_rows_write(const struct ws_rows *rows, struct ws_buffer *out)
{
    for (size_t at = 0; at < rows->count; at++) {
        const struct ws_row *row = &rows->row[at];
        size_t begin = row->spans ? rows->span[row->first].offset : 0;
        size_t bytes = 0;
        for (size_t span = row->first; span < row->first + row->spans; span++)
            bytes += rows->span[span].bytes;
        while (bytes && rows->text.data[begin + bytes - 1] == ' ')
            bytes--;
        ws_buffer_append(out, bytes ? rows->text.data + begin : "", bytes);
        ws_buffer_append(out, "\n", 1);
    }
}

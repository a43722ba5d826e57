/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines end between words. */
#include "base/wrap.h"

#include <string.h>

enum { DEEPER = 4 }; /* so much deeper than its beginning a line goes on */

/* How many bytes the first character has. */
static size_t character_bytes(const char *text, size_t bytes)
{
    size_t length = 1;
    while (length < bytes && ((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

static size_t characters(const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes; at += character_bytes(text + at, bytes - at))
        count++;
    return count;
}

/* How many bytes stand in front of the next blank, or of what is none. */
static size_t word_bytes(const char *text, size_t bytes)
{
    const char *end = memchr(text, ' ', bytes);
    return end ? (size_t)(end - text) : bytes;
}

static size_t blank_bytes(const char *text, size_t bytes)
{
    size_t length = 0;
    while (length < bytes && text[length] == ' ')
        length++;
    return length;
}

/* A way through a line. */
struct way {
    ws__wrap_sink *sink; /* NULL: rows are counted only */
    void *context;
    struct ws__wrap where;
    size_t rows;
};

static void row_end(struct way *way)
{
    if (way->sink)
        way->sink(way->context, "\n", 1);
    for (size_t column = 0; way->sink && column < way->where.indent; column++)
        way->sink(way->context, " ", 1);
    way->where.column = way->where.indent;
    way->rows++;
}

static void append(struct way *way, const char *text, size_t bytes)
{
    if (way->sink && bytes)
        way->sink(way->context, text, bytes);
    way->where.column += characters(text, bytes);
}

/* A word that is longer than a row goes on in the next one. */
static void word_append(struct way *way, const char *word, size_t bytes)
{
    for (size_t at = 0, length; at < bytes; at += length) {
        length = character_bytes(word + at, bytes - at);
        if (way->where.column == way->where.columns)
            row_end(way);
        append(way, word + at, length);
    }
}

size_t ws__wrap_line(ws__wrap_sink *sink, void *context, const char *text, size_t bytes, struct ws__wrap where)
{
    struct way way = {sink, context, where, 1};
    size_t at = 0;
    while (at < bytes) {
        size_t blanks = blank_bytes(text + at, bytes - at), word = word_bytes(text + at + blanks, bytes - at - blanks);
        size_t width = characters(text + at + blanks, word);
        if (!word)
            break; /* blanks at the end of the line */
        if (at && way.where.column + blanks + width > where.columns)
            row_end(&way);
        else
            append(&way, text + at, blanks);
        word_append(&way, text + at + blanks, word);
        at += blanks + word;
    }
    return way.rows;
}

static void buffer_take(void *context, const char *text, size_t bytes)
{
    ws_buffer_append(context, text, bytes);
}

size_t ws__wrap_lines(struct ws_buffer *out, const char *text, size_t bytes, size_t columns)
{
    size_t rows = 0;
    while (bytes) {
        const char *end = memchr(text, '\n', bytes);
        size_t length = end ? (size_t)(end - text) : bytes, indent = blank_bytes(text, length) + DEEPER;
        indent = indent < columns ? indent : 0;
        rows += ws__wrap_line(out ? buffer_take : NULL, out, text, length, (struct ws__wrap){columns, 0, indent});
        if (out)
            ws_buffer_append(out, "\n", 1);
        length += end != NULL;
        text += length;
        bytes -= length;
    }
    return rows;
}

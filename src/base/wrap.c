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

static void row_end(struct ws_buffer *out, struct ws__wrap *where)
{
    if (out)
        ws_buffer_printf(out, "\n%*s", (int)where->indent, "");
    where->column = where->indent;
}

static void append(struct ws_buffer *out, const char *text, size_t bytes, struct ws__wrap *where)
{
    if (out)
        ws_buffer_append(out, text, bytes);
    where->column += characters(text, bytes);
}

/* A word that is longer than a row goes on in the next one. */
static size_t word_append(struct ws_buffer *out, const char *word, size_t bytes, struct ws__wrap *where)
{
    size_t rows = 0;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = character_bytes(word + at, bytes - at);
        if (where->column == where->columns) {
            row_end(out, where);
            rows++;
        }
        append(out, word + at, length, where);
    }
    return rows;
}

size_t ws__wrap_line(struct ws_buffer *out, const char *text, size_t bytes, struct ws__wrap where)
{
    size_t rows = 1, at = 0;
    while (at < bytes) {
        size_t blanks = blank_bytes(text + at, bytes - at), word = word_bytes(text + at + blanks, bytes - at - blanks);
        size_t width = characters(text + at + blanks, word);
        if (!word)
            break; /* blanks at the end of the line */
        if (at && where.column + blanks + width > where.columns) {
            row_end(out, &where);
            rows++;
        } else {
            append(out, text + at, blanks, &where);
        }
        rows += word_append(out, text + at + blanks, word, &where);
        at += blanks + word;
    }
    return rows;
}

size_t ws__wrap_lines(struct ws_buffer *out, const char *text, size_t bytes, size_t columns)
{
    size_t rows = 0;
    while (bytes) {
        const char *end = memchr(text, '\n', bytes);
        size_t length = end ? (size_t)(end - text) : bytes, indent = blank_bytes(text, length) + DEEPER;
        indent = indent < columns ? indent : 0;
        rows += ws__wrap_line(out, text, length, (struct ws__wrap){columns, 0, indent});
        if (out)
            ws_buffer_append(out, "\n", 1);
        length += end != NULL;
        text += length;
        bytes -= length;
    }
    return rows;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of text for a terminal, which end between words.
 */
#ifndef WS_BASE_WRAP_H
#define WS_BASE_WRAP_H

#include <stddef.h>

#include <worldswitch/buffer.h>

/* Where a line stands in the terminal, all in characters. */
struct ws__wrap {
    size_t columns; /* of the terminal */
    size_t column;  /* at which the text begins */
    size_t indent;  /* at which further rows begin, less than `columns` */
};

/* Where rows go, piece by piece. */
typedef void ws__wrap_sink(void *context, const char *text, size_t bytes);

/* Write a text in UTF-8 without a newline, in rows.  A word that is longer than a row is cut.  Returns how many rows
 * there are, at least 1.  `sink` may be NULL: then they are only counted.  No memory is needed. */
size_t ws__wrap_line(ws__wrap_sink *sink, void *context, const char *text, size_t bytes, struct ws__wrap where);

/* Append a text of lines, each with its newline: a line that is too long goes on deeper than it began.  Returns how
 * many rows there are.  `out` may be NULL. */
size_t ws__wrap_lines(struct ws_buffer *out, const char *text, size_t bytes, size_t columns);

#endif

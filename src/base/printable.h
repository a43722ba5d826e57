/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside, made fit for people: symbols, names, notes and paths come out of files that an attacker may
 * have written, and a terminal obeys what it is sent.
 *
 * Printable UTF-8 stays.  A control character, one that changes the direction of writing or cannot be seen, and a byte
 * that is no UTF-8, is shown as its bytes: "\x1b".
 */
#ifndef WS_BASE_PRINTABLE_H
#define WS_BASE_PRINTABLE_H

#include <stddef.h>

#include <worldswitch/buffer.h>

enum { WS__PIECE_BYTES = 5 }; /* the longest piece, with its closing NUL */

/* The next piece of `text`, of which `bytes` are left, at least one: a character, or a byte as an escape.  Returns how
 * many bytes of the text it stands for. */
size_t ws__printable_piece(const char *text, size_t bytes, char piece[WS__PIECE_BYTES]);

/* The escape for one byte, whatever it is; returns 1. */
size_t ws__printable_escape(char byte, char piece[WS__PIECE_BYTES]);

/* Append all of it. */
void ws__printable_append(struct ws_buffer *out, const char *text, size_t bytes);

/* Copy as many whole pieces as fit into `room` bytes, at least 1, and the closing NUL. */
void ws__printable_copy(char *out, size_t room, const char *text);

#endif

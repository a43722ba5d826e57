/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts folded into lines.
 */
#ifndef WS_LESSON_FOLD_H
#define WS_LESSON_FOLD_H

#include <worldswitch/buffer.h>

/* Append a text in lines of at most `columns` columns (a longer word has a line of its own), each after `indent`
 * blanks.  Line ends in the text stay; blanks at the beginning of a line of it are kept in the lines made of it. */
void ws__fold(struct ws_buffer *out, const char *text, unsigned indent, unsigned columns);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making rows: what views are drawn with.
 */
#ifndef WS_VIEW_ROWS_H
#define WS_VIEW_ROWS_H

#include <worldswitch/view.h>

/* Append row `index` of another set to the last row. */
void ws__rows_append(struct ws_rows *rows, const struct ws_rows *from, size_t index);

/* Start a new row; what follows goes into it. */
void ws__rows_begin(struct ws_rows *rows);

/* Append a glyph `times` times. */
void ws__rows_glyph(struct ws_rows *rows, enum ws_role role, enum ws_glyph glyph, unsigned times);

/* Say what the last row stands for. */
void ws__rows_link(struct ws_rows *rows, enum ws_link_kind kind, uint64_t value);

/* Append blanks up to a column, at least none. */
void ws__rows_pad(struct ws_rows *rows, unsigned column);

/* Append text, as printf would write it, to the last row. What does not fit is cut, and the cut is
 * marked.  Control characters and stray bytes become dots. */
void ws__rows_print(struct ws_rows *rows, enum ws_role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Append one character, which certainly takes one column. */
void ws__rows_character(struct ws_rows *rows, enum ws_role role, const char *text, size_t bytes);

/* Start rows for a sentence, broken between words, each indented by `indent` columns; at most
 * `limit` rows. */
void ws__rows_wrap(struct ws_rows *rows, enum ws_role role, unsigned indent, unsigned limit, const char *text);
/* The same for a sentence that was put together, and release it. */
void ws__rows_sentence(struct ws_rows *rows, enum ws_role role, unsigned indent, unsigned limit,
                       struct ws_buffer *sentence);

/* The characters for a glyph; a constant. */
const char *ws__glyph_text(enum ws_glyph glyph, bool ascii);

/* "changed" and so on, and the letter that stands for it in tests; constants. */
const char *ws__role_name(enum ws_role role);
char ws__role_letter(enum ws_role role);

/* The role of a world by its number; worlds beyond the fourth share the last role. */
enum ws_role ws__role_of_world(unsigned world);

#endif

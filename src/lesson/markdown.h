/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts of labs: Markdown, of which they use headings, paragraphs, lists and blocks of code.
 */
#ifndef WS_LESSON_MARKDOWN_H
#define WS_LESSON_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

/* Append it as a terminal shows it, in lines of at most `columns` columns; blocks of code are not folded. */
void ws__markdown_terminal(const char *text, unsigned columns, struct ws_buffer *out);

/* Append it as a page of HTML.  WS_OK, WS_NO_MEMORY; WS_UNSUPPORTED: this copy was built without cmark. */
enum ws_status ws__markdown_html(const char *text, const char *title, struct ws_buffer *out);

/* Append a section, without its heading, which is "## NAME".  false: there is none. */
bool ws__markdown_section(const char *text, const char *name, struct ws_buffer *out);
/* Append the text without that section. */
void ws__markdown_without(const char *text, const char *name, struct ws_buffer *out);

/* Append the number-th item, from 1, of the first numbered list, without its number.  false: it has not so many. */
bool ws__markdown_item(const char *text, unsigned number, struct ws_buffer *out);

#endif

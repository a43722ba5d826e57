/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line that is being typed: its text, where the cursor is, and the lines before it.
 */
#ifndef WS_TUI_LINE_H
#define WS_TUI_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum { WS__LINE_BYTES = 200, WS__LINES_KEPT = 32 };

struct ws__line {
    char text[WS__LINE_BYTES];
    size_t cursor; /* before which byte the next one goes */
};

/* What was typed before, the oldest first; each line once. */
struct ws__lines {
    char line[WS__LINES_KEPT][WS__LINE_BYTES];
    size_t count;
    size_t at;                  /* which one is shown; `count`: the one that is being typed */
    char draft[WS__LINE_BYTES]; /* that one, while another is shown */
};

/* This text, with the cursor behind it. */
void ws__line_set(struct ws__line *line, const char *text);
/* Put text in at the cursor, as far as there is room. */
void ws__line_insert(struct ws__line *line, const char *text);
/* Do what an editing key does: a character, Space, Backspace, Del, Left, Right, Home, End, Ctrl-U, and Up, Down in
 * `past`.  false: the key edits nothing. */
bool ws__line_key(struct ws__line *line, struct ws__lines *past, const char *key);

/* The line is done: keep it, and begin a new one. */
void ws__lines_keep(struct ws__lines *past, const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts of the help: what each panel shows, and what words mean.
 *
 * Words that README.md explains, too, have the same text there; tests/view/check_words.c compares.
 */
#ifndef WS_VIEW_WORDS_H
#define WS_VIEW_WORDS_H

#include <stddef.h>

#include <worldswitch/view.h>

struct ws__word {
    const char *word;
    const char *meaning;
};

/* All words, in an order in which they can be read; a constant. */
const struct ws__word *ws__words(size_t *count);

/* What a panel shows, and which keys act on it; a constant. */
const char *ws__panel_text(enum ws_panel panel);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the terminal can do, without taking it over. */
#ifndef WS_TUI_TERMINAL_H
#define WS_TUI_TERMINAL_H

#include <stdbool.h>

struct ws__terminal {
    const char *library; /* "ncurses 6.4.20221231"; a constant */
    bool known;          /* TERM names a terminal that the database has */
    bool can_place;      /* it can place its cursor, which the visualizer needs */
    int colors;          /* how many; 0: none */
};

/* Look up TERM.  `descriptor` is the terminal's. */
void ws__terminal_look(struct ws__terminal *terminal, int descriptor);

#endif

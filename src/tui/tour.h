/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guided tour: steps that stand at the foot of the screen and wait, while anything can be tried.
 *
 * The steps are one table; the visualizer shows them, README.md lists them, and a test presses their keys and looks for
 * what they promise.
 */
#ifndef WS_TUI_TOUR_H
#define WS_TUI_TOUR_H

#include "tui/tui.h"

enum { WS__TOUR_SHOWS = 3 };

struct ws__tour_step {
    uint8_t system;    /* enum ws_tui_system: in which it takes place */
    const char *place; /* the keys that lead to its place from anywhere, as in a script */
    const char *text;
    const char *keys;                  /* what it asks the reader to press */
    const char *shows[WS__TOUR_SHOWS]; /* what the screen says then; NULL ends them */
};

/* The steps of one system; a constant. */
const struct ws__tour_step *ws__tour_steps(enum ws_tui_system system, unsigned *count);

struct ws__viewer;

/* Show a step, from 1, and go to its place. */
void ws__tour_visit(struct ws__viewer *viewer, unsigned number);
/* The tour is over. */
void ws__tour_end(struct ws__viewer *viewer);

#endif

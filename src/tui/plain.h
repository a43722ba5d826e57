/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Line mode: the visualizer for screen readers, for terminals that cannot place a cursor, and for pipes.
 */
#ifndef WS_TUI_PLAIN_H
#define WS_TUI_PLAIN_H

#include "tui/tui.h"

/* Read requests from standard input, a line each, and answer on standard output in sentences, until the person
 * leaves or the input ends.  Nothing is drawn.  WS_OK; WS_NO_MEMORY. */
enum ws_status ws_tui_plain(const struct ws_tui_options *options);

/* A script: keys, see tui/typed.h, and the screen that is written when they have been pressed. */
struct ws_tui_script {
    const char *keys;
    unsigned width, height;
    bool svg; /* as a picture, not as text */
};

/* Press the keys, and append the screen to `out`.  WS_OK; WS_NO_MEMORY; WS_BAD_ARGUMENT, with `why`, if the script has
 * a key that there is not. */
enum ws_status ws_tui_script(const struct ws_tui_options *options, const struct ws_tui_script *script,
                             struct ws_buffer *out, struct ws_buffer *why);

#endif

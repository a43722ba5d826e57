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

/* Press the keys of a script, see tui/typed.h, on a screen of that size, and write that screen to `out`, as text.
 * WS_OK; WS_NO_MEMORY; WS_BAD_ARGUMENT, with `why`, if the script has a key that there is not. */
enum ws_status ws_tui_script(const struct ws_tui_options *options, const char *keys, unsigned width, unsigned height,
                             struct ws_buffer *out, struct ws_buffer *why);

#endif

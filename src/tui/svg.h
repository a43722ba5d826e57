/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen as a picture, for slides and pages: SVG 1.1, drawn from the same rows as the terminal.
 */
#ifndef WS_TUI_SVG_H
#define WS_TUI_SVG_H

#include <worldswitch/buffer.h>
#include <worldswitch/view.h>

#include "tui/theme.h"

/* Append the rows as an SVG file.  Memory that ran out is in out->failed. */
void ws__svg_write(const struct ws_rows *rows, enum ws__theme theme, struct ws_buffer *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a viewer shows, as text. */
#ifndef WS_TESTS_TUI_SCREEN_TEXT_H
#define WS_TESTS_TUI_SCREEN_TEXT_H

#include <check.h>

#include "tui/viewer.h"

/* The screen, which must have as many rows as the window; the caller frees it. */
static inline char *screen_text(const struct ws__viewer *viewer)
{
    struct ws_rows rows;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_rows_init(&rows, viewer->state.width, false);
    ws_view_screen(&rows, &viewer->state);
    ck_assert_uint_eq(rows.count, viewer->state.height);
    ws_rows_write(&rows, &text);
    ws_rows_release(&rows);
    return ws_buffer_detach(&text);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cursor of the time strip, and its zoom.
 */
#include "tui/viewer.h"

enum { ZOOM_MOST = 40 };

static bool strip_needed(struct ws__viewer *viewer)
{
    bool shown = ws_view_strip_shown(&viewer->state);
    if (!shown)
        ws__viewer_say(viewer, "the time strip needs a window of 40 lines, and no maximized panel");
    return shown;
}

/* By a column, which may be many marks. */
static void cursor_move(struct ws__viewer *viewer, bool back)
{
    struct ws_view_state *state = &viewer->state;
    if (!strip_needed(viewer))
        return;
    uint64_t by = ws_view_strip_column(state), now = state->strip_moved ? state->strip_cursor : state->mark;
    if (back)
        now = now - state->start > by ? now - by : state->start;
    else
        now = state->frontier - now > by ? now + by : state->frontier;
    state->strip_moved = true;
    state->strip_cursor = now;
}

void ws__do_time_on(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    cursor_move(viewer, false);
}

void ws__do_time_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    cursor_move(viewer, true);
}

void ws__do_zoom(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (strip_needed(viewer) && viewer->state.strip_zoom < ZOOM_MOST && ws_view_strip_column(&viewer->state) > 1)
        viewer->state.strip_zoom++;
}

void ws__do_zoom_out(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (strip_needed(viewer) && viewer->state.strip_zoom > 0)
        viewer->state.strip_zoom--;
}

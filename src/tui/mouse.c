/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mouse: what a click or the wheel does, a key does, too.
 */
#include "tui/viewer.h"

/* Choose the row, as j and k do; on the chosen one, a click is Enter. */
static void row_click(struct ws__viewer *viewer, const struct ws_link *link)
{
    struct ws_view_state *state = &viewer->state;
    bool again = false;
    if (link->kind == WS_LINK_LINEAR && state->panel == WS_PANEL_CODE) {
        state->has_cursor = true;
        state->cursor = (uint32_t)link->value;
    } else if (link->kind == WS_LINK_CROSSING && state->panel == WS_PANEL_CROSSINGS) {
        again = viewer->crossing_chosen && state->chosen_crossing == link->value;
        state->chosen_crossing = (size_t)link->value;
        viewer->crossing_chosen = true;
    } else if (link->kind == WS_LINK_MARK) {
        ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, link->value), "");
        return;
    }
    state->in_panel = link->kind != WS_LINK_NONE;
    if (again)
        ws__do_go(viewer, 0);
}

void ws__viewer_click(struct ws__viewer *viewer, unsigned column, unsigned row)
{
    struct ws_view_spot spot = ws_view_spot(&viewer->state, column, row);
    if (viewer->prompt != WS__PROMPT_NONE)
        return;
    viewer->playing = false;
    viewer->state.message = NULL;
    switch ((enum ws_view_spot_kind)spot.kind) {
    case WS_SPOT_NOTHING:
        break;
    case WS_SPOT_PANEL:
        ws__viewer_panel(viewer, spot.panel);
        break;
    case WS_SPOT_ROW:
        row_click(viewer, &spot.link);
        break;
    case WS_SPOT_TIME:
        viewer->state.strip_moved = true;
        viewer->state.strip_cursor = spot.mark;
        break;
    }
    ws__notes_capture(viewer);
}

void ws__viewer_wheel(struct ws__viewer *viewer, bool down)
{
    enum { ROWS = 3 };
    for (unsigned row = 0; row < ROWS && viewer->prompt == WS__PROMPT_NONE; row++)
        ws__viewer_key(viewer, down ? "j" : "k");
}

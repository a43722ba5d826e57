/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a place of the screen to what is drawn there.
 */
#include "view/internal.h"

struct ws_view_spot ws_view_spot(const struct ws_view_state *state, unsigned column, unsigned row)
{
    struct ws_view_spot spot = {.kind = WS_SPOT_NOTHING};
    if (state->width < WS_SCREEN_WIDTH || state->height < WS_SCREEN_LEAST || column >= state->width)
        return spot;
    unsigned top = ws__view_panes_top(state), height = ws__view_panes_height(state), strip = top + height;
    if (row + 1 == top && ws__view_tab_at(state, column, &spot.panel))
        spot.kind = WS_SPOT_PANEL;
    else if (row >= top && row < strip)
        ws__view_pane_at(state, column, row - top, &spot);
    else if (ws_view_strip_shown(state) && row > strip && row < strip + ws__view_strip_rows(state) &&
             ws_view_strip_mark(state, column, &spot.mark))
        spot.kind = WS_SPOT_TIME;
    return spot;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests about what is in sight: panels, scrolling, the cursor.
 */
#include "tui/viewer.h"

#include <string.h>

/* -- scrolling --------------------------------------------------------------------------------- */

/* The chosen panel, as the screen will draw it. */
static void panel_draw(const struct ws__viewer *viewer, struct ws_rows *rows, unsigned height)
{
    struct ws_view_state state = viewer->state;
    state.height = height;
    state.width = ws_view_panel_width(&viewer->state);
    ws_rows_init(rows, state.width, state.ascii);
    ws_panel_info((enum ws_panel)state.panel)->draw(rows, &state);
}

/* The code panel has no rows to scroll, since code has no beginning: its cursor goes to a
 * neighbouring instruction. */
static void cursor_move(struct ws__viewer *viewer, int by)
{
    struct ws_view_state *state = &viewer->state;
    uint32_t linear = state->has_cursor ? state->cursor : state->eip_linear;
    struct ws_rows rows;
    size_t at = 0;

    panel_draw(viewer, &rows, 64);
    while (at < rows.count && (rows.row[at].link.kind != WS_LINK_LINEAR || rows.row[at].link.value != linear))
        at++;
    for (; by && at<rows.count; at += by> 0 ? 1 : (size_t)-1) {
        if (rows.row[at].link.kind != WS_LINK_LINEAR || rows.row[at].link.value == linear)
            continue;
        linear = (uint32_t)rows.row[at].link.value;
        by += by > 0 ? -1 : 1;
    }
    state->has_cursor = true;
    state->cursor = linear;
    ws_rows_release(&rows);
}

/* So many places on, or back, but not beyond 0 and the last one. */
static size_t moved(size_t at, int by, size_t last)
{
    size_t far = by < 0 ? (size_t)-by : (size_t)by;
    if (by < 0)
        return at - (far < at ? far : at);
    return at + far < last ? at + far : last;
}

static void crossing_move(struct ws__viewer *viewer, int by)
{
    struct ws_view_state *state = &viewer->state;
    viewer->crossing_chosen = true;
    state->chosen_crossing = moved(state->chosen_crossing, by, state->crossings ? state->crossings - 1 : 0);
}

static void note_move(struct ws__viewer *viewer, int by)
{
    struct ws_view_state *state = &viewer->state;
    state->chosen_note = moved(state->chosen_note, by, state->notes ? state->notes - 1 : 0);
}

static unsigned steps_count(const struct ws__viewer *viewer)
{
    struct ws_rows rows;
    unsigned count = 0;
    panel_draw(viewer, &rows, 64);
    for (size_t at = 0; at < rows.count; at++)
        count += rows.row[at].link.kind == WS_LINK_MARK;
    ws_rows_release(&rows);
    return count;
}

/* From the picture to the steps below it, and back. */
static void step_move(struct ws__viewer *viewer, int by, unsigned steps)
{
    struct ws_view_state *state = &viewer->state;
    state->chosen_step = (unsigned)moved(state->chosen_step, by, steps);
    state->scrolled = false;
}

uint64_t ws__viewer_step_mark(const struct ws__viewer *viewer)
{
    struct ws_rows rows;
    uint64_t mark = 0;
    unsigned count = 0;
    panel_draw(viewer, &rows, 64);
    for (size_t at = 0; at < rows.count; at++)
        if (rows.row[at].link.kind == WS_LINK_MARK && ++count == viewer->state.chosen_step)
            mark = rows.row[at].link.value;
    ws_rows_release(&rows);
    return mark;
}

static void rows_scroll(struct ws__viewer *viewer, int by)
{
    struct ws_view_state *state = &viewer->state;
    struct ws_rows rows;
    unsigned height = ws_view_panel_height(state);
    panel_draw(viewer, &rows, height);
    size_t last = rows.count > height ? rows.count - height : 0;
    state->scroll = moved(ws_view_panel_first(&rows, state), by, last);
    state->scrolled = true;
    ws_rows_release(&rows);
}

static void scroll(struct ws__viewer *viewer, int by)
{
    struct ws_view_state *state = &viewer->state;
    unsigned steps = state->panel == WS_PANEL_HOSTED ? steps_count(viewer) : 0;
    state->strip_moved = false; /* Enter is for the panel again */
    state->in_panel = true;
    if (state->panel == WS_PANEL_CODE)
        cursor_move(viewer, by);
    else if (state->panel == WS_PANEL_CROSSINGS)
        crossing_move(viewer, by);
    else if (state->panel == WS_PANEL_MEMORY)
        ws__look_memory_scroll(viewer, by);
    else if (state->panel == WS_PANEL_NOTES)
        note_move(viewer, by);
    else if (steps)
        step_move(viewer, by, steps);
    else
        rows_scroll(viewer, by);
}

static bool row_is_title(const struct ws_rows *rows, size_t index)
{
    const struct ws_row *row = &rows->row[index];
    for (size_t at = row->first; at < row->first + row->spans; at++)
        if (rows->span[at].role == WS_ROLE_TITLE)
            return true;
    return false;
}

/* Scroll to the panel's next section; behind the last one comes the beginning. */
static void section_next(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    unsigned height = ws_view_panel_height(state);
    struct ws_rows rows;

    panel_draw(viewer, &rows, height);
    size_t first = ws_view_panel_first(&rows, state), next = first + 1;
    while (next < rows.count && !row_is_title(&rows, next))
        next++;
    bool end = next >= rows.count || first + height >= rows.count;
    state->scrolled = true;
    state->scroll = end ? 0 : next;
    ws_rows_release(&rows);
}

/* -- requests ---------------------------------------------------------------------------------- */

/* The difference panel has something to say only while it is in sight, since the machine travels for it. */
static void difference_refresh(struct ws__viewer *viewer)
{
    if (viewer->state.panel != WS_PANEL_DIFFERENCE)
        return;
    ws__look_difference(viewer);
    ws__capture(viewer); /* what was borrowed from the machine is gone */
}

/* The panel that is left stays in sight beside the chosen one, in a large window: not the help, and not the difference,
 * for which the machine travels. */
static void beside_set(struct ws__viewer *viewer, unsigned panel)
{
    uint8_t *beside = viewer->state.beside, left = (uint8_t)viewer->state.panel;
    unsigned at = 0, last = sizeof viewer->state.beside - 1;
    if (left == WS_PANEL_HELP || left == WS_PANEL_DIFFERENCE || panel == WS_PANEL_HELP)
        return;
    while (at < last && beside[at] != panel)
        at++;
    for (; at > 0; at--)
        beside[at] = beside[at - 1];
    beside[0] = left;
}

void ws__viewer_panel(struct ws__viewer *viewer, unsigned panel)
{
    if (viewer->state.panel == panel) {
        difference_refresh(viewer);
        return;
    }
    viewer->state.scrolled = viewer->state.has_cursor = viewer->state.in_panel = false;
    if (panel == WS_PANEL_HELP) {
        viewer->panel_before_help = viewer->state.panel;
        viewer->state.helps_with = viewer->state.panel;
        viewer->maximized_before_help = viewer->state.maximized;
    }
    beside_set(viewer, panel);
    viewer->state.panel = panel;
    viewer->state.chosen_step = 0;
    viewer->state.post_mortem = NULL;
    difference_refresh(viewer);
}

void ws__viewer_panel_key(struct ws__viewer *viewer, unsigned panel)
{
    if (viewer->state.panel == panel)
        section_next(viewer);
    ws__viewer_panel(viewer, panel);
}

void ws__do_panel(struct ws__viewer *viewer, unsigned which)
{
    ws__viewer_panel_key(viewer, which);
}

void ws__do_panel_next(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_panel(viewer, (viewer->state.panel + 1) % WS_PANEL_COUNT);
}

/* Help takes the whole screen, and gives it back when it is asked for again. */
void ws__do_help(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    if (viewer->state.panel == WS_PANEL_HELP) {
        viewer->state.maximized = viewer->maximized_before_help;
        viewer->state.post_mortem = NULL;
        ws__viewer_panel(viewer, viewer->panel_before_help);
    } else {
        ws__viewer_panel(viewer, WS_PANEL_HELP);
        viewer->state.maximized = true;
    }
}

void ws__do_maximize(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    viewer->state.maximized = !viewer->state.maximized;
}

void ws__do_syntax(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    bool att = viewer->state.syntax == WS_SYNTAX_ATT;
    viewer->state.syntax = att ? WS_SYNTAX_INTEL : WS_SYNTAX_ATT;
    ws__viewer_say(viewer, "%s syntax", att ? "Intel" : "AT&T");
}

void ws__do_down(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    scroll(viewer, 1);
}

void ws__do_up(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    scroll(viewer, -1);
}

void ws__do_page_down(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    scroll(viewer, (int)ws_view_panel_height(&viewer->state) - 1);
}

void ws__do_page_up(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    scroll(viewer, 1 - (int)ws_view_panel_height(&viewer->state));
}

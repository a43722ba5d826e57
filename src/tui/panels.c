/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests about what is in sight: panels, scrolling, the cursor, breakpoints.
 */
#include "tui/viewer.h"

#include <string.h>

/* -- scrolling --------------------------------------------------------------------------------- */

/* The chosen panel, as the screen will draw it. */
static void panel_draw(const struct ws__session *session, struct ws_rows *rows, unsigned height)
{
    struct ws_view_state state = session->state;
    state.height = height;
    ws_rows_init(rows, state.width, state.ascii);
    ws_panel_info((enum ws_panel)state.panel)->draw(rows, &state);
}

/* The code panel has no rows to scroll, since code has no beginning: its cursor goes to a
 * neighbouring instruction. */
static void cursor_move(struct ws__session *session, int by)
{
    struct ws_view_state *state = &session->state;
    uint32_t linear = state->has_cursor ? state->cursor : state->eip_linear;
    struct ws_rows rows;
    size_t at = 0;

    panel_draw(session, &rows, 64);
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

static void crossing_move(struct ws__session *session, int by)
{
    struct ws_view_state *state = &session->state;
    size_t last = state->crossings ? state->crossings - 1 : 0;
    session->crossing_chosen = true;
    if (by < 0)
        state->chosen_crossing -= (size_t)-by < state->chosen_crossing ? (size_t)-by : state->chosen_crossing;
    else
        state->chosen_crossing +=
            (size_t)by < last - state->chosen_crossing ? (size_t)by : last - state->chosen_crossing;
}

static void scroll(struct ws__session *session, int by)
{
    struct ws_view_state *state = &session->state;
    struct ws_rows rows;
    unsigned height = ws_view_panel_height(state);

    if (state->panel == WS_PANEL_CODE) {
        cursor_move(session, by);
        return;
    }
    if (state->panel == WS_PANEL_CROSSINGS) {
        crossing_move(session, by);
        return;
    }
    panel_draw(session, &rows, height);
    size_t first = ws_view_panel_first(&rows, state), last = rows.count > height ? rows.count - height : 0;
    if (by < 0)
        first -= (size_t)-by < first ? (size_t)-by : first;
    else
        first = first + (size_t)by < last ? first + (size_t)by : last;
    state->scrolled = true;
    state->scroll = first;
    ws_rows_release(&rows);
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
static void section_next(struct ws__session *session)
{
    struct ws_view_state *state = &session->state;
    unsigned height = ws_view_panel_height(state);
    struct ws_rows rows;

    panel_draw(session, &rows, height);
    size_t first = ws_view_panel_first(&rows, state), next = first + 1;
    while (next < rows.count && !row_is_title(&rows, next))
        next++;
    bool end = next >= rows.count || first + height >= rows.count;
    state->scrolled = true;
    state->scroll = end ? 0 : next;
    ws_rows_release(&rows);
}

/* -- requests ---------------------------------------------------------------------------------- */

static void panel_choose(struct ws__session *session, unsigned panel)
{
    if (session->state.panel == panel)
        return;
    session->state.scrolled = session->state.has_cursor = false;
    if (panel == WS_PANEL_HELP) {
        session->panel_before_help = session->state.panel;
        session->maximized_before_help = session->state.maximized;
    }
    session->state.panel = panel;
}

void ws__do_panel(struct ws__session *session, unsigned which)
{
    if (which < WS_PANEL_COUNT && session->state.panel != which)
        panel_choose(session, which);
    else
        section_next(session);
}

void ws__do_panel_next(struct ws__session *session, unsigned which)
{
    (void)which;
    panel_choose(session, (session->state.panel + 1) % WS_PANEL_COUNT);
}

/* Help takes the whole screen, and gives it back when it is asked for again. */
void ws__do_help(struct ws__session *session, unsigned which)
{
    (void)which;
    if (session->state.panel == WS_PANEL_HELP) {
        session->state.maximized = session->maximized_before_help;
        panel_choose(session, session->panel_before_help);
    } else {
        panel_choose(session, WS_PANEL_HELP);
        session->state.maximized = true;
    }
}

void ws__do_maximize(struct ws__session *session, unsigned which)
{
    (void)which;
    session->state.maximized = !session->state.maximized;
}

void ws__do_syntax(struct ws__session *session, unsigned which)
{
    (void)which;
    bool att = session->state.syntax == WS_SYNTAX_ATT;
    session->state.syntax = att ? WS_SYNTAX_INTEL : WS_SYNTAX_ATT;
    ws__session_say(session, "%s syntax", att ? "Intel" : "AT&T");
}

void ws__do_down(struct ws__session *session, unsigned which)
{
    (void)which;
    scroll(session, 1);
}

void ws__do_up(struct ws__session *session, unsigned which)
{
    (void)which;
    scroll(session, -1);
}

void ws__do_page_down(struct ws__session *session, unsigned which)
{
    (void)which;
    scroll(session, (int)ws_view_panel_height(&session->state) - 1);
}

void ws__do_page_up(struct ws__session *session, unsigned which)
{
    (void)which;
    scroll(session, 1 - (int)ws_view_panel_height(&session->state));
}

void ws__do_breakpoint(struct ws__session *session, unsigned which)
{
    struct ws_view_state *state = &session->state;
    bool at_cursor = state->has_cursor && state->panel == WS_PANEL_CODE;
    uint32_t linear = at_cursor ? state->cursor : state->eip_linear;
    size_t before = state->breakpoints;
    (void)which;
    if (ws_timeline_break_toggle(session->timeline, linear) != WS_OK) {
        ws__session_say(session, "%s", ws_status_text(WS_NO_MEMORY));
        return;
    }
    state->breakpoint = ws_timeline_breaks(session->timeline, &state->breakpoints);
    ws__session_say(session, "breakpoint at %08x %s", linear,
                    state->breakpoints > before ? "set: c, w, n and f stop there" : "removed");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that go somewhere in time.
 */
#include "tui/viewer.h"

#include <stdio.h>
#include <string.h>

/* -- arriving ---------------------------------------------------------------------------------- */

static void halt_say(struct ws__session *session, const char *what)
{
    const struct ws_halt *halt = ws_machine_halt(session->options.machine);
    const char *text = ws_halt_text((enum ws_halt_reason)halt->reason);
    struct ws_buffer why = WS_BUFFER_INIT;
    ws_machine_sleep_explain(session->options.machine, &why);
    session->starved |= why.failed;
    const char *between = why.size ? "; " : "";
    if (*what)
        ws__session_say(session, "no further %s: %s%s%s", what, text, between, ws_buffer_text(&why));
    else
        ws__session_say(session, "the end: %s%s%s", text, between, ws_buffer_text(&why));
    ws_buffer_release(&why);
}

void ws__session_arrived(struct ws__session *session, enum ws_seek seek, const char *what)
{
    struct ws_view_state *state = &session->state;
    state->has_cursor = false;
    session->crossing_chosen = false;
    switch (seek) {
    case WS_SEEK_THERE:
        break;
    case WS_SEEK_START:
        ws__session_say(session, "this is the start: there is nothing before mark %llu",
                        (unsigned long long)ws_timeline_start(session->timeline));
        break;
    case WS_SEEK_NONE:
        ws__session_say(session, "no %s before this one", what);
        break;
    case WS_SEEK_END:
        halt_say(session, what);
        break;
    case WS_SEEK_BREAKPOINT:
        ws__session_say(session, "a breakpoint");
        break;
    case WS_SEEK_INTERRUPTED:
        ws__session_say(session, "interrupted");
        break;
    case WS_SEEK_NO_MEMORY:
        ws__session_say(session, "%s", ws_status_text(WS_NO_MEMORY));
        break;
    }
    if (seek != WS_SEEK_START)
        ws__session_arrive(session);
}

/* -- requests ---------------------------------------------------------------------------------- */

void ws__do_step(struct ws__session *session, unsigned which)
{
    (void)which;
    session->state.has_cursor = session->crossing_chosen = false;
    enum ws_seek seek = ws__session_step(session);
    if (seek != WS_SEEK_THERE)
        ws__session_arrived(session, seek, "instruction");
}

void ws__do_step_back(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_step(session->timeline, -1), "instruction");
}

void ws__do_over(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_over(session->timeline), "instruction");
}

void ws__do_over_back(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_over_back(session->timeline), "instruction");
}

void ws__do_crossing(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_next_crossing(session->timeline, false), "crossing");
}

void ws__do_crossing_back(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_previous_crossing(session->timeline, false), "crossing");
}

void ws__do_world(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_next_crossing(session->timeline, true), "world switch");
}

void ws__do_world_back(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_previous_crossing(session->timeline, true), "world switch");
}

void ws__do_finish(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_finish(session->timeline), "end of a crossing or handler");
}

void ws__do_finish_back(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_finish_back(session->timeline), "beginning of a crossing or handler");
}

void ws__do_start(struct ws__session *session, unsigned which)
{
    (void)which;
    uint64_t start = ws_timeline_start(session->timeline);
    ws__session_arrived(session, ws_timeline_seek(session->timeline, start), "");
}

void ws__do_end(struct ws__session *session, unsigned which)
{
    (void)which;
    ws__session_arrived(session, ws_timeline_end(session->timeline), "");
}

/* Enter: in the crossings panel, go to the chosen one. */
void ws__do_go(struct ws__session *session, unsigned which)
{
    const struct ws_view_state *state = &session->state;
    (void)which;
    if (state->panel != WS_PANEL_CROSSINGS || state->chosen_crossing >= state->crossings) {
        ws__session_say(session, "Enter goes to the crossing that is chosen in panel %d", WS_PANEL_CROSSINGS + 1);
        return;
    }
    uint64_t begin = state->crossing[state->chosen_crossing].begin;
    ws__session_arrived(session, ws_timeline_seek(session->timeline, begin), "");
}

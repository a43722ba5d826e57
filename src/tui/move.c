/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests that go somewhere in time.
 */
#include "tui/viewer.h"

#include <stdio.h>
#include <string.h>

/* -- arriving ---------------------------------------------------------------------------------- */

static void halt_say(struct ws__viewer *viewer, const char *what)
{
    const struct ws_halt *halt = ws_machine_halt(viewer->options.machine);
    const char *text = ws_halt_text((enum ws_halt_reason)halt->reason);
    struct ws_buffer why = WS_BUFFER_INIT;
    ws_machine_sleep_explain(viewer->options.machine, &why);
    viewer->starved |= why.failed;
    const char *between = why.size ? "; " : "";
    if (*what)
        ws__viewer_say(viewer, "no further %s: %s%s%s", what, text, between, ws_buffer_text(&why));
    else
        ws__viewer_say(viewer, "the end: %s%s%s", text, between, ws_buffer_text(&why));
    ws_buffer_release(&why);
}

static void origin_return(struct ws__viewer *viewer)
{
    while (ws_timeline_seek(viewer->timeline, viewer->state.mark) == WS_SEEK_INTERRUPTED)
        continue;
}

/* The place where the journey began is kept, and how far it came is told. */
static void interrupted_return(struct ws__viewer *viewer)
{
    uint64_t reached = ws_timeline_mark(viewer->timeline), from = viewer->state.mark;
    origin_return(viewer);
    ws__viewer_say(viewer, "stopped, and back at mark %llu; :%llu goes where it was stopped", (unsigned long long)from,
                   (unsigned long long)reached);
}

/* A branch may go on and on, and so may a run that a script looks at.  Who looked for something stays where that began;
 * who wanted to see the end sees how far the guest came. */
static void bound_say(struct ws__viewer *viewer, const char *what)
{
    uint64_t reached = ws_timeline_mark(viewer->timeline), from = viewer->state.mark;
    if (*what) {
        origin_return(viewer);
        ws__viewer_say(viewer, "no further %s up to mark %llu; the guest runs on", what, (unsigned long long)reached);
    } else {
        ws__viewer_say(viewer, "no end in %llu instructions; :end goes on, Ctrl-O goes back",
                       (unsigned long long)(reached - from));
    }
}

static void breakpoint_say(struct ws__viewer *viewer)
{
    const struct ws_break *met = ws_timeline_condition_met(viewer->timeline);
    ws__viewer_say(viewer, "a breakpoint%s%s", met ? ": " : "", met ? met->text : "");
}

void ws__jump_note(struct ws__viewer *viewer)
{
    uint64_t mark = viewer->state.mark;
    unsigned *count = &viewer->jumps.count;
    if (*count && viewer->jumps.mark[*count - 1] == mark)
        return;
    if (*count == WS__VIEWER_JUMPS)
        memmove(viewer->jumps.mark, viewer->jumps.mark + 1, --*count * sizeof viewer->jumps.mark[0]);
    viewer->jumps.mark[(*count)++] = mark;
}

void ws__do_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    while (viewer->jumps.count && viewer->jumps.mark[viewer->jumps.count - 1] == viewer->state.mark)
        viewer->jumps.count--;
    if (!viewer->jumps.count) {
        ws__viewer_say(viewer, "no jump led here: there is no place to go back to");
        return;
    }
    unsigned left = viewer->jumps.count - 1;
    uint64_t mark = viewer->jumps.mark[left];
    ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, mark), "");
    viewer->jumps.count = left;
}

/* Neighbours are reached without a jump. */
static bool is_jump(const struct ws__viewer *viewer)
{
    uint64_t from = viewer->state.mark, to = ws_timeline_mark(viewer->timeline);
    return from > to ? from - to > 1 : to - from > 1;
}

void ws__viewer_arrived(struct ws__viewer *viewer, enum ws_seek seek, const char *what)
{
    struct ws_view_state *state = &viewer->state;
    bool stays = seek == WS_SEEK_INTERRUPTED || (seek == WS_SEEK_BOUND && *what);
    if (is_jump(viewer) && !stays)
        ws__jump_note(viewer);
    state->has_cursor = state->in_panel = state->strip_moved = false;
    viewer->crossing_chosen = false;
    switch (seek) {
    case WS_SEEK_THERE:
        break;
    case WS_SEEK_START:
        ws__viewer_say(viewer, "this is the start: there is nothing before mark %llu",
                       (unsigned long long)ws_timeline_start(viewer->timeline));
        break;
    case WS_SEEK_NONE:
        ws__viewer_say(viewer, "no %s before this one", what);
        break;
    case WS_SEEK_END:
        halt_say(viewer, what);
        break;
    case WS_SEEK_BREAKPOINT:
        breakpoint_say(viewer);
        break;
    case WS_SEEK_BOUND:
        bound_say(viewer, what);
        break;
    case WS_SEEK_INTERRUPTED:
        interrupted_return(viewer);
        break;
    case WS_SEEK_NO_MEMORY:
        viewer->starved = true;
        ws__viewer_say(viewer, "%s", ws_status_text(WS_NO_MEMORY));
        break;
    }
    if (seek != WS_SEEK_START)
        ws__viewer_arrive(viewer);
}

/* -- requests ---------------------------------------------------------------------------------- */

void ws__do_step(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    viewer->state.has_cursor = viewer->crossing_chosen = viewer->state.strip_moved = viewer->state.in_panel = false;
    enum ws_seek seek = ws__viewer_step(viewer);
    if (seek != WS_SEEK_THERE)
        ws__viewer_arrived(viewer, seek, "instruction");
}

void ws__do_step_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_step(viewer->timeline, -1), "instruction");
}

void ws__do_over(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_over(viewer->timeline), "instruction behind it");
}

void ws__do_over_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_over_back(viewer->timeline), "instruction");
}

void ws__do_crossing(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_next_crossing(viewer->timeline, false), "crossing");
}

void ws__do_crossing_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_previous_crossing(viewer->timeline, false), "crossing");
}

void ws__do_world(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_next_crossing(viewer->timeline, true), "world switch");
}

void ws__do_world_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_previous_crossing(viewer->timeline, true), "world switch");
}

/* f and F also end routines; nobody shall take one for a crossing. */
static void finished(struct ws__viewer *viewer, enum ws_seek seek, const char *what, const char *outside)
{
    bool crossing = viewer->state.progress.number != 0;
    ws__viewer_arrived(viewer, seek, what);
    if (seek == WS_SEEK_THERE && !crossing && !viewer->state.message)
        ws__viewer_say(viewer, "there was no crossing under way: this is %s", outside);
}

void ws__do_finish(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    finished(viewer, ws_timeline_finish(viewer->timeline), "end of a crossing or handler",
             "behind the routine or handler");
}

void ws__do_finish_back(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    finished(viewer, ws_timeline_finish_back(viewer->timeline), "beginning of a crossing or handler",
             "the beginning of the routine or handler");
}

void ws__do_start(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    uint64_t start = ws_timeline_start(viewer->timeline);
    ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, start), "");
}

void ws__do_end(struct ws__viewer *viewer, unsigned which)
{
    (void)which;
    ws__viewer_arrived(viewer, ws_timeline_end(viewer->timeline), "");
}

/* Enter: in the crossings panel, go to the chosen one. */
void ws__do_go(struct ws__viewer *viewer, unsigned which)
{
    const struct ws_view_state *state = &viewer->state;
    (void)which;
    if (state->strip_moved) {
        ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, state->strip_cursor), "");
        return;
    }
    if (state->panel == WS_PANEL_NOTES && state->chosen_note < state->notes) {
        ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, state->note[state->chosen_note].mark), "");
        return;
    }
    if (state->panel == WS_PANEL_HOSTED && state->chosen_step) {
        ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, ws__viewer_step_mark(viewer)), "");
        return;
    }
    if (state->panel != WS_PANEL_CROSSINGS || state->chosen_crossing >= state->crossings) {
        ws__viewer_say(viewer, "Enter goes to what is chosen in panel %d, %d or r: j and k choose",
                       WS_PANEL_CROSSINGS + 1, WS_PANEL_HOSTED + 1);
        return;
    }
    uint64_t begin = state->crossing[state->chosen_crossing].begin;
    ws__viewer_arrived(viewer, ws_timeline_seek(viewer->timeline, begin), "");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of the run: go to the instruction that caused it, and say why.
 */
#include "tui/viewer.h"

#include <worldswitch/why.h>

/* The first fault, or how the run ended, in one line. */
static void end_say(struct ws__viewer *viewer, const struct ws_halt *halt)
{
    struct ws_buffer reason = WS_BUFFER_INIT;
    if (halt->faults)
        ws_reason_append(&reason, &halt->fault[0].reason);
    viewer->starved |= reason.failed;
    ws__viewer_say(viewer, "%s%s%s; :why tells more", ws_halt_text((enum ws_halt_reason)halt->reason),
                   reason.size ? ": " : "", ws_buffer_text(&reason));
    ws_buffer_release(&reason);
}

/* Go to the end of the run, or as far as a branch is looked at.  false: that did not succeed, which was said. */
static bool end_reach(struct ws__viewer *viewer, enum ws_seek *seek)
{
    *seek = ws_timeline_end(viewer->timeline);
    bool there = *seek == WS_SEEK_BOUND || ws_machine_halt(viewer->options.machine)->reason != WS_HALT_NONE;
    if (!there)
        ws__viewer_arrived(viewer, *seek, "");
    return there;
}

/* Go from the end to the instruction that caused it; where there is no end, stay. */
static void cause_visit(struct ws__viewer *viewer, enum ws_seek seek)
{
    const struct ws_halt halt = *ws_machine_halt(viewer->options.machine);
    if (seek == WS_SEEK_BOUND) {
        ws__viewer_arrived(viewer, seek, "");
        return;
    }
    seek = ws_timeline_seek(viewer->timeline, ws_why_mark(viewer->options.machine));
    ws__viewer_arrived(viewer, seek == WS_SEEK_END ? WS_SEEK_THERE : seek, "");
    end_say(viewer, &halt);
}

void ws__viewer_end(struct ws__viewer *viewer)
{
    enum ws_seek seek;
    if (end_reach(viewer, &seek))
        cause_visit(viewer, seek);
}

/* An explanation makes many journeys.  Who interrupts one of them wants none of the others. */
struct patience {
    const struct ws__viewer *viewer;
    bool ended;
};

static bool patience_asked(void *context, uint64_t mark)
{
    struct patience *patience = context;
    const struct ws__viewer *viewer = patience->viewer;
    if (!patience->ended && viewer->asked)
        patience->ended = viewer->asked(viewer->asked_context, mark);
    return patience->ended;
}

/* Explain the end, on one screen or, with `all`, as long as it takes.  false: the person has interrupted it. */
static bool end_explain(struct ws__viewer *viewer, bool all)
{
    struct patience patience = {.viewer = viewer};
    const struct ws_why why = {
        .timeline = viewer->timeline,
        .machine = viewer->options.machine,
        .symbols = viewer->options.symbols,
        .disasm = viewer->state.disasm,
        .syntax = viewer->options.syntax,
        .rows = all ? 0 : WS_WHY_ROWS,
        .columns = WS_WHY_COLUMNS,
    };
    ws_buffer_clear(&viewer->post_mortem);
    ws_timeline_interruptible(viewer->timeline, patience_asked, &patience);
    viewer->starved |= ws_why_explain(&why, &viewer->post_mortem) != WS_OK;
    ws_timeline_interruptible(viewer->timeline, viewer->asked, viewer->asked_context);
    return !patience.ended;
}

void ws__viewer_why(struct ws__viewer *viewer, bool all)
{
    enum ws_seek seek;
    if (!end_reach(viewer, &seek))
        return;
    if (!end_explain(viewer, all)) {
        ws__viewer_arrived(viewer, WS_SEEK_INTERRUPTED, "");
        return;
    }
    cause_visit(viewer, seek);
    if (viewer->state.panel != WS_PANEL_HELP)
        ws__do_help(viewer, 0);
    viewer->state.post_mortem = ws_buffer_text(&viewer->post_mortem);
    viewer->state.post_mortem_title =
        seek == WS_SEEK_BOUND ? "what the guest does; ? or Esc closes this" : "why the run ended; ? or Esc closes this";
}

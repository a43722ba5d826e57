/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking the tour. */
#include "tui/tour.h"

#include "tui/typed.h"
#include "tui/viewer.h"

static const struct ws__tour_step *step_of(const struct ws__viewer *viewer, unsigned number, unsigned *count)
{
    const struct ws__tour_step *steps = ws__tour_steps((enum ws_tui_system)viewer->options.system, count);
    return &steps[number - 1];
}

void ws__tour_visit(struct ws__viewer *viewer, unsigned number)
{
    struct ws_view_state *state = &viewer->state;
    unsigned count;
    const struct ws__tour_step *step = step_of(viewer, number, &count);
    state->maximized = false;
    ws__typed_keys(viewer, step->place);
    state->tour = step->text;
    state->tour_number = number;
    state->tour_count = count;
    state->message = NULL;
}

void ws__tour_end(struct ws__viewer *viewer)
{
    viewer->state.tour = NULL;
}

/* The tour goes on in the other system; whoever opened this one opens that. */
static void system_change(struct ws__viewer *viewer, enum ws_tui_system system)
{
    if (viewer->options.next) {
        *viewer->options.next = (uint8_t)system;
        viewer->leave = true;
    } else {
        ws__viewer_say(viewer, "the tour is in another system: \"worldswitch view%s\", then t",
                       system == WS_TUI_LAB ? " --lab" : "");
    }
}

/* Begin it, or go on with it. */
void ws__do_tour(struct ws__viewer *viewer, unsigned which)
{
    const struct ws_view_state *state = &viewer->state;
    enum ws_tui_system system = (enum ws_tui_system)viewer->options.system;
    (void)which;
    if (system == WS_TUI_OTHER)
        ws__viewer_say(viewer, "the tour is for the built-in systems: \"worldswitch view\", then t");
    else if (state->tour && state->tour_number < state->tour_count)
        ws__tour_visit(viewer, state->tour_number + 1);
    else if (!state->tour && system == WS_TUI_LAB)
        ws__tour_visit(viewer, 1);
    else if (!state->tour)
        system_change(viewer, WS_TUI_LAB);
    else if (system == WS_TUI_LAB)
        system_change(viewer, WS_TUI_HOSTED);
    else {
        ws__tour_end(viewer);
        ws__viewer_say(viewer, "the tour is over; t begins it anew");
    }
}

void ws__do_tour_back(struct ws__viewer *viewer, unsigned which)
{
    const struct ws_view_state *state = &viewer->state;
    (void)which;
    if (!state->tour)
        ws__viewer_say(viewer, "there is no tour under way; t begins it");
    else if (state->tour_number > 1)
        ws__tour_visit(viewer, state->tour_number - 1);
    else if (viewer->options.system == WS_TUI_HOSTED)
        system_change(viewer, WS_TUI_LAB);
    else
        ws__viewer_say(viewer, "this is the first step of the tour");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the machine stands among worlds: the two sides of figure 7-11, and the crossing in
 * progress.
 *
 * Everything is derived from the list of crossings up to the mark, so that the same mark always
 * shows the same picture, whatever else has been visited.
 */
#include "tui/viewer.h"

#include <stdio.h>
#include <string.h>

#include <worldswitch/hosted.h>

#include "watch/watcher.h"

/* The number of a world: that of the first space with its name, or a new one. */
static unsigned world_number(const struct ws__viewer *viewer, const char *name)
{
    unsigned next = 0;
    for (size_t at = 0; at < viewer->spaces; at++) {
        if (strcmp(viewer->space[at].name, name) == 0)
            return viewer->space[at].world;
        if (viewer->space[at].world >= next)
            next = viewer->space[at].world + 1;
    }
    return next;
}

/* The place of an address space in the list; it is added if it is not there. */
static size_t space_index(struct ws__viewer *viewer, const struct ws_registers *registers)
{
    size_t at = 0;
    while (at < viewer->spaces && viewer->space[at].cr3 != registers->value[WS_CR3])
        at++;
    if (at < viewer->spaces || at == WS__VIEWER_SPACES)
        return at;
    struct ws__space *space = &viewer->space[at];
    space->cr3 = registers->value[WS_CR3];
    snprintf(space->name, sizeof space->name, "%s", ws_watcher_world(viewer->options.watcher, registers));
    space->world = world_number(viewer, space->name);
    viewer->spaces++;
    return at;
}

/* The crossing that has begun last, at or before the mark; NULL if there is none. */
static const struct ws_crossing *crossing_last(const struct ws_view_state *state)
{
    const struct ws_crossing *last = NULL;
    for (size_t at = 0; at < state->crossings && state->crossing[at].begin <= state->mark; at++)
        last = &state->crossing[at];
    return last;
}

/* The same among those to another address space: threads share theirs.  All that were there until now have numbers
 * then. */
static const struct ws_crossing *crossing_of_spaces(struct ws__viewer *viewer)
{
    const struct ws_view_state *state = &viewer->state;
    const struct ws_crossing *last = NULL;
    viewer->spaces = 0;
    for (size_t at = 0; at < state->crossings && state->crossing[at].begin <= state->mark; at++) {
        if (state->crossing[at].kind == WS_CROSSING_THREAD)
            continue;
        last = &state->crossing[at];
        space_index(viewer, &last->before);
        space_index(viewer, &last->after);
    }
    return last;
}

static void side_fill(struct ws__viewer *viewer, struct ws_view_side *side, const struct ws_registers *registers)
{
    struct ws_watcher *watcher = viewer->options.watcher;
    size_t at = space_index(viewer, registers);
    memset(side, 0, sizeof *side);
    side->known = true;
    side->registers = *registers;
    side->number = at < viewer->spaces ? viewer->space[at].world : 0;
    snprintf(side->world, sizeof side->world, "%s", ws_watcher_world(watcher, registers));
    snprintf(side->process, sizeof side->process, "%s", ws_watcher_process(watcher, registers));
}

/* Does the first of two address spaces stand on the left?  The one of a process before one without; worlds in the order
 * of their appearance, and so the spaces of a world.  Nothing of this changes while a switch between them is under
 * way. */
static bool is_left(struct ws__viewer *viewer, const struct ws_view_side *one, const struct ws_view_side *two)
{
    bool process[2] = {*one->process, *two->process};
    if (strcmp(one->world, two->world) != 0 && process[0] != process[1])
        return process[0];
    if (one->number != two->number)
        return one->number < two->number;
    return space_index(viewer, &one->registers) <= space_index(viewer, &two->registers);
}

/*
 * A switch is shown as what it leaves and what it enters, from its first instruction until another one begins.  While
 * it is under way, both have the registers that they are left and entered with: what the CPU holds then belongs to
 * neither as a whole.
 */
void ws__capture_spaces(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    const struct ws_crossing *last = crossing_of_spaces(viewer);
    const struct ws_registers *now = &state->now;
    struct ws_view_side here, other = {.known = false};
    bool enters = true; /* the address space that is mapped now is the one that the switch enters */

    if (last && now->value[WS_CR3] == last->before.value[WS_CR3]) {
        enters = false;
        side_fill(viewer, &here, state->mark < last->end ? &last->before : now);
        side_fill(viewer, &other, &last->after);
    } else {
        bool entered = last && now->value[WS_CR3] == last->after.value[WS_CR3];
        side_fill(viewer, &here, entered && state->mark < last->end ? &last->after : now);
        if (last)
            side_fill(viewer, &other, entered ? &last->before : &last->after);
    }
    if (other.known && state->mark >= last->end) /* a process that has ended is left on its own page tables */
        other.gone = ws__watcher_lost(viewer->options.watcher, now, other.registers.value[WS_CR3]);
    state->here = other.known && !is_left(viewer, &here, &other);
    state->to = enters ? state->here : 1 - state->here;
    state->side[state->here] = here;
    state->side[1 - state->here] = other;
}

/* Which task runs, is told by the switch that ended last; what it is called, by memory now. */
void ws__capture_thread(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    const struct ws_crossing *last = NULL;
    char name[WS_TASK_NAME_BYTES];
    for (size_t at = 0; at < state->crossings && state->crossing[at].end <= state->mark; at++)
        last = &state->crossing[at];
    state->thread[0] = 0;
    if (last && ws_watcher_task_name(viewer->options.watcher, last->to_task.linear, name))
        snprintf(state->thread, sizeof state->thread, "thread-%u (%s)", last->to_thread, name);
}

void ws__capture_progress(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    const struct ws_crossing *last = crossing_last(state);
    struct ws_view_progress *progress = &state->progress;
    struct ws_cross_step step;
    bool known = false;

    memset(progress, 0, sizeof *progress);
    for (size_t at = 0; at < state->steps; at++)
        known |= state->step[at].linear == state->eip_linear;
    known = known && ws_cross_step_at_linear(state->eip_linear, &step);
    if (last && state->mark < last->end) {
        progress->number = known ? step.number : (unsigned)(state->mark - last->begin) + 1;
        progress->count = (unsigned)last->instructions;
        progress->kind = last->kind;
        ws_crossing_who(last, false, progress->from);
        ws_crossing_who(last, true, progress->to);
    } else if (known) {
        progress->number = step.number;
        progress->count = (unsigned)ws_cross_step_count();
        progress->kind = WS_CROSSING_WORLD;
    }
}

void ws__capture_hosted(struct ws__viewer *viewer)
{
    struct ws_view_state *state = &viewer->state;
    const struct ws_view_side *here = &state->side[state->here];
    if (!state->hosted)
        return;
    state->place = (uint8_t)ws_hosted_place(state->symbols, here->world, here->process, state->cpl, state->eip_linear);
    for (unsigned kind = 0; kind < WS_FORWARD_KINDS; kind++) {
        state->forwards[kind] =
            ws__paths_last(&viewer->heard->paths, (enum ws_forward_kind)kind, state->mark, &viewer->forward[kind]);
        state->forward[kind] = state->forwards[kind] ? &viewer->forward[kind] : NULL;
    }
}

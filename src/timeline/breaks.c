/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints with conditions.
 *
 * They stop a journey in front of the instruction that does it, as a search for the same thing would: so the event, the
 * change or the crossing is seen first, and then its mark is gone back to.  Crossings that are known already need no
 * run.
 */
#include "timeline/internal.h"

#include <string.h>

#include <worldswitch/hosted.h>

/* -- the list ------------------------------------------------------------------------------------------ */

enum ws_status ws_timeline_condition_add(struct ws_timeline *timeline, const struct ws_break *wanted)
{
    struct ws__conditions *conditions = &timeline->conditions;
    bool valid = wanted->kind != WS_BREAK_CHANGE || ws__watch_is_valid(&wanted->watch, timeline->machine);
    if (conditions->count == WS_TIMELINE_BREAKS || !valid)
        return WS_BAD_ARGUMENT;
    conditions->row[conditions->count++] = *wanted;
    conditions->met = WS_TIMELINE_BREAKS;
    return WS_OK;
}

void ws_timeline_condition_remove(struct ws_timeline *timeline, size_t index)
{
    struct ws__conditions *conditions = &timeline->conditions;
    if (index >= conditions->count)
        return;
    conditions->count--;
    conditions->met = WS_TIMELINE_BREAKS;
    memmove(&conditions->row[index], &conditions->row[index + 1],
            (conditions->count - index) * sizeof conditions->row[0]);
}

const struct ws_break *ws_timeline_conditions(const struct ws_timeline *timeline, size_t *count)
{
    *count = timeline->conditions.count;
    return timeline->conditions.row;
}

const struct ws_break *ws_timeline_condition_met(const struct ws_timeline *timeline)
{
    const struct ws__conditions *conditions = &timeline->conditions;
    return conditions->met < conditions->count ? &conditions->row[conditions->met] : NULL;
}

bool ws__breaks_any(const struct ws_timeline *timeline)
{
    return timeline->breakpoints || timeline->conditions.count;
}

void ws__breaks_depart(struct ws_timeline *timeline)
{
    timeline->conditions.departed = ws_machine_mark(timeline->machine);
    timeline->conditions.met = WS_TIMELINE_BREAKS;
}

/* -- crossings ----------------------------------------------------------------------------------------- */

/* Does the condition wait for this crossing?  Then *mark is where. */
static bool crossing_meets(const struct ws_break *wanted, const struct ws_crossing *crossing, uint64_t *mark)
{
    if (wanted->kind == WS_BREAK_CROSSING) {
        *mark = crossing->begin;
        return wanted->any || wanted->value == crossing->kind;
    }
    *mark = crossing->end;
    return wanted->kind == WS_BREAK_WORLD && crossing->kind == WS_CROSSING_WORLD &&
           ws_hosted_world_is(crossing->to, wanted->world);
}

/* It counts, unless another one is nearer to what is looked for. */
static void condition_note(struct ws__conditions *conditions, size_t which, uint64_t mark)
{
    bool nearer = !conditions->found || (conditions->last ? mark > conditions->mark : mark < conditions->mark);
    if (mark < conditions->from || mark >= conditions->below || !nearer)
        return;
    conditions->found = true;
    conditions->mark = mark;
    conditions->met = which;
}

static void crossing_note(struct ws__conditions *conditions, const struct ws_crossing *crossing)
{
    uint64_t mark;
    for (size_t at = 0; at < conditions->count; at++)
        if (crossing_meets(&conditions->row[at], crossing, &mark))
            condition_note(conditions, at, mark);
}

/* Those crossings that are known already. */
static void known_note(struct ws_timeline *timeline)
{
    for (size_t at = 0; at < timeline->crossings; at++)
        crossing_note(&timeline->conditions, &timeline->crossing[at]);
}

void ws__breaks_crossing(struct ws_timeline *timeline, const struct ws_crossing *crossing)
{
    struct ws__conditions *conditions = &timeline->conditions;
    if (!conditions->looking)
        return;
    crossing_note(conditions, crossing);
    if (conditions->found && !conditions->last)
        ws_machine_stop(timeline->machine);
}

/* -- events and changes -------------------------------------------------------------------------------- */

/* The machine stands before another instruction: what has the last one changed? */
static void changes_note(struct ws__conditions *conditions, const struct ws_machine *machine)
{
    uint8_t now[WS_WATCH_BYTES];
    for (size_t at = 0; at < conditions->count; at++) {
        if (conditions->row[at].kind != WS_BREAK_CHANGE)
            continue;
        ws__watch_read(&conditions->row[at].watch, machine, now);
        if (memcmp(now, conditions->value[at], sizeof now) == 0)
            continue;
        memcpy(conditions->value[at], now, sizeof now);
        condition_note(conditions, at, conditions->now);
    }
    conditions->now = ws_machine_mark(machine);
}

static void event_take(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct ws__conditions *conditions = context;
    if (event->kind == WS_EVENT_INSTRUCTION) {
        changes_note(conditions, machine);
        conditions->now = event->mark;
    }
    for (size_t at = 0; at < conditions->count; at++) {
        const struct ws_break *row = &conditions->row[at];
        if (row->kind == WS_BREAK_EVENT && row->kinds >> event->kind & 1 && (row->any || row->value == event->which))
            condition_note(conditions, at, event->mark);
    }
    if (conditions->found && !conditions->last)
        ws_machine_stop(machine);
}

bool ws__breaks_look(struct ws_timeline *timeline, uint64_t from, uint64_t below, bool last)
{
    struct ws__conditions *conditions = &timeline->conditions;
    uint32_t kinds = 0;
    conditions->from = from;
    conditions->below = below;
    conditions->last = last;
    conditions->found = false;
    conditions->looking = true;
    conditions->now = ws_machine_mark(timeline->machine);
    for (size_t at = 0; at < conditions->count; at++) {
        const struct ws_break *row = &conditions->row[at];
        if (row->kind == WS_BREAK_EVENT)
            kinds |= row->kinds;
        if (row->kind != WS_BREAK_CHANGE)
            continue;
        kinds |= WS_EVENT_MASK(INSTRUCTION);
        ws__watch_read(&row->watch, timeline->machine, conditions->value[at]);
    }
    if (last)
        known_note(timeline);
    return !kinds || ws_machine_listen(timeline->machine, kinds, event_take, conditions) == WS_OK;
}

void ws__breaks_looked(struct ws_timeline *timeline)
{
    struct ws__conditions *conditions = &timeline->conditions;
    ws_machine_unlisten(timeline->machine, event_take, conditions);
    changes_note(conditions, timeline->machine);
    conditions->looking = false;
}

/* -- running ------------------------------------------------------------------------------------------- */

/* The next mark, from here on, at which a crossing that is known meets a condition; UINT64_MAX: there is none. */
static uint64_t known_next(struct ws_timeline *timeline, size_t *met)
{
    struct ws__conditions *conditions = &timeline->conditions;
    uint64_t now = ws_machine_mark(timeline->machine);
    conditions->from = now > conditions->departed ? now : conditions->departed + 1;
    conditions->below = UINT64_MAX;
    conditions->last = conditions->found = false;
    known_note(timeline);
    *met = conditions->met;
    return conditions->found ? conditions->mark : UINT64_MAX;
}

enum ws__run ws__breaks_run(struct ws_timeline *timeline, uint64_t target)
{
    struct ws__conditions *conditions = &timeline->conditions;
    size_t which;
    uint64_t known = known_next(timeline, &which);
    bool nearer = known < target;
    if (!ws__breaks_look(timeline, conditions->departed + 1, UINT64_MAX, false))
        return WS__RUN_FAILED;
    enum ws__run run = ws__timeline_run_plain(timeline, nearer ? known : target, true);
    ws__breaks_looked(timeline);
    if (!conditions->found && nearer && run == WS__RUN_THERE) {
        conditions->found = true;
        conditions->mark = known;
        conditions->met = which;
    }
    if (!conditions->found) {
        conditions->met = WS_TIMELINE_BREAKS;
        return run;
    }
    enum ws_seek seek = ws__timeline_return(timeline, conditions->mark);
    return seek == WS_SEEK_THERE         ? WS__RUN_BREAKPOINT
           : seek == WS_SEEK_INTERRUPTED ? WS__RUN_INTERRUPTED
                                         : WS__RUN_FAILED;
}

enum ws_seek ws_timeline_walk(struct ws_timeline *timeline, uint64_t count)
{
    uint64_t target = ws_machine_mark(timeline->machine) + count;
    enum ws__run run;
    if (ws_machine_halt(timeline->machine)->reason != WS_HALT_NONE)
        return WS_SEEK_END;
    ws__breaks_depart(timeline);
    do {
        run = ws__timeline_run(timeline, target, true);
    } while (run == WS__RUN_STOPPED);
    return ws__timeline_seek_of(run);
}

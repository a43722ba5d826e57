/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Journeys to the next or previous event, crossing or breakpoint.
 *
 * Looking back: nothing is recorded but snapshots, so the span of marks between the nearest snapshot and now is
 * executed again, with a listener that remembers the last match; if there is none, the span before it, and so on.
 */
#include "timeline/internal.h"

/* A query at work. */
struct search {
    const struct ws_query *query;
    struct ws_machine *machine;
    uint64_t from;  /* the first mark that counts */
    uint64_t below; /* and the first one that does not any more */
    bool first;     /* stop at the first match; else remember the last one */
    bool found;
    uint64_t mark;
};

static void search_listen(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct search *search = context;
    bool wanted = event->mark >= search->from && event->mark < search->below;
    if (!wanted || (search->first && search->found))
        return;
    if (!search->query->match(search->query->context, machine, event))
        return;
    search->found = true;
    search->mark = event->mark;
    if (search->first)
        ws_machine_stop(machine);
}

static bool search_begin(struct search *search)
{
    return ws_machine_listen(search->machine, search->query->kinds, search_listen, search) == WS_OK;
}

static void search_end(struct search *search)
{
    ws_machine_unlisten(search->machine, search_listen, search);
}

enum ws_seek ws_timeline_next(struct ws_timeline *timeline, const struct ws_query *query)
{
    struct search search = {
        .query = query,
        .machine = timeline->machine,
        .from = ws_machine_mark(timeline->machine) + 1,
        .below = UINT64_MAX,
        .first = true,
    };
    if (!search_begin(&search))
        return WS_SEEK_NO_MEMORY;
    uint64_t horizon = ws__timeline_horizon(timeline);
    enum ws__run run;
    ws__breaks_depart(timeline);
    do {
        run = ws__timeline_run_on(timeline, horizon);
    } while (run == WS__RUN_STOPPED && !search.found);
    search_end(&search);
    if (!search.found)
        return ws__timeline_seek_of(run);
    /* The event has happened; stand before its instruction.  An interrupt was delivered, and no instruction has begun
     * since: the mark is the right one already, and the state is not. */
    if (ws_machine_mark(timeline->machine) == search.mark)
        ws__timeline_rewind(timeline, search.mark);
    return ws_timeline_seek(timeline, search.mark);
}

/* -- looking back ------------------------------------------------------------------------------ */

/* Run from here to `end`; remember the last mark before it, not below `floor`, at which a
 * breakpoint stands. */
static enum ws__run breakpoints_scan(struct ws_timeline *timeline, uint64_t end, uint64_t floor, uint64_t *found,
                                     bool *any)
{
    struct ws_machine *machine = timeline->machine;
    const struct ws__conditions *conditions = &timeline->conditions;
    enum ws__run run;
    if (!ws__breaks_look(timeline, floor, end, true))
        return WS__RUN_FAILED;
    do {
        uint64_t mark = ws_machine_mark(machine);
        if (mark >= floor && mark < end && ws_machine_break_at(machine, ws_machine_eip_linear(machine))) {
            *found = mark;
            *any = true;
        }
        run = ws__timeline_run_plain(timeline, end, true);
    } while (run == WS__RUN_STOPPED || run == WS__RUN_BREAKPOINT);
    ws__breaks_looked(timeline);
    if (conditions->found && (!*any || conditions->mark > *found)) {
        *found = conditions->mark;
        *any = true;
    }
    return run;
}

enum ws__run ws__timeline_scan_back(struct ws_timeline *timeline, const struct ws_query *query, uint64_t from,
                                    uint64_t floor, uint64_t *found, bool *any, bool *breakpoint)
{
    *any = *breakpoint = false;
    for (uint64_t end = from; end > floor && end > timeline->start && !*any;) {
        struct search search = {
            .query = query,
            .machine = timeline->machine,
            .from = floor,
            .below = end,
        };
        if (query && !search_begin(&search))
            return WS__RUN_FAILED;
        uint64_t begin = ws__timeline_rewind(timeline, end - 1);
        enum ws__run run = breakpoints_scan(timeline, end, floor, found, breakpoint);
        if (query)
            search_end(&search);
        if (run != WS__RUN_THERE && run != WS__RUN_HALTED)
            return run;
        if (ws__timeline_interrupted(timeline))
            return WS__RUN_INTERRUPTED;
        *any = *breakpoint || search.found;
        if (search.found && (!*breakpoint || search.mark > *found)) {
            *found = search.mark;
            *breakpoint = false;
        }
        end = begin;
    }
    return WS__RUN_THERE;
}

/* Look back, then go to what was found, or back to where we were. */
static enum ws_seek scan_back_go(struct ws_timeline *timeline, const struct ws_query *query, uint64_t floor,
                                 uint64_t fallback)
{
    uint64_t now = ws_machine_mark(timeline->machine), mark = fallback;
    bool any, breakpoint;
    enum ws__run run = ws__timeline_scan_back(timeline, query, now, floor, &mark, &any, &breakpoint);
    if (run != WS__RUN_THERE)
        return ws__timeline_seek_of(run);
    enum ws_seek seek = ws__timeline_return(timeline, mark);
    if (seek != WS_SEEK_THERE)
        return seek;
    if (mark == now)
        return WS_SEEK_NONE;
    return breakpoint ? WS_SEEK_BREAKPOINT : WS_SEEK_THERE;
}

enum ws_seek ws_timeline_previous(struct ws_timeline *timeline, const struct ws_query *query)
{
    return scan_back_go(timeline, query, timeline->start, ws_machine_mark(timeline->machine));
}

/* -- crossings --------------------------------------------------------------------------------- */

static const struct ws_crossing *crossing_after(const struct ws_timeline *timeline, uint64_t mark, bool world_only)
{
    for (size_t at = 0; at < timeline->crossings; at++)
        if (timeline->crossing[at].begin > mark && (!world_only || timeline->crossing[at].kind == WS_CROSSING_WORLD))
            return &timeline->crossing[at];
    return NULL;
}

static const struct ws_crossing *crossing_before(const struct ws_timeline *timeline, uint64_t mark, bool world_only)
{
    for (size_t at = timeline->crossings; at-- > 0;)
        if (timeline->crossing[at].begin < mark && (!world_only || timeline->crossing[at].kind == WS_CROSSING_WORLD))
            return &timeline->crossing[at];
    return NULL;
}

/* Have the list be complete, and stand at the same mark again. */
static enum ws_seek crossings_know(struct ws_timeline *timeline)
{
    uint64_t now = ws_machine_mark(timeline->machine);
    enum ws_seek seek = ws_timeline_watch_all(timeline);
    return seek == WS_SEEK_THERE ? ws__timeline_return(timeline, now) : seek;
}

/* Run beyond the frontier until the list has a crossing after `mark`. A crossing is known when it
 * has ended. */
static enum ws__run crossing_discover(struct ws_timeline *timeline, uint64_t mark, bool world_only)
{
    uint64_t horizon = ws__timeline_horizon(timeline);
    enum ws__run run = WS__RUN_STOPPED;
    if (ws__timeline_interrupted(timeline))
        return WS__RUN_INTERRUPTED;
    enum ws_seek seek = ws__breaks_any(timeline) ? WS_SEEK_THERE : ws__timeline_return(timeline, timeline->frontier);
    if (seek != WS_SEEK_THERE)
        return seek == WS_SEEK_INTERRUPTED ? WS__RUN_INTERRUPTED : WS__RUN_FAILED;
    timeline->stop_at_crossing = true;
    while (run == WS__RUN_STOPPED && !crossing_after(timeline, mark, world_only))
        run = ws__timeline_run_on(timeline, horizon);
    timeline->stop_at_crossing = false;
    return run;
}

/* A breakpoint was met before any crossing had ended.  One that was under way there had begun before it, and is the
 * next place: that is known when it has ended. */
static enum ws_seek breakpoint_or_crossing(struct ws_timeline *timeline, uint64_t now, bool world_only)
{
    uint64_t mark = ws_machine_mark(timeline->machine);
    enum ws_seek seek = ws_timeline_seek(timeline, mark + WS_CROSSING_LIMIT);
    if (seek != WS_SEEK_THERE && seek != WS_SEEK_END)
        return seek;
    const struct ws_crossing *next = crossing_after(timeline, now, world_only);
    bool begun = next && next->begin < mark;
    seek = ws__timeline_return(timeline, begun ? next->begin : mark);
    return seek == WS_SEEK_THERE && !begun ? WS_SEEK_BREAKPOINT : seek;
}

enum ws_seek ws_timeline_next_crossing(struct ws_timeline *timeline, bool world_only)
{
    uint64_t now = ws_machine_mark(timeline->machine);
    enum ws_seek known = now < timeline->watched ? crossings_know(timeline) : WS_SEEK_THERE;
    const struct ws_crossing *next = crossing_after(timeline, now, world_only);
    enum ws__run run = WS__RUN_THERE;

    if (known != WS_SEEK_THERE)
        return known;
    ws__breaks_depart(timeline);
    if (!next) {
        run = crossing_discover(timeline, now, world_only);
        next = crossing_after(timeline, now, world_only);
    } else if (ws__breaks_any(timeline)) {
        do {
            run = ws__timeline_run(timeline, next->begin, true);
        } while (run == WS__RUN_STOPPED);
    }
    if (run == WS__RUN_BREAKPOINT && !next)
        return breakpoint_or_crossing(timeline, now, world_only);
    if (run == WS__RUN_BREAKPOINT || !next)
        return ws__timeline_seek_of(run);
    return ws__timeline_return(timeline, next->begin);
}

enum ws_seek ws_timeline_previous_crossing(struct ws_timeline *timeline, bool world_only)
{
    uint64_t now = ws_machine_mark(timeline->machine);
    const struct ws_crossing *previous = crossing_before(timeline, now, world_only);
    if (!previous && timeline->watched > timeline->start) {
        enum ws_seek known = crossings_know(timeline);
        if (known != WS_SEEK_THERE)
            return known;
        previous = crossing_before(timeline, now, world_only);
    }
    if (ws__breaks_any(timeline))
        return scan_back_go(timeline, NULL, previous ? previous->begin : timeline->start,
                            previous ? previous->begin : now);
    return previous ? ws__timeline_return(timeline, previous->begin) : WS_SEEK_NONE;
}

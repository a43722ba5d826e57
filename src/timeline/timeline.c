/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline's life, and journeys to a mark.
 */
#include "timeline/internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "machine/ram_copy.h"
#include "watch/watcher.h"

/* -- what is remembered ------------------------------------------------------------------------ */

void ws__timeline_crossing_take(void *context, const struct ws_crossing *crossing)
{
    struct ws_timeline *timeline = context;
    if (timeline->crossings == timeline->crossing_capacity) {
        size_t capacity = timeline->crossing_capacity ? timeline->crossing_capacity * 2 : 16;
        struct ws_crossing *grown = realloc(timeline->crossing, capacity * sizeof *grown);
        if (!grown) {
            timeline->failed = true;
            ws_machine_stop(timeline->machine);
            return;
        }
        timeline->crossing = grown;
        timeline->crossing_capacity = capacity;
    }
    timeline->crossing[timeline->crossings++] = *crossing;
    ws__breaks_crossing(timeline, crossing);
    if (timeline->stop_at_crossing)
        ws_machine_stop(timeline->machine);
}

const struct ws_crossing *ws_timeline_crossings(const struct ws_timeline *timeline, size_t *count)
{
    *count = timeline->crossings;
    return timeline->crossing;
}

/* -- life -------------------------------------------------------------------------------------- */

enum ws_status ws_timeline_new(struct ws_timeline **out, struct ws_machine *machine, struct ws_watcher *watcher)
{
    struct ws_timeline *timeline = calloc(1, sizeof *timeline);
    if (!timeline)
        return WS_NO_MEMORY;
    timeline->machine = machine;
    timeline->history.limit = WS_TIMELINE_BYTES;
    timeline->start = timeline->frontier = timeline->watched = ws_machine_mark(machine);
    timeline->worth = WS_SESSION_WORTH;
    if (ws__history_add(&timeline->history, machine))
        goto fail;
    if (watcher && ws_watcher_listen(watcher, ws__timeline_crossing_take, timeline))
        goto fail;
    timeline->watcher = watcher;
    *out = timeline;
    return WS_OK;

fail:
    ws__history_release(&timeline->history);
    free(timeline);
    return WS_NO_MEMORY;
}

void ws_timeline_free(struct ws_timeline *timeline)
{
    if (!timeline)
        return;
    assert(!timeline->recorded);
    for (size_t at = 0; at < timeline->breakpoints; at++)
        ws_machine_break_remove(timeline->machine, timeline->breakpoint[at]);
    if (timeline->watcher) {
        ws_watcher_unlisten(timeline->watcher, ws__timeline_crossing_take, timeline);
        ws__watcher_hold(timeline->watcher, false);
    }
    ws__history_release(&timeline->history);
    free(timeline->crossing);
    free(timeline->breakpoint);
    free(timeline);
}

void ws_timeline_limit(struct ws_timeline *timeline, uint64_t bytes)
{
    timeline->history.limit = bytes;
}

void ws_timeline_interruptible(struct ws_timeline *timeline, ws_timeline_asked *asked, void *context)
{
    timeline->asked = asked;
    timeline->asked_context = context;
}

void ws_timeline_bound(struct ws_timeline *timeline, uint64_t instructions)
{
    timeline->bound = instructions;
}

uint64_t ws_timeline_start(const struct ws_timeline *timeline)
{
    return timeline->start;
}

uint64_t ws_timeline_mark(const struct ws_timeline *timeline)
{
    return ws_machine_mark(timeline->machine);
}

enum ws_status ws_timeline_failure(const struct ws_timeline *timeline)
{
    return timeline->failed ? WS_NO_MEMORY : WS_OK;
}

uint64_t ws_timeline_frontier(const struct ws_timeline *timeline)
{
    return timeline->frontier;
}

/* -- running ----------------------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Where the next snapshot is due: not too soon after the last one, all the later the more it will have to copy, and
 * seldomer in long runs.  On the way to a place they become denser and denser, for people look around where they
 * arrive, and the step back from there shall not be a long way; but not so dense that copying takes longer than
 * executing. */
static uint64_t snapshot_due(const struct ws_timeline *timeline, uint64_t mark, uint64_t target)
{
    const struct ws_snapshot *before = ws__history_before(&timeline->history, mark);
    uint64_t last = ws_snapshot_mark(before), pages = ws__ram_written(timeline->machine);
    uint64_t spacing = (timeline->frontier - timeline->start) / WS__SNAPSHOTS;
    uint64_t dense = target > last ? (target - last) / 8 : 0;
    spacing = most(spacing, most(WS__SNAPSHOT_SPACING, pages * WS__SNAPSHOT_A_PAGE));
    dense = most(dense, most(WS__SNAPSHOT_DENSE, pages * WS__SNAPSHOT_DENSE_PAGE));
    return last + least(dense, spacing);
}

enum ws_status ws_timeline_arrive(struct ws_timeline *timeline)
{
    uint64_t mark = ws_machine_mark(timeline->machine);
    if (mark > timeline->frontier)
        timeline->frontier = mark;
    return snapshot_due(timeline, mark, UINT64_MAX) <= mark ? ws__history_add(&timeline->history, timeline->machine)
                                                            : WS_OK;
}

/* How far to run in one piece: not beyond the target, the next snapshot, the next question, or the
 * frontier, where the watcher begins to watch again. */
static uint64_t piece_end(const struct ws_timeline *timeline, uint64_t mark, uint64_t target)
{
    uint64_t due = snapshot_due(timeline, mark, target);
    uint64_t end = least(target, mark + WS__PIECE);
    if (due > mark)
        end = least(end, due);
    if (timeline->frontier > mark)
        end = least(end, timeline->frontier);
    return end;
}

/* In a branch, what the person changed at a mark belongs to it: the mark is never seen without. */
static void acts_settle(struct ws_timeline *timeline)
{
    if (timeline->recorded)
        ws__acts_do(timeline->machine);
}

/* One piece.  Returns how it ended: THERE means that it came to the piece's end. */
static enum ws__run piece_run(struct ws_timeline *timeline, uint64_t end)
{
    struct ws_machine *machine = timeline->machine;
    uint64_t mark = ws_machine_mark(machine);
    if (timeline->watcher)
        ws__watcher_hold(timeline->watcher, mark < timeline->frontier);
    enum ws_stop stop = ws_machine_run(machine, end - mark);
    acts_settle(timeline);
    mark = ws_machine_mark(machine);
    if (mark > timeline->frontier)
        timeline->frontier = mark;
    switch (stop) {
    case WS_STOP_COUNT:
        return WS__RUN_THERE;
    case WS_STOP_BREAKPOINT:
        return WS__RUN_BREAKPOINT;
    case WS_STOP_ASKED:
        return WS__RUN_STOPPED;
    case WS_STOP_HALT:
        break;
    }
    return WS__RUN_HALTED;
}

/* If the guest halted at the frontier, a switch that is open will not end any more. */
static void run_settle(struct ws_timeline *timeline)
{
    if (timeline->watcher && ws_machine_mark(timeline->machine) == timeline->frontier) {
        ws__watcher_hold(timeline->watcher, false);
        ws_watcher_settle(timeline->watcher);
    }
}

bool ws__timeline_interrupted(struct ws_timeline *timeline)
{
    if (!timeline->asked || timeline->unasked < WS__PIECE)
        return false;
    timeline->unasked = 0;
    return timeline->asked(timeline->asked_context, ws_machine_mark(timeline->machine));
}

enum ws__run ws__timeline_run_plain(struct ws_timeline *timeline, uint64_t target, bool breaks)
{
    struct ws_machine *machine = timeline->machine;
    uint64_t mark = ws_machine_mark(machine);
    bool is_long = target > mark && target - mark > WS__PIECE; /* a short way is not interrupted */

    while ((mark = ws_machine_mark(machine)) < target) {
        timeline->failed |=
            snapshot_due(timeline, mark, target) <= mark && ws__history_add(&timeline->history, machine) != WS_OK;
        if (timeline->failed)
            return WS__RUN_FAILED;
        enum ws__run run = piece_run(timeline, piece_end(timeline, mark, target));
        if (timeline->failed || ws_machine_failure(machine) != WS_OK)
            return WS__RUN_FAILED;
        if (run == WS__RUN_HALTED) {
            run_settle(timeline);
            return run;
        }
        if (run == WS__RUN_STOPPED)
            return run;
        /* The machine does not stop at a breakpoint where a run begins, so one at a piece's end is
         * found here. */
        if (breaks && ws_machine_mark(machine) < target && ws_machine_break_at(machine, ws_machine_eip_linear(machine)))
            return WS__RUN_BREAKPOINT;
        timeline->unasked += ws_machine_mark(machine) - mark;
        if (is_long && ws_machine_mark(machine) < target && ws__timeline_interrupted(timeline))
            return WS__RUN_INTERRUPTED;
    }
    return WS__RUN_THERE;
}

enum ws__run ws__timeline_run(struct ws_timeline *timeline, uint64_t target, bool breaks)
{
    return breaks && timeline->conditions.count ? ws__breaks_run(timeline, target)
                                                : ws__timeline_run_plain(timeline, target, breaks);
}

/* Beyond the frontier by one instruction: the run may have ended there. */
uint64_t ws__timeline_horizon(const struct ws_timeline *timeline)
{
    uint64_t mark = ws_machine_mark(timeline->machine), known = timeline->frontier + 1;
    if (!timeline->bound || timeline->bound > UINT64_MAX - mark)
        return UINT64_MAX;
    return mark + timeline->bound > known ? mark + timeline->bound : known;
}

enum ws__run ws__timeline_run_on(struct ws_timeline *timeline, uint64_t horizon)
{
    enum ws__run run = ws__timeline_run(timeline, horizon, ws__breaks_any(timeline));
    return run == WS__RUN_THERE ? WS__RUN_BOUND : run;
}

uint64_t ws__timeline_rewind(struct ws_timeline *timeline, uint64_t mark)
{
    const struct ws_snapshot *snapshot = ws__history_before(&timeline->history, mark);
    uint64_t from = ws_snapshot_mark(snapshot);
    if (timeline->watcher)
        ws__watcher_hold(timeline->watcher, true);
    if (!ws__checkpoint_land(timeline, from, mark))
        ws_snapshot_restore(snapshot, timeline->machine);
    acts_settle(timeline);
    return ws_machine_mark(timeline->machine);
}

enum ws_seek ws__timeline_seek_of(enum ws__run run)
{
    switch (run) {
    case WS__RUN_THERE:
    case WS__RUN_STOPPED:
        return WS_SEEK_THERE;
    case WS__RUN_BREAKPOINT:
        return WS_SEEK_BREAKPOINT;
    case WS__RUN_HALTED:
        return WS_SEEK_END;
    case WS__RUN_BOUND:
        return WS_SEEK_BOUND;
    case WS__RUN_INTERRUPTED:
        return WS_SEEK_INTERRUPTED;
    case WS__RUN_FAILED:
        break;
    }
    return WS_SEEK_NO_MEMORY;
}

/* -- journeys ---------------------------------------------------------------------------------- */

enum ws_seek ws_timeline_seek(struct ws_timeline *timeline, uint64_t mark)
{
    uint64_t now = ws_machine_mark(timeline->machine);
    if (mark < timeline->start)
        return WS_SEEK_START;
    const struct ws_snapshot *nearest = ws__history_before(&timeline->history, mark);
    if (mark < now || ws_snapshot_mark(nearest) > now || ws__checkpoint_saves(timeline, now, mark))
        ws__timeline_rewind(timeline, mark);
    enum ws__run run;
    do { /* listeners of others may stop the machine; that is not our end */
        run = ws__timeline_run(timeline, mark, false);
    } while (run == WS__RUN_STOPPED);
    return ws__timeline_seek_of(run);
}

enum ws_seek ws_timeline_step(struct ws_timeline *timeline, int64_t count)
{
    uint64_t now = ws_machine_mark(timeline->machine);
    if (count < 0 && now - timeline->start < (uint64_t)0 - (uint64_t)count)
        return WS_SEEK_START;
    if (count > 0 && ws_machine_halt(timeline->machine)->reason != WS_HALT_NONE)
        return WS_SEEK_END;
    return ws_timeline_seek(timeline, now + (uint64_t)count);
}

enum ws_seek ws__timeline_return(struct ws_timeline *timeline, uint64_t mark)
{
    enum ws_seek seek = ws_timeline_seek(timeline, mark);
    return seek == WS_SEEK_END && ws_machine_mark(timeline->machine) == mark ? WS_SEEK_THERE : seek;
}

enum ws_seek ws_timeline_end(struct ws_timeline *timeline)
{
    uint64_t horizon = ws__timeline_horizon(timeline);
    if (timeline->frontier > ws_machine_mark(timeline->machine)) {
        enum ws_seek seek = ws_timeline_seek(timeline, timeline->frontier);
        if (seek != WS_SEEK_THERE)
            return seek;
    }
    enum ws_seek seek = ws_timeline_seek(timeline, horizon);
    return seek == WS_SEEK_THERE ? WS_SEEK_BOUND : seek;
}

/* -- breakpoints ------------------------------------------------------------------------------- */

enum ws_status ws_timeline_break_toggle(struct ws_timeline *timeline, uint32_t linear)
{
    for (size_t at = 0; at < timeline->breakpoints; at++) {
        if (timeline->breakpoint[at] != linear)
            continue;
        ws_machine_break_remove(timeline->machine, linear);
        timeline->breakpoints--;
        memmove(&timeline->breakpoint[at], &timeline->breakpoint[at + 1],
                (timeline->breakpoints - at) * sizeof timeline->breakpoint[0]);
        return WS_OK;
    }
    if (timeline->breakpoints == timeline->breakpoint_capacity) {
        size_t capacity = timeline->breakpoint_capacity ? timeline->breakpoint_capacity * 2 : 8;
        uint32_t *grown = realloc(timeline->breakpoint, capacity * sizeof *grown);
        if (!grown)
            return WS_NO_MEMORY;
        timeline->breakpoint = grown;
        timeline->breakpoint_capacity = capacity;
    }
    enum ws_status status = ws_machine_break_add(timeline->machine, linear);
    if (status == WS_OK)
        timeline->breakpoint[timeline->breakpoints++] = linear;
    return status;
}

const uint32_t *ws_timeline_breaks(const struct ws_timeline *timeline, size_t *count)
{
    *count = timeline->breakpoints;
    return timeline->breakpoint;
}

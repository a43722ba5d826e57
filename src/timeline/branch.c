/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Branches: a run that goes on otherwise, beside the recorded one.
 *
 * The branch shares the snapshots of the past.  Its watcher cannot take over what the other one knows of calls and
 * threads, for that is of the frontier, which may lie far ahead.  So it begins to watch a little way before the present
 * mark, outside of any crossing, and sees the run from there.
 */
#include "timeline/internal.h"

#include <stdlib.h>
#include <string.h>

#include "watch/watcher.h"

enum {
    NESTING = 4096, /* instructions in front of a crossing that tell its watcher of the calls around it */
    LONGEST = 5000000
};

static const struct ws_crossing *crossing_around(const struct ws_timeline *timeline, uint64_t mark)
{
    for (size_t at = timeline->crossings; at-- > 0;)
        if (timeline->crossing[at].begin < mark && mark < timeline->crossing[at].end)
            return &timeline->crossing[at];
    return NULL;
}

static uint64_t before(const struct ws_timeline *timeline, uint64_t mark)
{
    return mark - timeline->start > NESTING ? mark - NESTING : timeline->start;
}

/* Where the branch's watcher begins: in front of the last crossing that has ended, if it is not too far. */
static uint64_t watch_begin(const struct ws_timeline *timeline, uint64_t mark)
{
    const struct ws_crossing *crossing = NULL;
    for (size_t at = timeline->crossings; at-- > 0 && !crossing;)
        if (timeline->crossing[at].end <= mark)
            crossing = &timeline->crossing[at];
    uint64_t begin = before(timeline, crossing && mark - crossing->begin < LONGEST ? crossing->begin : mark);
    while ((crossing = crossing_around(timeline, begin)))
        begin = before(timeline, crossing->begin);
    return begin;
}

static enum ws_status crossings_copy(struct ws_timeline *branch, const struct ws_timeline *recorded, uint64_t mark)
{
    size_t count = 0;
    while (count < recorded->crossings && recorded->crossing[count].end <= mark)
        count++;
    if (!count)
        return WS_OK;
    branch->crossing = malloc(count * sizeof *branch->crossing);
    if (!branch->crossing)
        return WS_NO_MEMORY;
    memcpy(branch->crossing, recorded->crossing, count * sizeof *branch->crossing);
    branch->crossings = branch->crossing_capacity = count;
    return WS_OK;
}

/* The machine stands where the watcher is to begin. */
static enum ws_status branch_prepare(struct ws_timeline *branch, const struct ws_timeline *recorded)
{
    uint64_t mark = ws_machine_mark(branch->machine);
    branch->frontier = mark;
    branch->watched = recorded->watched < mark ? recorded->watched : mark;
    ws__history_share(&branch->history, &recorded->history, mark);
    enum ws_status status = ws__history_add(&branch->history, branch->machine);
    if (status == WS_OK)
        status = crossings_copy(branch, recorded, mark);
    if (status == WS_OK && recorded->watcher) {
        status = ws__watcher_branch(&branch->watcher, recorded->watcher);
        if (status == WS_OK)
            status = ws_watcher_listen(branch->watcher, ws__timeline_crossing_take, branch);
        ws__watcher_hold(recorded->watcher, true);
    }
    return status;
}

static void branch_free(struct ws_timeline *branch)
{
    ws_watcher_free(branch->watcher);
    ws__history_release(&branch->history);
    ws__acts_release(&branch->acts);
    ws_snapshot_free(branch->parting);
    free(branch->crossing);
    free(branch);
}

static enum ws_status status_of(enum ws_seek seek)
{
    return seek == WS_SEEK_THERE || seek == WS_SEEK_END ? WS_OK
           : seek == WS_SEEK_INTERRUPTED                ? WS_INTERRUPTED
                                                        : WS_NO_MEMORY;
}

static void breakpoints_move(struct ws_timeline *to, struct ws_timeline *from)
{
    to->breakpoint = from->breakpoint;
    to->breakpoints = from->breakpoints;
    to->breakpoint_capacity = from->breakpoint_capacity;
    to->conditions = from->conditions;
    from->breakpoint = NULL;
    from->breakpoints = from->breakpoint_capacity = 0;
}

/* Go a little way back on the recorded run. */
static enum ws_status branch_begin(struct ws_timeline *branch, struct ws_timeline *recorded)
{
    uint64_t mark = ws_machine_mark(branch->machine), done = ws__acts_done(branch->machine);
    enum ws_status status = status_of(ws_timeline_seek(recorded, watch_begin(recorded, mark)));
    if (status == WS_OK)
        status = branch_prepare(branch, recorded);
    if (status == WS_OK)
        status = ws__acts_set_aside(branch->machine, done, &branch->acts);
    return status;
}

enum ws_status ws_timeline_branch(struct ws_timeline **out, struct ws_timeline *recorded)
{
    struct ws_timeline *branch = calloc(1, sizeof *branch);
    if (!branch)
        return WS_NO_MEMORY;
    branch->machine = recorded->machine;
    branch->start = recorded->start;
    branch->worth = recorded->worth;
    branch->asked = recorded->asked;
    branch->asked_context = recorded->asked_context;
    branch->anew = recorded->anew;
    branch->anew_context = recorded->anew_context;
    branch->recorded = recorded;
    enum ws_status status = ws_snapshot_take(&branch->parting, branch->machine);
    if (status == WS_OK)
        status = branch_begin(branch, recorded);
    if (status == WS_OK) {
        breakpoints_move(branch, recorded);
        *out = branch;
        return WS_OK;
    }
    if (branch->parting)
        ws_snapshot_restore(branch->parting, branch->machine);
    branch_free(branch);
    return status;
}

uint64_t ws_timeline_parting(const struct ws_timeline *branch)
{
    return ws_snapshot_mark(branch->parting);
}

struct ws_watcher *ws_timeline_watcher(const struct ws_timeline *timeline)
{
    return timeline->watcher;
}

void ws_timeline_return(struct ws_timeline *branch)
{
    breakpoints_move(branch->recorded, branch);
    ws__acts_put_back(branch->machine, &branch->acts);
    ws_snapshot_restore(branch->parting, branch->machine);
    branch_free(branch);
}

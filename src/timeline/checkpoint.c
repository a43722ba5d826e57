/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline whose session has checkpoints: jumps, and what is not known after one.
 */
#include "timeline/internal.h"
#include "watch/watcher.h"

enum ws_status ws_timeline_checkpoints(struct ws_timeline *timeline, const struct ws_session *session)
{
    if (timeline->start)
        return WS_BAD_ARGUMENT;
    timeline->session = session;
    timeline->checkpoints = session->checkpoints;
    return WS_OK;
}

uint64_t ws_timeline_watched(const struct ws_timeline *timeline)
{
    return timeline->watched;
}

void ws_timeline_on_anew(struct ws_timeline *timeline, void (*anew)(void *context), void *context)
{
    timeline->anew = anew;
    timeline->anew_context = context;
}

/* -- going to one ------------------------------------------------------------------------------ */

/* How many good ones stand at or before `mark`. */
static size_t good_before(const struct ws_timeline *timeline, uint64_t mark)
{
    size_t count = timeline->session ? ws_session_checkpoints_before(timeline->session, mark) : 0;
    return count < timeline->checkpoints ? count : timeline->checkpoints;
}

bool ws__checkpoint_saves(const struct ws_timeline *timeline, uint64_t from, uint64_t mark)
{
    size_t count = good_before(timeline, mark);
    if (!count)
        return false;
    uint64_t there = timeline->session->checkpoint[count - 1].mark;
    return there > from && there - from >= timeline->worth;
}

/* Watch from where the machine stands: what was known is of another part of the run. */
static void watch_anew(struct ws_timeline *timeline)
{
    timeline->watched = timeline->frontier = ws_machine_mark(timeline->machine);
    timeline->crossings = 0;
    if (timeline->watcher)
        ws_watcher_reset(timeline->watcher);
    if (timeline->anew)
        timeline->anew(timeline->anew_context);
}

/* One that is not good makes those behind it useless: they are what has changed since. */
bool ws__checkpoint_land(struct ws_timeline *timeline, uint64_t from, uint64_t mark)
{
    struct ws_machine *machine = timeline->machine;
    while (ws__checkpoint_saves(timeline, from, mark)) {
        size_t index = good_before(timeline, mark) - 1;
        ws_snapshot_restore(timeline->history.snapshot[0], machine);
        if (ws_session_checkpoint_go(timeline->session, index, machine) != WS_OK) {
            timeline->checkpoints = index;
            continue;
        }
        if (ws_machine_mark(machine) > timeline->frontier)
            watch_anew(timeline);
        (void)ws__history_add(&timeline->history, machine); /* if there is no memory, the next way is longer */
        return true;
    }
    return false;
}

/* -- what was not seen ------------------------------------------------------------------------- */

enum ws_seek ws_timeline_watch_all(struct ws_timeline *timeline)
{
    uint64_t frontier = timeline->frontier;
    enum ws__run run;
    if (timeline->watched == timeline->start || !timeline->watcher)
        return WS_SEEK_THERE;
    ws__watcher_hold(timeline->watcher, true);
    ws_snapshot_restore(timeline->history.snapshot[0], timeline->machine);
    watch_anew(timeline);
    do {
        run = ws__timeline_run(timeline, frontier, false);
    } while (run == WS__RUN_STOPPED);
    return run == WS__RUN_HALTED ? WS_SEEK_THERE : ws__timeline_seek_of(run);
}

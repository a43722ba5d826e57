/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The snapshots of a timeline, thinned with age.
 *
 * A snapshot is worth the instructions that it saves: the gap that would be left without it. A gap
 * weighs less the farther away it is, since people go back a little often and far seldom; but also
 * by the part of the whole run that it is, so that no place is out of reach for a user who looks
 * around much. The one to give up is that which is worth least.
 */
#include "timeline/internal.h"

#include <string.h>

#include "machine/snapshot.h"

void ws__history_release(struct ws__history *history)
{
    for (size_t at = 0; at < history->count; at++)
        ws_snapshot_free(history->snapshot[at]);
    history->count = 0;
}

static uint64_t mark_at(const struct ws__history *history, size_t index)
{
    return ws_snapshot_mark(history->snapshot[index]);
}

void ws__history_share(struct ws__history *history, const struct ws__history *from, uint64_t mark)
{
    history->limit = from->limit;
    for (size_t at = 0; at < from->count && ws_snapshot_mark(from->snapshot[at]) <= mark; at++) {
        history->snapshot[history->count++] = ws__snapshot_share(from->snapshot[at]);
        history->bytes += ws_snapshot_bytes(from->snapshot[at]);
    }
}

/* How many snapshots stand at or before `mark`. */
static size_t count_before(const struct ws__history *history, uint64_t mark)
{
    size_t count = history->count;
    while (count > 0 && mark_at(history, count - 1) > mark)
        count--;
    return count;
}

const struct ws_snapshot *ws__history_before(const struct ws__history *history, uint64_t mark)
{
    size_t count = count_before(history, mark);
    return count ? history->snapshot[count - 1] : NULL;
}

/* The gap that would be left, in proportion to the distance, and to the whole: the smaller, the less
 * it is missed. Of the whole, some hundred evenly spaced ones are as dear as those nearby. */
static double worth(const struct ws__history *history, size_t index, uint64_t now)
{
    enum { OF_THE_WHOLE = 16 };
    uint64_t here = mark_at(history, index);
    uint64_t next = index + 1 < history->count ? mark_at(history, index + 1) : here;
    uint64_t distance = here < now ? now - here : here - now;
    double gap = (double)(next - mark_at(history, index - 1));
    double whole = (double)(mark_at(history, history->count - 1) - mark_at(history, 0) + 1);
    return gap / (double)(distance + 1) + OF_THE_WHOLE * gap / whole;
}

/* Give up the snapshot that helps least, never the first and never `kept`. */
static void history_drop(struct ws__history *history, size_t kept)
{
    uint64_t now = mark_at(history, kept);
    size_t victim = 0;
    for (size_t at = 1; at < history->count; at++)
        if (at != kept && (!victim || worth(history, at, now) < worth(history, victim, now)))
            victim = at;
    if (!victim)
        return;
    /* What only it holds goes with it.  Of what a branch shares, not all was counted. */
    size_t bytes = ws_snapshot_bytes(history->snapshot[victim]);
    history->bytes -= bytes < history->bytes ? bytes : history->bytes;
    ws_snapshot_free(history->snapshot[victim]);
    history->count--;
    memmove(&history->snapshot[victim], &history->snapshot[victim + 1],
            (history->count - victim) * sizeof history->snapshot[0]);
}

enum ws_status ws__history_add(struct ws__history *history, struct ws_machine *machine)
{
    struct ws_snapshot *snapshot;
    uint64_t mark = ws_machine_mark(machine);
    size_t place = count_before(history, mark);

    if (place && mark_at(history, place - 1) == mark)
        return WS_OK;
    if (history->count == WS__SNAPSHOTS) {
        history_drop(history, place ? place - 1 : 0);
        place = count_before(history, mark);
    }
    enum ws_status status = ws_snapshot_take(&snapshot, machine);
    if (status)
        return status;
    memmove(&history->snapshot[place + 1], &history->snapshot[place],
            (history->count - place) * sizeof history->snapshot[0]);
    history->snapshot[place] = snapshot;
    history->count++;
    history->bytes += ws_snapshot_bytes(snapshot); /* what it does not share: all that is new */
    while (history->count > 2 && history->bytes > history->limit)
        history_drop(history, count_before(history, mark) - 1);
    return WS_OK;
}

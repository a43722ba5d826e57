/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Journeys over and out of routines.
 *
 * Calls and deliveries of vectors go one level deeper, returns of either kind one level up. A
 * switch is a routine that is entered in one context and left in another, so "over" a switch ends
 * where the other context goes on.
 */
#include "timeline/internal.h"

#include <stdlib.h>

static int event_depth(const struct ws_event *event)
{
    return event->kind == WS_EVENT_CALL || event->kind == WS_EVENT_VECTOR ? 1 : -1;
}

/* -- forward ----------------------------------------------------------------------------------- */

struct descent {
    int depth;  /* levels below the beginning */
    int wanted; /* stop when this is reached or passed upwards */
};

static void descent_listen(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct descent *descent = context;
    descent->depth += event_depth(event);
    if (descent->depth <= descent->wanted)
        ws_machine_stop(machine);
}

/* Run until the nesting is `wanted` levels below where it is now, at least one instruction. */
static enum ws_seek run_to_depth(struct ws_timeline *timeline, int wanted)
{
    struct ws_machine *machine = timeline->machine;
    struct descent descent = {.wanted = wanted};
    uint64_t now = ws_machine_mark(machine), horizon = ws__timeline_horizon(timeline);

    if (ws_machine_halt(machine)->reason != WS_HALT_NONE)
        return WS_SEEK_END;
    if (ws_machine_listen(machine, WS__NESTING_EVENTS, descent_listen, &descent))
        return WS_SEEK_NO_MEMORY;
    enum ws__run run;
    ws__breaks_depart(timeline);
    do {
        run = ws__timeline_run(timeline, now + 1, false);
    } while (run == WS__RUN_STOPPED && ws_machine_mark(machine) == now);
    while (descent.depth > wanted && (run == WS__RUN_THERE || run == WS__RUN_STOPPED))
        run = ws__timeline_run_on(timeline, horizon);
    ws_machine_unlisten(machine, descent_listen, &descent);
    return ws__timeline_seek_of(run);
}

enum ws_seek ws_timeline_over(struct ws_timeline *timeline)
{
    return run_to_depth(timeline, 0);
}

enum ws_seek ws_timeline_finish(struct ws_timeline *timeline)
{
    return run_to_depth(timeline, -1);
}

/* -- back -------------------------------------------------------------------------------------- */

/* The nesting events of a span of marks, in order. */
struct span {
    struct turn {
        uint64_t mark;    /* of the instruction that did it */
        uint64_t entered; /* deeper: the mark of the routine's first instruction */
        int depth;        /* +1 or -1 */
    } * turn;             /* owned */
    size_t count;
    size_t capacity;
    uint64_t end; /* events from this mark on do not belong to it */
    bool failed;
};

static void span_listen(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    struct span *span = context;
    if (event->mark >= span->end || span->failed)
        return;
    if (span->count == span->capacity) {
        size_t capacity = span->capacity ? span->capacity * 2 : 256;
        struct turn *grown = realloc(span->turn, capacity * sizeof *grown);
        if (!grown) {
            span->failed = true;
            return;
        }
        span->turn = grown;
        span->capacity = capacity;
    }
    span->turn[span->count++] = (struct turn){
        .mark = event->mark,
        .entered = ws_machine_mark(machine),
        .depth = event_depth(event),
    };
}

/* Execute the span that ends at `end` again and fill in its events; *begin is where it begins. */
static enum ws__run span_read(struct ws_timeline *timeline, struct span *span, uint64_t end, uint64_t *begin)
{
    enum ws__run run;
    span->count = 0;
    span->end = end;
    if (ws_machine_listen(timeline->machine, WS__NESTING_EVENTS, span_listen, span))
        return WS__RUN_FAILED;
    *begin = ws__timeline_rewind(timeline, end - 1);
    do {
        run = ws__timeline_run(timeline, end, false);
    } while (run == WS__RUN_STOPPED);
    ws_machine_unlisten(timeline->machine, span_listen, span);
    return span->failed ? WS__RUN_FAILED : run == WS__RUN_HALTED ? WS__RUN_THERE : run;
}

/* Looks through a span from its end to its beginning; true when it has found the mark. *depth
 * goes on from span to span. */
typedef bool backward(const struct span *span, uint64_t begin, uint64_t now, int *depth, uint64_t *found);

/* The last mark before the end at which the nesting was not deeper than now. */
static bool find_over(const struct span *span, uint64_t begin, uint64_t now, int *depth, uint64_t *found)
{
    uint64_t mark = span->end;
    size_t left = span->count;
    (void)now;
    while (mark > begin) {
        mark--;
        while (left > 0 && span->turn[left - 1].mark >= mark)
            *depth -= span->turn[--left].depth;
        if (*depth <= 0) {
            *found = mark;
            return true;
        }
        mark = left > 0 ? span->turn[left - 1].mark + 1 : begin;
    }
    return false;
}

/* The first instruction of the innermost routine that was entered before now and has not
 * returned. */
static bool find_entry(const struct span *span, uint64_t begin, uint64_t now, int *depth, uint64_t *found)
{
    (void)begin;
    for (size_t left = span->count; left-- > 0;) {
        const struct turn *turn = &span->turn[left];
        if (turn->depth < 0) {
            ++*depth;
        } else if (*depth > 0) {
            --*depth;
        } else if (turn->entered < now) {
            *found = turn->entered;
            return true;
        }
    }
    return false;
}

static enum ws_seek look_back(struct ws_timeline *timeline, backward *find)
{
    struct span span = {0};
    uint64_t now = ws_machine_mark(timeline->machine), end = now, found = now;
    enum ws__run run = WS__RUN_THERE;
    int depth = 0;

    while (end > timeline->start && found == now) {
        uint64_t begin;
        run = span_read(timeline, &span, end, &begin);
        if (run != WS__RUN_THERE || find(&span, begin, now, &depth, &found))
            break;
        end = begin;
    }
    free(span.turn);
    if (run != WS__RUN_THERE)
        return ws__timeline_seek_of(run);
    enum ws_seek seek = ws__timeline_return(timeline, found);
    return seek == WS_SEEK_THERE && found == now ? WS_SEEK_NONE : seek;
}

enum ws_seek ws_timeline_over_back(struct ws_timeline *timeline)
{
    if (ws_machine_mark(timeline->machine) == timeline->start)
        return WS_SEEK_START;
    return look_back(timeline, find_over);
}

enum ws_seek ws_timeline_finish_back(struct ws_timeline *timeline)
{
    if (ws_machine_mark(timeline->machine) == timeline->start)
        return WS_SEEK_START;
    return look_back(timeline, find_entry);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each way is a function that brings a machine from one mark to the next.  Stepping is the way that the others are
 * compared with.
 */
#include "fuzz/ways.h"

#include <stdlib.h>

#include "fuzz/random_guest.h"

#ifdef FUZZ_TIMELINE
#include <worldswitch/crossing.h>
#include <worldswitch/timeline.h>
#endif

/* -- marks ------------------------------------------------------------------------------------- */

static void marks_choose(struct course *course, struct dice *dice, uint64_t instructions)
{
    uint64_t mark = 0, most = instructions / WAYS_MARKS * 2;
    for (unsigned i = 0; i < WAYS_MARKS; i++)
        course->mark[i] = mark += 1 + roll(dice, (uint32_t)most);
}

/* What comes from outside at a mark, if anything does. */
static void outside(struct ws_machine *machine, const struct course *course, unsigned at)
{
    if (!course->interrupts)
        return;
    if (at % 3 == 0)
        ws_machine_interrupt(machine, (uint8_t)(course->seed >> at));
    else if (at % 7 == 1)
        ws_machine_nmi(machine);
}

/* Back, for another run, to which the same comes from outside. */
static void again_from(const struct ws_snapshot *snapshot, struct ws_machine *machine)
{
    ws_snapshot_restore(snapshot, machine);
    ws_machine_acts_forget(machine);
}

/* -- ways -------------------------------------------------------------------------------------- */

struct way {
    const char *name;
    void *(*begin)(struct ws_machine *machine, struct dice *dice); /* NULL: nothing to do; what it returns goes to */
    void (*end)(struct ws_machine *machine, void *begun);
    /* How many instructions to run at most, of so many. */
    uint64_t (*piece)(struct dice *dice, uint64_t left);
};

static uint64_t one(struct dice *dice, uint64_t left)
{
    (void)dice;
    (void)left;
    return 1;
}

static uint64_t all(struct dice *dice, uint64_t left)
{
    (void)dice;
    return left;
}

static uint64_t some(struct dice *dice, uint64_t left)
{
    uint64_t piece = 1 + roll(dice, 1u << roll(dice, 9));
    return piece < left ? piece : left;
}

static void event_ignore(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)context;
    (void)machine;
    (void)event;
}

static void listen_to(struct ws_machine *machine, uint32_t kinds)
{
    if (ws_machine_listen(machine, kinds, event_ignore, NULL))
        abort();
}

static void *listen_to_some(struct ws_machine *machine, struct dice *dice)
{
    listen_to(machine, roll_word(dice) & ~WS_EVENT_MASK(INSTRUCTION));
    return NULL;
}

static void *listen_to_all(struct ws_machine *machine, struct dice *dice)
{
    (void)dice;
    listen_to(machine, UINT32_MAX);
    return NULL;
}

static void unlisten(struct ws_machine *machine, void *begun)
{
    (void)begun;
    ws_machine_unlisten(machine, event_ignore, NULL);
}

enum { BREAKS = 4 };

/* Somewhere in the code, where instructions may begin or not. */
static void *break_somewhere(struct ws_machine *machine, struct dice *dice)
{
    uint32_t *linear = malloc(BREAKS * sizeof *linear);
    for (unsigned i = 0; linear && i < BREAKS; i++) {
        linear[i] = CODE + roll(dice, CODE_BYTES);
        if (ws_machine_break_add(machine, linear[i]))
            abort();
    }
    return linear;
}

static void unbreak(struct ws_machine *machine, void *begun)
{
    const uint32_t *linear = begun;
    for (unsigned i = 0; linear && i < BREAKS; i++)
        ws_machine_break_remove(machine, linear[i]);
    free(begun);
}

#ifdef FUZZ_TIMELINE

static void *watch(struct ws_machine *machine, struct dice *dice)
{
    struct ws_watcher *watcher;
    (void)dice;
    if (ws_watcher_new(&watcher, machine))
        abort();
    return watcher;
}

static void unwatch(struct ws_machine *machine, void *watcher)
{
    (void)machine;
    ws_watcher_free(watcher);
}

#endif

static const struct way stepped = {"stepped", NULL, NULL, one};

static const struct way ways[] = {
    {"at once", NULL, NULL, all},
    {"in chunks", NULL, NULL, some},
    {"listened to", listen_to_some, unlisten, all},
    {"listened to, in chunks", listen_to_some, unlisten, some},
    {"with all listened to", listen_to_all, unlisten, all},
    {"with breakpoints", break_somewhere, unbreak, all},
#ifdef FUZZ_TIMELINE
    {"watched", watch, unwatch, all},
    {"watched, in chunks", watch, unwatch, some},
#endif
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* false: the guest has halted, or sleeps for good, in front of `mark`. */
static bool run_to(struct ws_machine *machine, const struct way *way, struct dice *dice, uint64_t mark)
{
    while (ws_machine_mark(machine) < mark) {
        uint64_t before = ws_machine_mark(machine);
        if (ws_machine_run(machine, way->piece(dice, mark - before)) == WS_STOP_HALT ||
            ws_machine_halt(machine)->reason || ws_machine_mark(machine) == before)
            return ws_machine_mark(machine) == mark;
    }
    return true;
}

/* From mark `from` on.  Returns how many marks were compared and found equal, up to the first that was not. */
static unsigned follow(struct ws_machine *machine, const struct way *way, struct dice *dice,
                       const struct course *course, unsigned from)
{
    unsigned at = from;
    void *begun = way->begin ? way->begin(machine, dice) : NULL;
    for (; at < course->count; at++) {
        run_to(machine, way, dice, course->mark[at]);
        if (ws_machine_hash(machine) != course->hash[at])
            break;
        outside(machine, course, at);
    }
    if (way->end)
        way->end(machine, begun);
    return at;
}

void course_take(struct course *course, const struct stage *stage, uint64_t seed, uint64_t instructions)
{
    struct dice dice = {.state = seed};
    struct ws_machine *machine = stage->machine;
    *course = (struct course){.seed = seed, .interrupts = seed & 1};
    marks_choose(course, &dice, instructions);
    again_from(stage->start, machine);
    while (course->count < WAYS_MARKS) {
        bool there = run_to(machine, &stepped, &dice, course->mark[course->count]);
        course->hash[course->count] = ws_machine_hash(machine);
        outside(machine, course, course->count++);
        if (!there)
            break;
    }
}

/* -- ways back --------------------------------------------------------------------------------- */

/* A snapshot in the midst, the rest of the run, and then the snapshot and the rest again. */
static unsigned from_snapshot(const struct course *course, const struct stage *stage, struct dice *dice)
{
    struct course first = *course;
    struct ws_snapshot *midst;
    unsigned at = roll(dice, course->count);
    first.count = at + 1;
    again_from(stage->start, stage->machine);
    unsigned equal = follow(stage->machine, &ways[roll(dice, WAYS)], dice, &first, 0);
    if (equal < first.count)
        return equal;
    if (ws_snapshot_take(&midst, stage->machine))
        abort();
    equal = follow(stage->machine, &ways[roll(dice, WAYS)], dice, course, at + 1);
    again_from(midst, stage->machine);
    ws_snapshot_free(midst);
    return equal < course->count ? equal : follow(stage->machine, &ways[roll(dice, WAYS)], dice, course, at + 1);
}

/* The state in the midst is saved, and the other machine goes on from there. */
static unsigned from_saved(const struct course *course, const struct stage *stage, struct dice *dice)
{
    struct course first = *course;
    struct ws_buffer saved = WS_BUFFER_INIT;
    unsigned at = roll(dice, course->count);
    first.count = at + 1;
    again_from(stage->start, stage->machine);
    unsigned equal = follow(stage->machine, &ways[roll(dice, WAYS)], dice, &first, 0);
    if (equal == first.count && ws_machine_halt(stage->machine)->reason) {
        equal = course->count; /* nothing goes on from there */
    } else if (equal == first.count) {
        again_from(stage->other_start, stage->other);
        if (ws_machine_save(stage->machine, stage->start, &saved) ||
            ws_machine_load(stage->other, saved.data, saved.size))
            abort();
        equal = follow(stage->other, &ways[roll(dice, WAYS)], dice, course, at + 1);
    }
    ws_buffer_release(&saved);
    return equal;
}

#ifdef FUZZ_TIMELINE

/* To the marks in any order, and a few steps there and back: what came from outside comes again by itself. */
static unsigned sought(const struct course *course, const struct stage *stage, struct dice *dice)
{
    enum { JOURNEYS = 2 * WAYS_MARKS };
    struct ws_timeline *timeline;
    unsigned at = course->count;
    if (course->interrupts && course->count < WAYS_MARKS) /* it sleeps: what comes next wakes it, or came before */
        return at;
    again_from(stage->start, stage->machine);
    at = follow(stage->machine, &ways[roll(dice, WAYS)], dice, course, 0);
    ws_snapshot_restore(stage->start, stage->machine);
    if (ws_timeline_new(&timeline, stage->machine, NULL))
        abort();
    for (unsigned i = 0; i < JOURNEYS && at == course->count; i++) {
        unsigned to = roll(dice, course->count);
        ws_timeline_seek(timeline, course->mark[to]);
        ws_timeline_step(timeline, -(int64_t)roll(dice, 8));
        ws_timeline_step(timeline, (int64_t)roll(dice, 4));
        ws_timeline_seek(timeline, course->mark[to]);
        if (ws_machine_hash(stage->machine) != course->hash[to])
            at = to;
    }
    ws_timeline_free(timeline);
    return at;
}

#endif

static const struct {
    const char *name;
    unsigned (*run)(const struct course *course, const struct stage *stage, struct dice *dice);
} ways_back[] = {
    {"from a snapshot", from_snapshot},
    {"from a saved state", from_saved},
#ifdef FUZZ_TIMELINE
    {"sought", sought},
#endif
};

const char *course_compare(const struct course *course, const struct stage *stage, unsigned *at)
{
    struct dice dice = {.state = course->seed + 1};
    for (unsigned i = 0; i < WAYS; i++) {
        again_from(stage->start, stage->machine);
        if ((*at = follow(stage->machine, &ways[i], &dice, course, 0)) < course->count)
            return ways[i].name;
    }
    for (unsigned i = 0; i < sizeof ways_back / sizeof ways_back[0]; i++) {
        if ((*at = ways_back[i].run(course, stage, &dice)) < course->count)
            return ways_back[i].name;
    }
    return NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same guest gives the same marks and hashes however it is run: in block mode, in steps, watched, from
 * a snapshot, or beside another one.
 */
#include "effort.h"
#include "machine/guests.h"
#include "machine/small.h"

#include <worldswitch/paging.h>

/* -- stepping is running ----------------------------------------------------------------------- */

static struct guests guests;

/* Most of these guests do all that they do in the first thousands of instructions. */
enum { STRIDE = 997, STEPPED_MOST = 10000, STEPPED_MORE = 60000, WATCHED_MOST = 10000, WATCHED_MORE = 20000 };
enum { BREAK_OFTEN = 300, BREAK_LATE = 2000 }; /* marks where the instructions stand that get breakpoints */

/* Hashes are compared at every STRIDE-th mark, and at the end. */
START_TEST(stepping_equals_running)
{
    struct ws_machine *runs = guest_load(guests.name[_i]), *steps = guest_load(guests.name[_i]);
    enum ws_stop stop = WS_STOP_COUNT;
    while (stop == WS_STOP_COUNT && ws_machine_mark(runs) < effort_more(STEPPED_MOST, STEPPED_MORE, GUEST_LIMIT)) {
        stop = ws_machine_run(runs, STRIDE);
        while (ws_machine_mark(steps) < ws_machine_mark(runs))
            ws_machine_run(steps, 1);
        if (stop == WS_STOP_HALT)
            ws_machine_run(steps, 1);
        ck_assert_msg(ws_machine_hash(runs) == ws_machine_hash(steps), "%s: running and stepping part before mark %llu",
                      guests.name[_i], (unsigned long long)ws_machine_mark(runs));
    }
    ck_assert_uint_eq(ws_machine_halt(runs)->reason, ws_machine_halt(steps)->reason);
    ws_machine_free(runs);
    ws_machine_free(steps);
}
END_TEST

static void nothing_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    ++*(uint64_t *)context;
    ck_assert_uint_lt(event->kind, WS_EVENT_COUNT);
}

/* Listening to everything, and a breakpoint that is never reached, change nothing. */
START_TEST(watching_changes_nothing)
{
    struct ws_machine *alone = guest_load(guests.name[_i]), *watched = guest_load(guests.name[_i]);
    uint64_t events = 0;
    ws_machine_listen(watched, UINT32_MAX, nothing_note, &events);
    ws_machine_break_add(watched, 0xdeadbeef);
    ws_machine_run(alone, effort_more(WATCHED_MOST, WATCHED_MORE, GUEST_LIMIT));
    ws_machine_run(watched, effort_more(WATCHED_MOST, WATCHED_MORE, GUEST_LIMIT));
    ck_assert_msg(ws_machine_hash(alone) == ws_machine_hash(watched), "%s: it makes a difference", guests.name[_i]);
    ck_assert_uint_ge(events, ws_machine_mark(watched));
    ws_machine_free(alone);
    ws_machine_free(watched);
}
END_TEST

/* Snapshots at several marks, visited in another order than taken, and run on from there. */
/* Run on over all breakpoints; count them.  Returns a hash of the marks where they stopped, and of the state behind. */
static uint64_t breaks_hash(struct ws_machine *machine, uint64_t until, unsigned *breaks)
{
    uint64_t hash = 0;
    enum ws_stop stop = WS_STOP_COUNT;
    while (stop != WS_STOP_HALT && ws_machine_mark(machine) < until) {
        stop = ws_machine_run(machine, until - ws_machine_mark(machine));
        if (stop != WS_STOP_BREAKPOINT)
            continue;
        ++*breaks;
        hash = hash * 31 + ws_machine_mark(machine);
    }
    return hash * 31 + ws_machine_hash(machine);
}

static void linear_note(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    uint32_t *linear = context;
    if (ws_machine_mark(machine) == BREAK_OFTEN)
        linear[0] = event->linear;
    if (ws_machine_mark(machine) == BREAK_LATE)
        linear[1] = event->linear;
}

/* Breakpoints stop a machine that runs by blocks at the marks where they stop one that steps.  One is set in front of
 * the run, another in the midst of it. */
START_TEST(breakpoints_stop_both)
{
    uint32_t linear[2] = {0, 0};
    struct ws_machine *scout = guest_load(guests.name[_i]);
    ws_machine_listen(scout, WS_EVENT_MASK(INSTRUCTION), linear_note, linear);
    ws_machine_run(scout, BREAK_LATE + 1);
    ws_machine_free(scout);
    uint64_t hash[2];
    unsigned breaks[2] = {0, 0};
    for (unsigned steps = 0; steps < 2; steps++) {
        struct ws_machine *machine = guest_load(guests.name[_i]);
        uint64_t events = 0;
        if (steps)
            ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), nothing_note, &events);
        ws_machine_break_add(machine, linear[0]);
        hash[steps] = breaks_hash(machine, BREAK_LATE / 2, &breaks[steps]);
        ws_machine_break_add(machine, linear[1]);
        hash[steps] ^= breaks_hash(machine, effort_more(WATCHED_MOST, WATCHED_MORE, WATCHED_MORE), &breaks[steps]);
        ws_machine_free(machine);
    }
    ck_assert_msg(breaks[0] == breaks[1] && hash[0] == hash[1], "%s: %u stops, and stepped %u", guests.name[_i],
                  breaks[0], breaks[1]);
    ck_assert_msg(breaks[0] || !linear[0], "%s: no stop", guests.name[_i]);
}
END_TEST

START_TEST(snapshots_bring_it_back)
{
    enum { SNAPSHOTS = 8, PART = 2003, PART_MORE = 5003 };
    const unsigned part = effort_more(PART, PART_MORE, PART_MORE);
    struct ws_snapshot *snapshot[SNAPSHOTS];
    uint64_t hash[SNAPSHOTS];
    struct ws_machine *machine = guest_load(guests.name[_i]);
    for (int i = 0; i < SNAPSHOTS; i++) {
        ck_assert_int_eq(ws_snapshot_take(&snapshot[i], machine), WS_OK);
        hash[i] = ws_machine_hash(machine);
        ck_assert_uint_eq(ws_snapshot_mark(snapshot[i]), ws_machine_mark(machine));
        ws_machine_run(machine, part);
    }
    for (int i = SNAPSHOTS - 1; i >= 0; i -= 2) {
        ws_snapshot_restore(snapshot[i], machine);
        ck_assert_uint_eq(ws_machine_hash(machine), hash[i]);
        for (int j = i + 1; j < SNAPSHOTS; j++) {
            ws_machine_run(machine, part);
            ck_assert_msg(ws_machine_hash(machine) == hash[j], "%s: from snapshot %d, part %d differs", guests.name[_i],
                          i, j);
        }
    }
    for (int i = 0; i < SNAPSHOTS; i++)
        ws_snapshot_free(snapshot[i]);
    ws_machine_free(machine);
}
END_TEST

START_TEST(two_machines_do_not_meet)
{
    const char *a = guests.name[_i], *b = guests.name[(_i + 1) % guests.count];
    struct ws_machine *first = guest_load(a), *second = guest_load(b), *alone = guest_load(a);
    for (int i = 0; i < 50; i++) {
        ws_machine_run(first, 211);
        ws_machine_run(second, 307);
    }
    ws_machine_run(alone, 50 * 211);
    ck_assert_uint_eq(ws_machine_mark(first), ws_machine_mark(alone));
    ck_assert_msg(ws_machine_hash(first) == ws_machine_hash(alone), "%s beside %s is not %s alone", a, b, a);
    ws_machine_free(first);
    ws_machine_free(second);
    ws_machine_free(alone);
}
END_TEST

/* -- blocks that are longer one way than the other --------------------------------------------- */

/* With calls for single instructions the engine translates fewer of them at once: then `in` is in another block, and
 * only the longer one has a reason to be executed in step mode. */
START_TEST(ways_of_running_do_not_alternate_for_ever)
{
    enum { NOPS = 500, IN = 4, JMP_BYTES = 5, ROUND = NOPS + IN + 1, ROUNDS = 20 };
    uint8_t code[NOPS + IN + JMP_BYTES];
    const int32_t back = -(int32_t)sizeof code;
    memset(code, 0x90, sizeof code);
    memset(code + NOPS, 0xec, IN); /* in (%dx), %al */
    code[NOPS + IN] = 0xe9;
    memcpy(code + NOPS + IN + 1, &back, sizeof back);
    struct ws_machine *machine = machine_make(code, sizeof code);
    ws_machine_run(machine, ROUNDS * ROUND - NOPS / 2);
    for (int i = 0; i < NOPS / 2; i++)
        ws_machine_run(machine, 1);
    ck_assert_uint_eq(register_of(machine, WS_EIP), CODE);
    ck_assert_int_eq(ws_machine_run(machine, ROUNDS * ROUND), WS_STOP_COUNT);
    ck_assert_uint_eq(ws_machine_mark(machine), 2 * ROUNDS * ROUND);
    ck_assert_uint_eq(register_of(machine, WS_EIP), CODE);
    ws_machine_free(machine);
}
END_TEST

/* -- ends ------------------------------------------------------------------------------------- */

/* A run that ends by itself, and one that is stopped at the same mark, are in the same state: what the CPU looks at
 * before it gives up is no state. */
static const struct {
    const char *name;
    size_t size;
    uint8_t code[20];
} ends[] = {
    {"cli, hlt in no shadow", 5, {0xfb, 0x90, 0x90, 0xfa, 0xf4}},
    {"cli, hlt in the shadow of sti", 3, {0xfb, 0xfa, 0xf4}},
    {"hlt in the shadow of sti, all masked", 8, {0xb0, 0xff, 0xe6, 0x21, 0xe6, 0xa1, 0xfb, 0xf4}},
    {"hlt, all masked", 9, {0xb0, 0xff, 0xe6, 0x21, 0xe6, 0xa1, 0xfb, 0x90, 0xf4}},
    {"hlt in the shadow of mov ss", 5, {0x8c, 0xd0, 0x8e, 0xd0, 0xf4}},
    {"hlt behind it", 6, {0x8c, 0xd0, 0x8e, 0xd0, 0x90, 0xf4}},
    {"exit", 5, {0x31, 0xc0, 0xfb, 0xe6, 0xf4}},
    {"triple fault", 2, {0x0f, 0x0b}},
    {"triple fault in the shadow of mov ss", 6, {0x8c, 0xd0, 0x8e, 0xd0, 0x0f, 0x0b}},
};

START_TEST(an_end_is_a_mark_like_others)
{
    struct ws_machine *ended = machine_make(ends[_i].code, ends[_i].size),
                      *stopped = machine_make(ends[_i].code, ends[_i].size);
    ws_machine_run(ended, 0);
    ck_assert(ws_machine_halt(ended)->reason);
    ws_machine_run(stopped, ws_machine_mark(ended));
    ck_assert_msg(ws_machine_hash(ended) == ws_machine_hash(stopped), "%s", ends[_i].name);
    ck_assert_msg(ws_machine_halt(ended)->reason == ws_machine_halt(stopped)->reason, "%s", ends[_i].name);
    ws_machine_free(ended);
    ws_machine_free(stopped);
}
END_TEST

Suite *replay_suite(void)
{
    Suite *suite = suite_create("replay");
    TCase *programs = tcase_create("programs");
    tcase_set_tags(programs, "heavy");
    guests_find(&guests);
    tcase_add_loop_test(programs, stepping_equals_running, 0, guests.count);
    tcase_add_loop_test(programs, watching_changes_nothing, 0, guests.count);
    tcase_add_loop_test(programs, breakpoints_stop_both, 0, guests.count);
    tcase_add_loop_test(programs, snapshots_bring_it_back, 0, guests.count);
    tcase_add_loop_test(programs, two_machines_do_not_meet, 0, guests.count);
    suite_add_tcase(suite, programs);
    TCase *halts = tcase_create("ends");
    tcase_add_loop_test(halts, an_end_is_a_mark_like_others, 0, sizeof ends / sizeof ends[0]);
    suite_add_tcase(suite, halts);
    TCase *blocks = tcase_create("blocks");
    tcase_add_test(blocks, ways_of_running_do_not_alternate_for_ever);
    suite_add_tcase(suite, blocks);
    return suite;
}

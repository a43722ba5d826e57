/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timeline: any mark, in any order, always the same state.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/lab.h>
#include <worldswitch/timeline.h>

#include "timeline/internal.h"

/* The laboratory on a timeline. */
static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_watcher *watcher;
static struct ws_timeline *timeline;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, watcher), WS_OK);
}

static void teardown(void)
{
    ws_timeline_free(timeline);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

/* -- marks ------------------------------------------------------------------------------------- */

enum { VISITS = 120, STRIDE = 53 };

START_TEST(a_mark_shows_the_same_state_whenever_it_is_visited)
{
    uint64_t hash[VISITS];
    size_t serial[VISITS];
    for (unsigned at = 0; at < VISITS; at++) {
        hash[at] = ws_machine_hash(machine);
        ws_machine_serial(machine, &serial[at]);
        ck_assert_int_eq(ws_timeline_step(timeline, STRIDE), WS_SEEK_THERE);
    }
    unsigned at = 0;
    for (unsigned visit = 0; visit < 3 * VISITS; visit++) {
        size_t bytes;
        at = (at * 37 + 11) % VISITS;
        ck_assert_int_eq(ws_timeline_seek(timeline, at * STRIDE), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), at * STRIDE);
        ws_machine_serial(machine, &bytes);
        ck_assert_msg(ws_machine_hash(machine) == hash[at], "mark %u shows another state", at * STRIDE);
        ck_assert_msg(bytes == serial[at], "mark %u shows another serial output", at * STRIDE);
    }
}
END_TEST

START_TEST(one_back_undoes_one_forward)
{
    ws_timeline_seek(timeline, 500);
    for (unsigned at = 0; at < 60; at++) {
        uint64_t hash = ws_machine_hash(machine);
        ck_assert_int_eq(ws_timeline_step(timeline, 1), WS_SEEK_THERE);
        ck_assert_int_eq(ws_timeline_step(timeline, -1), WS_SEEK_THERE);
        ck_assert_msg(ws_machine_hash(machine) == hash, "at mark %u", 500 + at);
        ws_timeline_step(timeline, 1);
    }
}
END_TEST

START_TEST(there_is_nothing_before_the_start)
{
    ws_timeline_step(timeline, 5);
    uint64_t hash = ws_machine_hash(machine);
    ck_assert_int_eq(ws_timeline_step(timeline, -6), WS_SEEK_START);
    ck_assert_uint_eq(ws_timeline_mark(timeline), 5);
    ck_assert(ws_machine_hash(machine) == hash);
    ck_assert_int_eq(ws_timeline_step(timeline, -5), WS_SEEK_THERE);
    ck_assert_int_eq(ws_timeline_over_back(timeline), WS_SEEK_START);
    ck_assert_int_eq(ws_timeline_finish_back(timeline), WS_SEEK_START);
    ck_assert_int_eq(ws_timeline_previous_crossing(timeline, false), WS_SEEK_NONE);
    ck_assert_uint_eq(ws_timeline_mark(timeline), 0);
}
END_TEST

START_TEST(the_end_is_where_the_guest_halts)
{
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
    uint64_t end = ws_timeline_mark(timeline), hash = ws_machine_hash(machine);
    ck_assert_int_eq(ws_machine_halt(machine)->reason, WS_HALT_EXIT);
    ck_assert_int_eq(ws_timeline_step(timeline, 1), WS_SEEK_END);
    ck_assert_int_eq(ws_timeline_seek(timeline, end + 1), WS_SEEK_END);
    ck_assert_int_eq(ws_timeline_over(timeline), WS_SEEK_END);
    ck_assert_int_eq(ws_timeline_seek(timeline, 3), WS_SEEK_THERE);
    ck_assert_int_eq(ws_machine_halt(machine)->reason, WS_HALT_NONE);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
    ck_assert_uint_eq(ws_timeline_mark(timeline), end);
    ck_assert(ws_machine_hash(machine) == hash);
}
END_TEST

/* -- crossings --------------------------------------------------------------------------------- */

START_TEST(crossings_are_the_same_back_and_forth)
{
    enum { MOST = 64 };
    uint64_t begin[MOST];
    size_t count = 0, recorded;
    while (ws_timeline_next_crossing(timeline, false) == WS_SEEK_THERE && count < MOST)
        begin[count++] = ws_timeline_mark(timeline);
    ck_assert_uint_gt(count, 4);
    ws_timeline_crossings(timeline, &recorded);
    ck_assert_uint_eq(recorded, count);
    for (size_t at = count; at-- > 0;) {
        ck_assert_int_eq(ws_timeline_previous_crossing(timeline, false), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), begin[at]);
    }
    ck_assert_int_eq(ws_timeline_previous_crossing(timeline, false), WS_SEEK_NONE);
    ws_timeline_end(timeline);
    ws_timeline_crossings(timeline, &recorded);
    ck_assert_msg(recorded == count, "crossings were recorded twice: %zu instead of %zu", recorded, count);
}
END_TEST

START_TEST(world_switches_only)
{
    unsigned seen = 0;
    while (ws_timeline_next_crossing(timeline, true) == WS_SEEK_THERE) {
        size_t count;
        const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &count);
        ck_assert_int_eq(crossing[count - 1].kind, WS_CROSSING_WORLD);
        ck_assert_uint_eq(crossing[count - 1].begin, ws_timeline_mark(timeline));
        seen++;
    }
    ck_assert_uint_ge(seen, 3);
}
END_TEST

/* Going back in the midst of a switch that has not ended yet must not make the watcher lose or
 * double it. */
START_TEST(a_crossing_that_is_stepped_through_is_recorded_once)
{
    size_t count;
    ws_timeline_next_crossing(timeline, true);
    uint64_t begin = ws_timeline_mark(timeline);
    teardown();
    setup();
    ws_timeline_seek(timeline, begin + 30);
    ws_timeline_step(timeline, -20);
    ws_timeline_crossings(timeline, &count);
    ck_assert_uint_eq(count, 0);
    ws_timeline_step(timeline, 21);
    ws_timeline_step(timeline, -31);
    ws_timeline_seek(timeline, begin + 60);
    const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(crossing->begin, begin);
    ck_assert_uint_eq(crossing->instructions, 45);
}
END_TEST

/* -- events ------------------------------------------------------------------------------------ */

static bool any_event(void *context, struct ws_machine *at, const struct ws_event *event)
{
    (void)context;
    (void)at;
    (void)event;
    return true;
}

static bool no_event(void *context, struct ws_machine *at, const struct ws_event *event)
{
    return !any_event(context, at, event);
}

START_TEST(events_are_found_in_both_directions)
{
    struct ws_query query = {.kinds = WS_EVENT_MASK(CONTROL_REGISTER), .match = any_event};
    enum { WANTED = 12 };
    uint64_t mark[WANTED];
    for (unsigned at = 0; at < WANTED; at++) {
        ck_assert_int_eq(ws_timeline_next(timeline, &query), WS_SEEK_THERE);
        mark[at] = ws_timeline_mark(timeline);
        ck_assert(at == 0 || mark[at] > mark[at - 1]);
    }
    for (unsigned at = WANTED - 1; at-- > 0;) {
        ck_assert_int_eq(ws_timeline_previous(timeline, &query), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), mark[at]);
    }
    ck_assert_int_eq(ws_timeline_previous(timeline, &query), WS_SEEK_NONE);
    ck_assert_uint_eq(ws_timeline_mark(timeline), mark[0]);
    query.match = no_event;
    ck_assert_int_eq(ws_timeline_next(timeline, &query), WS_SEEK_END);
}
END_TEST

START_TEST(over_takes_a_call_as_one)
{
    struct ws_query call = {.kinds = WS_EVENT_MASK(CALL), .match = any_event};
    unsigned returned = 0;
    while (returned < 20) {
        ck_assert_int_eq(ws_timeline_next(timeline, &call), WS_SEEK_THERE);
        uint64_t before = ws_timeline_mark(timeline);
        if (ws_timeline_over(timeline) != WS_SEEK_THERE) { /* a main routine, which never returns */
            ws_timeline_seek(timeline, before);
            continue;
        }
        uint64_t behind = ws_timeline_mark(timeline);
        returned++;
        ck_assert_msg(behind > before + 1, "over went only to mark %u", (unsigned)behind);
        ck_assert_int_eq(ws_timeline_over_back(timeline), WS_SEEK_THERE);
        ck_assert_msg(ws_timeline_mark(timeline) == before, "from mark %u over back to %u, not %u", (unsigned)behind,
                      (unsigned)ws_timeline_mark(timeline), (unsigned)before);
        /* into it and out of it */
        ws_timeline_step(timeline, 1);
        ck_assert_int_eq(ws_timeline_finish(timeline), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), behind);
        ws_timeline_seek(timeline, behind - 1);
        ck_assert_int_eq(ws_timeline_finish_back(timeline), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), before + 1);
        ws_timeline_seek(timeline, before);
    }
}
END_TEST

START_TEST(breakpoints_stop_journeys_in_both_directions)
{
    struct ws_query nothing = {.kinds = WS_EVENT_MASK(HALT), .match = no_event};
    size_t count;
    ws_timeline_next_crossing(timeline, true);
    uint64_t first = ws_timeline_mark(timeline);
    uint32_t linear = ws_machine_eip_linear(machine);
    ck_assert_int_eq(ws_timeline_break_toggle(timeline, linear), WS_OK);
    ws_timeline_breaks(timeline, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ws_timeline_next(timeline, &nothing), WS_SEEK_BREAKPOINT);
    uint64_t second = ws_timeline_mark(timeline);
    ck_assert_uint_gt(second, first);
    ck_assert_uint_eq(ws_machine_eip_linear(machine), linear);
    ws_timeline_step(timeline, 100);
    ck_assert_int_eq(ws_timeline_previous(timeline, &nothing), WS_SEEK_BREAKPOINT);
    ck_assert_uint_eq(ws_timeline_mark(timeline), second);
    ck_assert_int_eq(ws_timeline_previous(timeline, &nothing), WS_SEEK_BREAKPOINT);
    ck_assert_uint_eq(ws_timeline_mark(timeline), first);
    ws_timeline_seek(timeline, 0);
    ck_assert_int_eq(ws_timeline_next(timeline, &nothing), WS_SEEK_BREAKPOINT);
    ck_assert_uint_eq(ws_timeline_mark(timeline), first);
    ws_timeline_break_toggle(timeline, linear);
    ck_assert(!ws_machine_break_at(machine, linear));
    ck_assert_int_eq(ws_timeline_next(timeline, &nothing), WS_SEEK_END);
}
END_TEST

/* -- a guest that never ends ------------------------------------------------------------------- */

static void endless_setup(void)
{
    static const uint8_t code[] = {0x40, 0xa3, 0x00, 0x00, 0x20, 0x00, 0xeb, 0xf8}; /* inc; store; jmp */
    ck_assert_int_eq(ws_machine_new(&machine, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x100000, code, sizeof code), WS_OK);
    ck_assert_int_eq(ws_machine_start(machine, 0x100000, 0, 0), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, NULL), WS_OK);
}

static void endless_teardown(void)
{
    ws_timeline_free(timeline);
    ws_machine_free(machine);
}

static bool asked(void *context, uint64_t mark)
{
    (void)mark;
    return --*(int *)context == 0;
}

START_TEST(a_long_journey_can_be_interrupted)
{
    int questions = 3;
    ws_timeline_interruptible(timeline, asked, &questions);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_INTERRUPTED);
    uint64_t mark = ws_timeline_mark(timeline);
    ck_assert_uint_gt(mark, 0);
    ck_assert_uint_le(mark, 3 * WS__PIECE);
    ck_assert_int_eq(ws_timeline_step(timeline, -1), WS_SEEK_THERE);
    ck_assert_uint_eq(ws_timeline_mark(timeline), mark - 1);
}
END_TEST

/* Each of these would run for ever. */
START_TEST(what_never_comes_can_be_bounded)
{
    enum { BOUND = 1000 };
    const struct ws_query query = {.kinds = WS_EVENT_MASK(VECTOR), .match = any_event};
    const struct ws_watch watch = {.kind = WS_WATCH_REGISTER, .which = WS_CR3};
    ws_timeline_bound(timeline, BOUND);
    for (unsigned way = 0; way < 5; way++) {
        ck_assert_int_eq(ws_timeline_seek(timeline, 10 + way), WS_SEEK_THERE);
        enum ws_seek seek = way == 0   ? ws_timeline_end(timeline)
                            : way == 1 ? ws_timeline_next(timeline, &query)
                            : way == 2 ? ws_timeline_next_change(timeline, &watch)
                            : way == 3 ? ws_timeline_finish(timeline)
                                       : ws_timeline_next_crossing(timeline, false);
        ck_assert_msg(seek == WS_SEEK_BOUND, "way %u: %d", way, (int)seek);
        ck_assert_uint_eq(ws_timeline_mark(timeline), BOUND + 10 + way); /* the frontier is one short of it */
    }
    ck_assert_int_eq(ws_timeline_seek(timeline, 9 * BOUND), WS_SEEK_THERE); /* a mark does come */
    ck_assert_int_eq(ws_timeline_seek(timeline, 10), WS_SEEK_THERE);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_BOUND);
    ck_assert_uint_eq(ws_timeline_mark(timeline), 9 * BOUND + 1); /* beyond what is known */
    ws_timeline_bound(timeline, 0);
    int questions = 3;
    ws_timeline_interruptible(timeline, asked, &questions);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_INTERRUPTED);
}
END_TEST

START_TEST(an_end_within_the_bound_is_an_end)
{
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
    uint64_t end = ws_timeline_mark(timeline);
    ws_timeline_bound(timeline, 10);
    ck_assert_int_eq(ws_timeline_seek(timeline, 0), WS_SEEK_THERE);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END); /* it is known, however far */
    ck_assert_uint_eq(ws_timeline_mark(timeline), end);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
}
END_TEST

START_TEST(a_long_run_keeps_a_bounded_number_of_snapshots)
{
    enum { FAR = 4000000 };
    ck_assert_int_eq(ws_timeline_seek(timeline, FAR / 2), WS_SEEK_THERE);
    uint64_t middle = ws_machine_hash(machine);
    ck_assert_int_eq(ws_timeline_seek(timeline, FAR), WS_SEEK_THERE);
    ck_assert_uint_le(timeline->history.count, WS__SNAPSHOTS);
    ck_assert_uint_gt(timeline->history.count, 8);
    ck_assert_uint_eq(ws_snapshot_mark(timeline->history.snapshot[0]), 0);
    for (size_t at = 1; at < timeline->history.count; at++)
        ck_assert(ws_snapshot_mark(timeline->history.snapshot[at]) >
                  ws_snapshot_mark(timeline->history.snapshot[at - 1]));
    ck_assert_int_eq(ws_timeline_seek(timeline, FAR / 2), WS_SEEK_THERE);
    ck_assert(ws_machine_hash(machine) == middle);
    struct ws_registers registers;
    ws_machine_registers(machine, &registers);
    ck_assert_uint_eq(registers.value[WS_EAX], (FAR / 2 + 2) / 3);
}
END_TEST

Suite *timeline_suite(void);

Suite *timeline_suite(void)
{
    Suite *suite = suite_create("timeline");
    TCase *on_lab = tcase_create("on the laboratory");
    tcase_add_checked_fixture(on_lab, setup, teardown);
    tcase_add_test(on_lab, a_mark_shows_the_same_state_whenever_it_is_visited);
    tcase_add_test(on_lab, one_back_undoes_one_forward);
    tcase_add_test(on_lab, there_is_nothing_before_the_start);
    tcase_add_test(on_lab, the_end_is_where_the_guest_halts);
    tcase_add_test(on_lab, crossings_are_the_same_back_and_forth);
    tcase_add_test(on_lab, world_switches_only);
    tcase_add_test(on_lab, a_crossing_that_is_stepped_through_is_recorded_once);
    tcase_add_test(on_lab, events_are_found_in_both_directions);
    tcase_add_test(on_lab, over_takes_a_call_as_one);
    tcase_add_test(on_lab, breakpoints_stop_journeys_in_both_directions);
    tcase_add_test(on_lab, an_end_within_the_bound_is_an_end);
    suite_add_tcase(suite, on_lab);
    TCase *endless = tcase_create("endless");
    tcase_add_checked_fixture(endless, endless_setup, endless_teardown);
    tcase_add_test(endless, a_long_journey_can_be_interrupted);
    tcase_add_test(endless, what_never_comes_can_be_bounded);
    tcase_add_test(endless, a_long_run_keeps_a_bounded_number_of_snapshots);
    suite_add_tcase(suite, endless);
    return suite;
}

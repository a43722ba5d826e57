/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints with conditions: each journey stops where a search for the same thing would find it, in both directions.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/lab.h>
#include <worldswitch/timeline.h>

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_watcher *watcher;
static struct ws_timeline *timeline;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_watcher_new(&watcher, machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, watcher), WS_OK);
}

static void teardown(void)
{
    ws_timeline_free(timeline);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

static const struct ws_break row_table[] = {
    {.kind = WS_BREAK_EVENT, .kinds = WS_EVENT_MASK(VECTOR), .any = true, .text = "vector"},
    {.kind = WS_BREAK_EVENT, .kinds = WS_EVENT_MASK(VECTOR), .value = 14, .text = "vector=14"},
    {.kind = WS_BREAK_EVENT, .kinds = WS_EVENT_MASK(CONTROL_REGISTER), .value = WS_CR3, .text = "cr3"},
    {.kind = WS_BREAK_CHANGE, .watch = {.kind = WS_WATCH_REGISTER, .which = WS_CR2}, .text = "cr2"},
    {.kind = WS_BREAK_CHANGE, .watch = {.kind = WS_WATCH_REGISTER, .which = WS_TR}, .text = "tr"},
    {.kind = WS_BREAK_WORLD, .world = "vmm", .text = "world=vmm"},
    {.kind = WS_BREAK_CROSSING, .value = WS_CROSSING_CONTEXT, .text = "crossing=context"},
    {.kind = WS_BREAK_CROSSING, .any = true, .text = "crossing"},
};
enum { ROWS = sizeof row_table / sizeof row_table[0] };

static bool event_meets(void *context, struct ws_machine *of, const struct ws_event *event)
{
    const struct ws_break *row = context;
    (void)of;
    return row->any || row->value == event->which;
}

/* The marks of a condition, found without conditions. */
static size_t marks_find(const struct ws_break *row, uint64_t *mark, size_t room)
{
    struct ws_query query = {.kinds = row->kinds, .match = event_meets, .context = (void *)(uintptr_t)row};
    size_t count = 0, crossings;
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
    const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &crossings);
    for (size_t at = 0; at < crossings; at++) {
        bool world = row->kind == WS_BREAK_WORLD && crossing[at].kind == WS_CROSSING_WORLD &&
                     !strcmp(crossing[at].to, row->world);
        bool kind = row->kind == WS_BREAK_CROSSING && (row->any || crossing[at].kind == row->value);
        if ((world || kind) && count < room)
            mark[count++] = world ? crossing[at].end : crossing[at].begin;
    }
    if (row->kind == WS_BREAK_WORLD || row->kind == WS_BREAK_CROSSING)
        return count;
    ck_assert_int_eq(ws_timeline_seek(timeline, 0), WS_SEEK_THERE);
    while (count < room &&
           (row->kind == WS_BREAK_EVENT ? ws_timeline_next(timeline, &query)
                                        : ws_timeline_next_change(timeline, &row->watch)) == WS_SEEK_THERE)
        mark[count++] = ws_timeline_mark(timeline);
    return count;
}

/* Walking stops at each of them, whether the run has been there before or not, and at nothing else. */
START_TEST(walking_stops_at_each)
{
    enum { MOST = 64 };
    const struct ws_break *row = &row_table[_i % ROWS];
    uint64_t mark[MOST];
    bool fresh = _i >= ROWS;
    size_t count = marks_find(row, mark, MOST), rows;
    ck_assert_msg(count > 1, "%s", row->text);
    if (fresh) { /* the same run, never seen */
        teardown();
        setup();
    }
    ck_assert_int_eq(ws_timeline_seek(timeline, 0), WS_SEEK_THERE);
    ck_assert_int_eq(ws_timeline_condition_add(timeline, row), WS_OK);
    for (size_t at = 0; at < count; at++) {
        ck_assert_msg(ws_timeline_walk(timeline, 10000000) == WS_SEEK_BREAKPOINT, "%s: the %zuth", row->text, at);
        ck_assert_msg(ws_timeline_mark(timeline) == mark[at], "%s: %llu is not %llu", row->text,
                      (unsigned long long)ws_timeline_mark(timeline), (unsigned long long)mark[at]);
        ck_assert_ptr_nonnull(ws_timeline_condition_met(timeline));
        ck_assert_str_eq(ws_timeline_condition_met(timeline)->text, row->text);
    }
    if (count < MOST)
        ck_assert_int_eq(ws_timeline_walk(timeline, 10000000), WS_SEEK_END);
    ws_timeline_conditions(timeline, &rows);
    ck_assert_uint_eq(rows, 1);
    ws_timeline_condition_remove(timeline, 0);
    ck_assert_int_eq(ws_timeline_seek(timeline, 0), WS_SEEK_THERE);
    ck_assert_int_eq(ws_timeline_walk(timeline, 10000000), WS_SEEK_END);
}
END_TEST

/* A journey for something else stops at the condition, if that comes first; and so does one back. */
START_TEST(journeys_stop)
{
    const struct ws_break *row = &row_table[_i];
    uint64_t mark[64];
    size_t count = marks_find(row, mark, 64), crossings;
    const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &crossings);
    ck_assert_uint_gt(crossings, 3);
    ck_assert_int_eq(ws_timeline_condition_add(timeline, row), WS_OK);
    for (size_t at = 0; at + 1 < crossings && at < 12; at++) {
        uint64_t from = crossing[at].begin, to = crossing[at + 1].begin, first = UINT64_MAX, last = 0;
        for (size_t which = 0; which < count; which++) {
            if (mark[which] > from && mark[which] < first)
                first = mark[which];
            if (mark[which] >= from && mark[which] < to)
                last = mark[which];
        }
        ck_assert_int_eq(ws_timeline_seek(timeline, from), WS_SEEK_THERE);
        enum ws_seek seek = ws_timeline_next_crossing(timeline, false);
        ck_assert_uint_eq(ws_timeline_mark(timeline), first < to ? first : to);
        ck_assert_int_eq(seek, first < to ? WS_SEEK_BREAKPOINT : WS_SEEK_THERE);
        ck_assert_int_eq(ws_timeline_seek(timeline, to), WS_SEEK_THERE);
        ws_timeline_previous_crossing(timeline, false);
        ck_assert_uint_eq(ws_timeline_mark(timeline), last ? last : from);
    }
}
END_TEST

/* A crossing is known when it has ended.  A condition in it does not come before its beginning, though. */
START_TEST(a_crossing_begins_before_what_is_in_it)
{
    uint64_t mark[64];
    size_t count = marks_find(&row_table[2], mark, 64), crossings;
    const struct ws_crossing *known = ws_timeline_crossings(timeline, &crossings);
    struct ws_crossing crossing[4];
    memcpy(crossing, known, sizeof crossing);
    teardown();
    setup();
    ck_assert_int_eq(ws_timeline_condition_add(timeline, &row_table[2]), WS_OK);
    uint64_t now = 0;
    for (size_t at = 0, next = 0; at < count && next < 4; now = ws_timeline_mark(timeline)) {
        bool begins = crossing[next].begin < mark[at];
        ck_assert_int_eq(ws_timeline_next_crossing(timeline, false), begins ? WS_SEEK_THERE : WS_SEEK_BREAKPOINT);
        ck_assert_uint_eq(ws_timeline_mark(timeline), begins ? crossing[next].begin : mark[at]);
        next += begins;
        at += !begins;
    }
    ck_assert_uint_gt(now, crossing[2].begin);
}
END_TEST

START_TEST(conditions_that_make_no_sense_are_refused)
{
    struct ws_break row = {.kind = WS_BREAK_CHANGE, .watch = {.kind = WS_WATCH_MEMORY, .bytes = 4, .phys = 0xfffffff0}};
    size_t count;
    ck_assert_int_eq(ws_timeline_condition_add(timeline, &row), WS_BAD_ARGUMENT);
    for (unsigned at = 0; at < WS_TIMELINE_BREAKS; at++)
        ck_assert_int_eq(ws_timeline_condition_add(timeline, &row_table[0]), WS_OK);
    ck_assert_int_eq(ws_timeline_condition_add(timeline, &row_table[0]), WS_BAD_ARGUMENT);
    ws_timeline_condition_remove(timeline, WS_TIMELINE_BREAKS);
    ws_timeline_conditions(timeline, &count);
    ck_assert_uint_eq(count, WS_TIMELINE_BREAKS);
}
END_TEST

Suite *breaks_suite(void);

Suite *breaks_suite(void)
{
    Suite *suite = suite_create("breaks");
    TCase *tests = tcase_create("breaks");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, walking_stops_at_each, 0, 2 * ROWS);
    tcase_add_loop_test(tests, journeys_stop, 0, ROWS);
    tcase_add_test(tests, a_crossing_begins_before_what_is_in_it);
    tcase_add_test(tests, conditions_that_make_no_sense_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visualizer of a session with checkpoints: what it shows behind a jump, and once it has looked
 * back, is what it shows to somebody who has run all the way.
 */
#include <stdio.h>

#include <worldswitch/timeline.h>

#include "timeline/checkpointed.h"
#include "timeline/internal.h"
#include "tui/screen_text.h"

Suite *jump_suite(void);

struct seat {
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    struct ws_watcher *watcher;
    struct ws__viewer *viewer;
};

static struct seat seat_take(struct ws_session *record)
{
    struct seat seat;
    ck_assert_int_eq(ws_symbols_new(&seat.symbols), WS_OK);
    ck_assert_int_eq(ws_session_machine(record, NULL, NULL, &seat.machine, seat.symbols, NULL), WS_OK);
    ck_assert_int_eq(ws_hosted_symbols(seat.symbols, record->image.data, record->image.size), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&seat.watcher, seat.machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(seat.watcher, seat.symbols), WS_OK);
    struct ws_tui_options options = {
        .machine = seat.machine, .watcher = seat.watcher, .symbols = seat.symbols, .record = record};
    ck_assert_int_eq(ws__viewer_new(&seat.viewer, &options), WS_OK);
    seat.viewer->timeline->worth = 1000000;
    ws__viewer_arrive(seat.viewer);
    return seat;
}

static void seat_leave(struct seat *seat)
{
    ws__viewer_free(seat->viewer);
    ws_watcher_free(seat->watcher);
    ws_symbols_free(seat->symbols);
    ws_machine_free(seat->machine);
}

static void line_type(struct seat *seat, const char *line)
{
    ws__viewer_key(seat->viewer, ":");
    for (char key[2] = ""; (key[0] = *line); line++)
        ws__viewer_key(seat->viewer, key);
    ws__viewer_key(seat->viewer, "Enter");
}

static void same_screen_expect(struct seat *jumps, struct seat *runs, const char *panel)
{
    ws__viewer_key(jumps->viewer, panel);
    ws__viewer_key(runs->viewer, panel);
    char *seen = screen_text(jumps->viewer), *wanted = screen_text(runs->viewer);
    ck_assert_msg(strcmp(seen, wanted) == 0, "panel %s:\n%s\nnot\n%s", panel, seen, wanted);
    free(seen);
    free(wanted);
}

static void back_both(struct seat *jumps, struct seat *runs)
{
    ws__viewer_key(jumps->viewer, "C");
    ws__viewer_key(runs->viewer, "C");
    ck_assert_uint_eq(jumps->viewer->state.mark, runs->viewer->state.mark);
}

static void both_go(struct seat *jumps, struct seat *runs, uint64_t mark)
{
    char line[32];
    snprintf(line, sizeof line, "%llu", (unsigned long long)mark);
    line_type(jumps, line);
    line_type(runs, line);
    ck_assert_uint_eq(jumps->viewer->state.mark, mark);
    ck_assert_uint_eq(runs->viewer->state.mark, mark);
}

START_TEST(screens)
{
    size_t seen;
    hosted_take();
    checkpoints_make(6);
    ck_assert_uint_eq(session->end, other->end);
    while (session->checkpoints)
        ws_buffer_release(&session->checkpoint[--session->checkpoints].state);
    struct seat jumps = seat_take(other), runs = seat_take(session);
    both_go(&jumps, &runs, other->end - 500000);
    ck_assert_uint_gt(jumps.viewer->state.watched, 0);
    ck_assert_uint_eq(runs.viewer->state.watched, 0);
    /* Not panel 3: its sides stand in the order in which they were seen. */
    for (const char *panel = "124"; *panel; panel++)
        same_screen_expect(&jumps, &runs, (char[]){*panel, '\0'});
    /* One back among those that were seen, and from the first of them one back: now all are known. */
    back_both(&jumps, &runs);
    const struct ws_crossing *first = ws_timeline_crossings(jumps.viewer->timeline, &seen);
    ck_assert_uint_gt(seen, 1);
    both_go(&jumps, &runs, first->begin + 1);
    back_both(&jumps, &runs);
    ck_assert_uint_gt(jumps.viewer->state.watched, 0);
    back_both(&jumps, &runs);
    ck_assert_uint_eq(jumps.viewer->state.watched, 0);
    ck_assert_uint_eq(jumps.viewer->state.crossings, runs.viewer->state.crossings);
    for (const char *panel = "1234567"; *panel; panel++)
        same_screen_expect(&jumps, &runs, (char[]){*panel, '\0'});
    both_go(&jumps, &runs, other->end - 500000);
    same_screen_expect(&jumps, &runs, "7");
    seat_leave(&jumps);
    seat_leave(&runs);
}
END_TEST

/* Names that the person gives are the recording's. */
START_TEST(names)
{
    uint64_t mark;
    lab_take();
    struct seat seat = seat_take(session);
    seat.viewer->options.records = true;
    line_type(&seat, "2500");
    ws__viewer_key(seat.viewer, "m");
    ws__viewer_key(seat.viewer, "q");
    line_type(&seat, "here=what is to be seen");
    line_type(&seat, "1x=no name");
    ck_assert_ptr_nonnull(strstr(seat.viewer->state.message, "is no name"));
    ck_assert_uint_eq(session->marks, 2);
    ck_assert_int_eq(ws_session_mark_find(session, "q", &mark), WS_OK);
    ck_assert_uint_eq(mark, 2500);
    ck_assert_str_eq(session->mark[1].name, "here");
    ck_assert_str_eq(session->mark[1].note, "what is to be seen");
    ck_assert(!seat.viewer->leave);
    seat_leave(&seat);
}
END_TEST

Suite *jump_suite(void)
{
    Suite *suite = suite_create("jump");
    TCase *tests = tcase_create("jump");
    tcase_set_tags(tests, "heavy");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, screens);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return suite;
}

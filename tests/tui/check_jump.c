/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The visualizer of a session with checkpoints: what it shows behind a jump, and once it has looked
 * back, is what it shows to somebody who has run all the way.
 */
#include <stdio.h>

#include <worldswitch/timeline.h>

#include "timeline/checkpointed.h"
#include "timeline/internal.h"
#include "tui/viewer.h"

Suite *jump_suite(void);

struct seat {
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    struct ws_watcher *watcher;
    struct ws__session *session;
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
    ck_assert_int_eq(ws__session_new(&seat.session, &options), WS_OK);
    seat.session->timeline->worth = 1000000;
    ws__session_arrive(seat.session);
    return seat;
}

static void seat_leave(struct seat *seat)
{
    ws__session_free(seat->session);
    ws_watcher_free(seat->watcher);
    ws_symbols_free(seat->symbols);
    ws_machine_free(seat->machine);
}

static void line_type(struct seat *seat, const char *line)
{
    ws__session_key(seat->session, ":");
    for (char key[2] = ""; (key[0] = *line); line++)
        ws__session_key(seat->session, key);
    ws__session_key(seat->session, "Enter");
}

/* All that is on the screen; the caller frees it. */
static char *screen(const struct seat *seat)
{
    struct ws_rows rows;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_rows_init(&rows, 100, false);
    ws_view_screen(&rows, &seat->session->state);
    ws_rows_write(&rows, &text);
    ws_rows_release(&rows);
    return ws_buffer_detach(&text);
}

static void same_screen_expect(struct seat *jumps, struct seat *runs, const char *panel)
{
    ws__session_key(jumps->session, panel);
    ws__session_key(runs->session, panel);
    char *seen = screen(jumps), *wanted = screen(runs);
    ck_assert_msg(strcmp(seen, wanted) == 0, "panel %s:\n%s\nnot\n%s", panel, seen, wanted);
    free(seen);
    free(wanted);
}

START_TEST(screens)
{
    char line[32];
    hosted_take();
    checkpoints_make(6);
    ck_assert_uint_eq(session->end, other->end);
    while (session->checkpoints)
        ws_buffer_release(&session->checkpoint[--session->checkpoints].state);
    struct seat jumps = seat_take(other), runs = seat_take(session);
    snprintf(line, sizeof line, "%llu", (unsigned long long)(other->end - 500000));
    line_type(&jumps, line);
    line_type(&runs, line);
    ck_assert_uint_gt(jumps.session->state.watched, 0);
    ck_assert_uint_eq(runs.session->state.watched, 0);
    ck_assert_uint_eq(jumps.session->state.mark, other->end - 500000);
    /* Not panel 3: its sides stand in the order in which they were seen. */
    for (const char *panel = "124"; *panel; panel++)
        same_screen_expect(&jumps, &runs, (char[]){*panel, '\0'});
    /* To the first crossing that was seen, and one back: now all are known. */
    while (jumps.session->state.watched) {
        ws__session_key(jumps.session, "C");
        ws__session_key(runs.session, "C");
        ck_assert_uint_eq(jumps.session->state.mark, runs.session->state.mark);
    }
    ck_assert_uint_eq(jumps.session->state.crossings, runs.session->state.crossings);
    for (const char *panel = "1234567"; *panel; panel++)
        same_screen_expect(&jumps, &runs, (char[]){*panel, '\0'});
    line_type(&jumps, line);
    line_type(&runs, line);
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
    seat.session->options.records = true;
    line_type(&seat, "2500");
    ws__session_key(seat.session, "m");
    ws__session_key(seat.session, "q");
    line_type(&seat, "here=what is to be seen");
    line_type(&seat, "1x=no name");
    ck_assert_ptr_nonnull(strstr(seat.session->state.message, "is no name"));
    ck_assert_uint_eq(session->marks, 2);
    ck_assert_int_eq(ws_session_mark_find(session, "q", &mark), WS_OK);
    ck_assert_uint_eq(mark, 2500);
    ck_assert_str_eq(session->mark[1].name, "here");
    ck_assert_str_eq(session->mark[1].note, "what is to be seen");
    ck_assert(!seat.session->leave);
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpoints of sessions: what one sees behind them is what one sees who has run all the way.
 */
#include <worldswitch/timeline.h>

#include "timeline/checkpointed.h"
#include "timeline/session_file.h"

Suite *checkpoint_suite(void);

/* -- one by one -------------------------------------------------------------------------------- */

static void event_add(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    uint64_t *sum = context;
    const uint64_t part[] = {event->mark, event->linear, event->which, event->before, event->after,  event->esp,
                             event->kind, event->cpl,    event->bytes, event->write,  event->origin, event->error_code};
    (void)machine;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        *sum = (*sum ^ part[i]) * UINT64_C(0x9e3779b97f4a7c15) + (*sum >> 31);
}

/* Run on for a while; what happens. */
static uint64_t events_of(struct ws_machine *machine, uint64_t instructions)
{
    uint64_t sum = 1;
    ck_assert_int_eq(ws_machine_listen(machine, UINT32_MAX, event_add, &sum), WS_OK);
    ws_machine_run(machine, instructions);
    ws_machine_unlisten(machine, event_add, &sum);
    return sum;
}

/* Each checkpoint shows the state of a run without, and goes on as that one does. */
static void each_expect(uint64_t instructions)
{
    struct ws_machine *straight = machine_of(session);
    struct ws_snapshot *here;
    for (size_t i = 0; i < other->checkpoints; i++) {
        struct ws_machine *copy = machine_of(other);
        uint64_t mark = other->checkpoint[i].mark;
        ws_machine_run(straight, mark - ws_machine_mark(straight));
        ck_assert_int_eq(ws_session_checkpoint_go(other, i, copy), WS_OK);
        ck_assert_uint_eq(ws_machine_mark(copy), mark);
        ck_assert_uint_eq(ws_machine_hash(copy), ws_machine_hash(straight));
        ck_assert_int_eq(ws_snapshot_take(&here, straight), WS_OK);
        ck_assert_uint_eq(events_of(copy, instructions), events_of(straight, instructions));
        ck_assert_uint_eq(ws_machine_hash(copy), ws_machine_hash(straight));
        ws_snapshot_restore(here, straight);
        ws_snapshot_free(here);
        ws_machine_free(copy);
    }
    ws_machine_free(straight);
}

START_TEST(lab)
{
    lab_take();
    checkpoints_make(20);
    each_expect(0);
}
END_TEST

START_TEST(serial_input)
{
    adder_take();
    checkpoints_make(25);
    each_expect(20000);
    ck_assert_uint_eq(other->inputs, 9);
}
END_TEST

START_TEST(hosted)
{
    hosted_take();
    checkpoints_make(5);
    each_expect(300000);
}
END_TEST

/* A run that was gone through back and forth, and not to its end. */
START_TEST(visited)
{
    lab_take();
    struct ws_machine *machine = machine_of(session);
    struct ws_timeline *timeline;
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, NULL), WS_OK);
    ws_timeline_seek(timeline, 9000);
    ws_timeline_seek(timeline, 4321);
    session->spacing = 500;
    ck_assert_int_eq(ws_session_finish_visited(session, machine, 9000, NULL, NULL), WS_OK);
    ck_assert_uint_eq(session->end, 9000);
    ck_assert_uint_eq(session->checks, 18);
    checkpoints_make(5);                                   /* it is compared with these hashes */
    ws_machine_write_phys(machine, 0x80000, "another", 7); /* behind the guest's back */
    ck_assert_int_eq(ws_session_finish_visited(session, machine, 9000, NULL, NULL), WS_BAD_IMAGE);
    ws_timeline_free(timeline);
    ws_machine_free(machine);
}
END_TEST

/* -- what is wrong ----------------------------------------------------------------------------- */

static bool asked_once(void *context, uint64_t mark)
{
    unsigned *times = context;
    ck_assert_uint_gt(mark, 0);
    return ++*times == 2;
}

START_TEST(not_made)
{
    uint64_t mark[] = {1000, 2000, 3000}, late = 1000000;
    unsigned times = 0;
    lab_take();
    ck_assert_int_eq(ws_session_checkpoints_make(session, mark, 3, asked_once, &times), WS_INTERRUPTED);
    ck_assert_uint_eq(session->checkpoints, 0);
    ck_assert_int_eq(ws_session_checkpoints_make(session, &late, 1, NULL, NULL), WS_BAD_IMAGE);
    session->check[0] = (struct ws_session_check){.mark = 1500, .hash = 1};
    ck_assert_int_eq(ws_session_checkpoints_make(session, mark, 3, NULL, NULL), WS_BAD_IMAGE);
    ck_assert_uint_eq(session->checkpoints, 0);
}
END_TEST

/* A replay compares with them, too. */
START_TEST(compared)
{
    lab_take();
    checkpoints_make(3);
    struct ws_machine *machine = machine_of(other);
    uint64_t mark = other->checkpoint[1].mark;
    other->checkpoint[1].hash ^= 1;
    ck_assert_uint_eq(ws_session_next(other, other->checkpoint[0].mark, other->end), mark);
    ws_machine_run(machine, other->checkpoint[0].mark);
    ck_assert(!ws_session_contradicts(other, machine));
    ws_machine_run(machine, mark - ws_machine_mark(machine));
    ck_assert(ws_session_contradicts(other, machine));
    ws_machine_free(machine);
}
END_TEST

START_TEST(where)
{
    uint64_t mark[WS_SESSION_CHECKPOINTS];
    session->end = 100000000;
    ck_assert_uint_eq(ws_session_checkpoint_marks(session, 0, mark), 0);
    ck_assert_int_eq(ws_session_mark_set(session, "soon", 1000, ""), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(session, "late", 52000000, ""), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(session, "later", 77000000, ""), WS_OK);
    ck_assert_uint_eq(ws_session_checkpoint_marks(session, 0, mark), 2);
    ck_assert_uint_eq(mark[0], 50000000); /* some way in front */
    ck_assert_uint_eq(mark[1], 75000000);
    ck_assert_uint_eq(ws_session_checkpoint_marks(session, 3, mark), 3);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_uint_eq(mark[i], 25000000 * (i + 1));
    ck_assert_uint_eq(ws_session_checkpoint_marks(session, 4, mark), 6);
    for (unsigned i = 0; i + 1 < 6; i++)
        ck_assert_uint_lt(mark[i], mark[i + 1]);
}
END_TEST

Suite *checkpoint_suite(void)
{
    Suite *suite = suite_create("checkpoints");
    TCase *behind = tcase_create("behind");
    tcase_set_tags(behind, "heavy");
    tcase_add_checked_fixture(behind, setup, teardown);
    tcase_add_test(behind, lab);
    tcase_add_test(behind, serial_input);
    tcase_add_test(behind, hosted);
    tcase_add_test(behind, visited);
    suite_add_tcase(suite, behind);
    TCase *wrong = tcase_create("wrong");
    tcase_add_checked_fixture(wrong, setup, teardown);
    tcase_add_test(wrong, not_made);
    tcase_add_test(wrong, compared);
    tcase_add_test(wrong, where);
    suite_add_tcase(suite, wrong);
    return suite;
}

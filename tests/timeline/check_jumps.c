/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timelines whose session has checkpoints: wherever one jumps, it is as if one had run there.
 */
#include <worldswitch/crossing.h>
#include <worldswitch/timeline.h>

#include "effort.h"
#include "timeline/checkpointed.h"
#include "timeline/internal.h"

Suite *jumps_suite(void);

struct stage {
    struct ws_machine *machine;
    struct ws_watcher *watcher;
    struct ws_timeline *timeline;
};

static struct stage stage_open(const struct ws_session *from, bool checkpoints)
{
    struct stage stage = {.machine = machine_of(from)};
    ck_assert_int_eq(ws_watcher_new(&stage.watcher, stage.machine), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&stage.timeline, stage.machine, stage.watcher), WS_OK);
    stage.timeline->worth = 1000;
    if (checkpoints)
        ck_assert_int_eq(ws_timeline_checkpoints(stage.timeline, from), WS_OK);
    return stage;
}

static void stage_close(struct stage *stage)
{
    ws_timeline_free(stage->timeline);
    ws_watcher_free(stage->watcher);
    ws_machine_free(stage->machine);
}

static void same_expect(const struct stage *jumps, const struct stage *runs)
{
    ck_assert_uint_eq(ws_timeline_mark(jumps->timeline), ws_timeline_mark(runs->timeline));
    ck_assert_uint_eq(ws_machine_hash(jumps->machine), ws_machine_hash(runs->machine));
}

/* Anywhere, in any order. */
START_TEST(seeks)
{
    hosted_take();
    checkpoints_make(6);
    struct stage jumps = stage_open(other, true), runs = stage_open(session, false);
    for (unsigned i = 0; i < effort_more(3, 10, 100); i++) {
        uint64_t mark = chance((uint32_t)other->end);
        ck_assert_int_eq(ws_timeline_seek(jumps.timeline, mark), WS_SEEK_THERE);
        ck_assert_int_eq(ws_timeline_seek(runs.timeline, mark), WS_SEEK_THERE);
        same_expect(&jumps, &runs);
        ck_assert_int_eq(ws_timeline_step(jumps.timeline, -1), ws_timeline_step(runs.timeline, -1));
        same_expect(&jumps, &runs);
    }
    stage_close(&jumps);
    stage_close(&runs);
}
END_TEST

static void crossings_expect(const struct stage *jumps, const struct stage *runs)
{
    size_t count, wanted;
    const struct ws_crossing *seen = ws_timeline_crossings(jumps->timeline, &count);
    const struct ws_crossing *all = ws_timeline_crossings(runs->timeline, &wanted);
    while (wanted && all->begin < ws_timeline_watched(jumps->timeline)) {
        all++;
        wanted--;
    }
    ck_assert_uint_eq(count, wanted);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(seen[i].begin, all[i].begin);
        ck_assert_uint_eq(seen[i].end, all[i].end);
        ck_assert_uint_eq(seen[i].kind, all[i].kind);
        ck_assert_uint_eq(seen[i].changed, all[i].changed);
    }
}

static unsigned anew;

static void anew_count(void *context)
{
    ck_assert_ptr_eq(context, &anew);
    anew++;
}

/* Behind a jump only what was seen is in the list; a caller that asks for more gets it. */
START_TEST(crossings)
{
    lab_take();
    checkpoints_make(5);
    struct stage jumps = stage_open(other, true), runs = stage_open(session, false);
    uint64_t last = other->checkpoint[4].mark, first = other->checkpoint[1].mark;
    anew = 0;
    ws_timeline_on_anew(jumps.timeline, anew_count, &anew);
    ck_assert_int_eq(ws_timeline_end(jumps.timeline), WS_SEEK_END);
    ck_assert_int_eq(ws_timeline_end(runs.timeline), WS_SEEK_END);
    same_expect(&jumps, &runs);
    ck_assert_uint_eq(anew, 1);
    ck_assert_uint_eq(ws_timeline_watched(jumps.timeline), last);
    crossings_expect(&jumps, &runs);
    ck_assert_int_eq(ws_timeline_seek(jumps.timeline, first), WS_SEEK_THERE);
    ck_assert_int_eq(ws_timeline_seek(runs.timeline, first), WS_SEEK_THERE);
    ck_assert_uint_eq(ws_timeline_watched(jumps.timeline), last);
    ck_assert_int_eq(ws_timeline_previous_crossing(jumps.timeline, false),
                     ws_timeline_previous_crossing(runs.timeline, false));
    same_expect(&jumps, &runs);
    ck_assert_uint_eq(ws_timeline_watched(jumps.timeline), 0);
    ck_assert_uint_eq(anew, 2);
    crossings_expect(&jumps, &runs);
    stage_close(&jumps);
    stage_close(&runs);
}
END_TEST

START_TEST(next_crossing)
{
    lab_take();
    checkpoints_make(5);
    struct stage jumps = stage_open(other, true), runs = stage_open(session, false);
    ws_timeline_seek(jumps.timeline, other->checkpoint[4].mark + 10);
    ws_timeline_seek(jumps.timeline, 5);
    ws_timeline_seek(runs.timeline, 5);
    for (int i = 0; i < 12; i++) {
        ck_assert_int_eq(ws_timeline_next_crossing(jumps.timeline, i % 2),
                         ws_timeline_next_crossing(runs.timeline, i % 2));
        same_expect(&jumps, &runs);
    }
    stage_close(&jumps);
    stage_close(&runs);
}
END_TEST

static bool any_match(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    return event->which == *(const uint32_t *)context;
}

/* Looking back passes over checkpoints as if there were none.  From the middle of the run, which is
 * reached sooner, or from its end if more is asked for. */
START_TEST(looking_back)
{
    uint32_t vector = 0x20;
    struct ws_query query = {WS_EVENT_MASK(VECTOR), any_match, &vector};
    struct ws_watch watch = {.kind = WS_WATCH_REGISTER, .which = WS_CR3};
    hosted_take();
    checkpoints_make(5);
    struct stage jumps = stage_open(other, true), runs = stage_open(session, false);
    uint64_t from = other->end / effort_more(2, 1, 1);
    ws_timeline_seek(jumps.timeline, from);
    ws_timeline_seek(runs.timeline, from);
    for (unsigned i = 0; i < effort(1, 12); i++) {
        ck_assert_int_eq(ws_timeline_previous(jumps.timeline, &query), ws_timeline_previous(runs.timeline, &query));
        same_expect(&jumps, &runs);
        ck_assert_int_eq(ws_timeline_previous_change(jumps.timeline, &watch),
                         ws_timeline_previous_change(runs.timeline, &watch));
        same_expect(&jumps, &runs);
        ck_assert_int_eq(ws_timeline_finish_back(jumps.timeline), ws_timeline_finish_back(runs.timeline));
        same_expect(&jumps, &runs);
    }
    stage_close(&jumps);
    stage_close(&runs);
}
END_TEST

/* Not gone to, and the way is the longer one. */
START_TEST(damaged)
{
    lab_take();
    checkpoints_make(4);
    struct ws_machine *machine = machine_of(other);
    uint64_t start = ws_machine_hash(machine);
    struct ws_buffer *broken = &other->checkpoint[2].state;
    broken->data[broken->size / 2] ^= 8; /* the next one may mend it */
    ck_assert_int_eq(ws_session_checkpoint_go(other, 2, machine), WS_BAD_IMAGE);
    ck_assert_uint_eq(ws_machine_hash(machine), start);
    broken->data[0] ^= 8; /* this it does not */
    ck_assert_int_eq(ws_session_checkpoint_go(other, 3, machine), WS_BAD_IMAGE);
    ck_assert_uint_eq(ws_machine_hash(machine), start);
    ck_assert_int_eq(ws_session_checkpoint_go(other, 2, machine), WS_BAD_IMAGE);
    ck_assert_int_eq(ws_session_checkpoint_go(other, 1, machine), WS_OK);
    ws_machine_free(machine);
    struct stage jumps = stage_open(other, true), runs = stage_open(session, false);
    ck_assert_int_eq(ws_timeline_end(jumps.timeline), WS_SEEK_END);
    ck_assert_int_eq(ws_timeline_end(runs.timeline), WS_SEEK_END);
    ck_assert_uint_eq(ws_timeline_watched(jumps.timeline), other->checkpoint[1].mark);
    same_expect(&jumps, &runs);
    stage_close(&jumps);
    stage_close(&runs);
    other->checkpoint[1].hash ^= 1;
    jumps = stage_open(other, true);
    ws_timeline_end(jumps.timeline);
    ck_assert_uint_eq(ws_timeline_watched(jumps.timeline), other->checkpoint[0].mark);
    stage_close(&jumps);
}
END_TEST

Suite *jumps_suite(void)
{
    Suite *suite = suite_create("jumps");
    TCase *jumps = tcase_create("jumps");
    tcase_set_tags(jumps, "heavy");
    tcase_add_checked_fixture(jumps, setup, teardown);
    tcase_add_test(jumps, seeks);
    tcase_add_test(jumps, crossings);
    tcase_add_test(jumps, next_crossing);
    tcase_add_test(jumps, looking_back);
    tcase_add_test(jumps, damaged);
    suite_add_tcase(suite, jumps);
    return suite;
}

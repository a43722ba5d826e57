/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The panel of figure 7-10 at the hosted system: what it shows is a function of the mark, and true.
 */
#include "effort.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/hosted.h>
#include <worldswitch/lab.h>

#include "tui/viewer.h"

Suite *hosted_panel_suite(void);

struct seat {
    struct ws_machine *machine;
    struct ws_symbols *symbols;
    struct ws_watcher *watcher;
    struct ws__viewer *viewer;
};

static void seat_take_vms(struct seat *seat, unsigned vms)
{
    struct ws_buffer disk = WS_BUFFER_INIT;
    size_t bytes;
    const void *delivered = ws_hosted_disk(&bytes);
    ws_buffer_append(&disk, delivered, bytes);
    ck_assert_int_eq(ws_hosted_disk_vms(&disk, vms), WS_OK);
    ck_assert_int_eq(ws_machine_new(&seat->machine, NULL), WS_OK);
    ck_assert_int_eq(ws_symbols_new(&seat->symbols), WS_OK);
    ck_assert_int_eq(ws_hosted_boot(seat->machine, seat->symbols), WS_OK);
    ck_assert_int_eq(ws_machine_disk_attach_memory(seat->machine, disk.data, disk.size), WS_OK);
    ws_buffer_release(&disk);
    ck_assert_int_eq(ws_watcher_new(&seat->watcher, seat->machine), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(seat->watcher, seat->symbols), WS_OK);
    struct ws_tui_options options = {.machine = seat->machine, .watcher = seat->watcher, .symbols = seat->symbols};
    ck_assert_int_eq(ws__viewer_new(&seat->viewer, &options), WS_OK);
    ws__viewer_arrive(seat->viewer);
    ws__viewer_key(seat->viewer, "7");
}

static void seat_take(struct seat *seat)
{
    seat_take_vms(seat, 1);
}

static void seat_leave(struct seat *seat)
{
    ws__viewer_free(seat->viewer);
    ws_watcher_free(seat->watcher);
    ws_symbols_free(seat->symbols);
    ws_machine_free(seat->machine);
}

static const struct ws_view_state *visit(struct seat *seat, uint64_t mark)
{
    ck_assert_int_eq(ws_timeline_seek(seat->viewer->timeline, mark), WS_SEEK_THERE);
    ws__viewer_arrive(seat->viewer);
    ck_assert_uint_eq(seat->viewer->state.mark, mark);
    return &seat->viewer->state;
}

/* The panel as text; the caller frees it. */
static char *panel(const struct seat *seat)
{
    struct ws_rows rows;
    struct ws_buffer text = WS_BUFFER_INIT;
    ws_rows_init(&rows, 100, false);
    ws_view_hosted_now(&rows, &seat->viewer->state);
    ws_rows_write(&rows, &text);
    ws_rows_release(&rows);
    return ws_buffer_detach(&text);
}

/* How many steps of the last path of a kind are shown at a mark, and which path it is: by its beginning. */
static unsigned steps_at(struct seat *seat, enum ws_forward_kind kind, uint64_t mark, uint64_t *begin)
{
    const struct ws_forward_path *path = visit(seat, mark)->forward[kind];
    *begin = path ? path->step[0].mark : 0;
    return path ? path->steps : 0;
}

static void place_check(struct seat *seat, uint64_t mark, enum ws_hosted_place place)
{
    const struct ws_view_state *state = visit(seat, mark);
    ck_assert_msg(state->place == place, "mark %llu: in \"%s\", not in \"%s\"", (unsigned long long)mark,
                  ws_hosted_place_text((enum ws_hosted_place)state->place), ws_hosted_place_text(place));
}

/* Has it all its steps?  An interrupt: and is it one of the disk? */
static bool whole(const struct ws_forward_path *path, enum ws_forward_kind kind)
{
    if (kind == WS_FORWARD_REQUEST)
        return path && path->steps == 6;
    return path && path->steps == 5 && path->vector == WS_HOSTED_DISK_VECTOR;
}

/* Search, as with "/" and the text. */
static void search(struct seat *seat, const char *text)
{
    char key[2] = {0};
    ws__viewer_key(seat->viewer, "/");
    for (; *text; text++) {
        key[0] = *text;
        ws__viewer_key(seat->viewer, key);
    }
    ws__viewer_key(seat->viewer, "Enter");
}

/* The last path of a kind at a mark where it is whole, and some have gone before; copied. */
static struct ws_forward_path last_path(struct seat *seat, enum ws_forward_kind kind)
{
    const struct ws_forward_path *path;
    uint64_t mark = 4600000;
    do
        path = visit(seat, mark += 20000)->forward[kind];
    while (!whole(path, kind));
    return *path;
}

START_TEST(an_interrupt_is_shown_as_far_as_it_has_come)
{
    struct seat seat;
    uint64_t begin;
    seat_take(&seat);
    ck_assert(seat.viewer->state.hosted);
    ck_assert_ptr_null(seat.viewer->state.forward[WS_FORWARD_INTERRUPT]);
    struct ws_forward_path path = last_path(&seat, WS_FORWARD_INTERRUPT);

    /* before the driver's int it might become anything; then it has four steps, and at last the fifth */
    steps_at(&seat, WS_FORWARD_INTERRUPT, path.step[2].mark, &begin);
    ck_assert_uint_lt(begin, path.step[0].mark);
    ck_assert_uint_eq(steps_at(&seat, WS_FORWARD_INTERRUPT, path.step[3].mark, &begin), 4);
    ck_assert_uint_eq(begin, path.step[0].mark);
    ck_assert_uint_eq(steps_at(&seat, WS_FORWARD_INTERRUPT, path.step[4].mark, &begin), 4);
    ck_assert_uint_eq(steps_at(&seat, WS_FORWARD_INTERRUPT, path.step[4].mark + 1, &begin), 5);
    ck_assert_uint_eq(begin, path.step[0].mark);

    place_check(&seat, path.step[0].mark, WS_HOSTED_VM);
    place_check(&seat, path.step[0].mark + 1, WS_HOSTED_EXCEPTIONS);
    place_check(&seat, path.step[1].mark, WS_HOSTED_SWITCH);
    place_check(&seat, path.step[1].mark + 44, WS_HOSTED_SWITCH);
    place_check(&seat, path.step[1].mark + 45, WS_HOSTED_DRIVER);
    place_check(&seat, path.step[2].mark, WS_HOSTED_DRIVER);
    place_check(&seat, path.step[3].mark, WS_HOSTED_HANDLER);
    place_check(&seat, path.step[4].mark, WS_HOSTED_HOST);
    place_check(&seat, path.step[4].mark + 1, WS_HOSTED_VMX);
    seat_leave(&seat);
}
END_TEST

START_TEST(a_request_is_shown_when_it_is_served)
{
    struct seat seat;
    uint64_t begin;
    seat_take(&seat);
    struct ws_forward_path path = last_path(&seat, WS_FORWARD_REQUEST);
    steps_at(&seat, WS_FORWARD_REQUEST, path.end, &begin);
    ck_assert_uint_lt(begin, path.step[0].mark);
    ck_assert_uint_eq(steps_at(&seat, WS_FORWARD_REQUEST, path.end + 1, &begin), 6);
    ck_assert_uint_eq(begin, path.step[0].mark);
    place_check(&seat, path.step[4].mark, WS_HOSTED_VMX);
    place_check(&seat, path.end, WS_HOSTED_SWITCH);
    place_check(&seat, path.end + 1, WS_HOSTED_VMM);
    seat_leave(&seat);
}
END_TEST

/* Who comes for the first time sees what they see who come back from the end. */
START_TEST(the_same_mark_shows_the_same_panel)
{
    struct seat forward, back;
    uint64_t at[4];
    char *seen[4];
    seat_take(&back);
    struct ws_forward_path path = last_path(&back, WS_FORWARD_INTERRUPT);
    at[0] = path.step[1].mark + 20;
    at[1] = path.step[2].mark;
    at[2] = path.step[3].mark;
    at[3] = path.step[4].mark + 1;
    seat_take(&forward);
    for (unsigned i = 0; i < 4; i++) {
        visit(&forward, at[i]);
        seen[i] = panel(&forward);
    }
    for (unsigned i = 4; i-- > 0;) {
        visit(&back, at[i]);
        char *again = panel(&back);
        ck_assert_msg(strcmp(seen[i], again) == 0, "forwards\n%s\nbackwards\n%s", seen[i], again);
        free(again);
        free(seen[i]);
    }
    seat_leave(&forward);
    seat_leave(&back);
}
END_TEST

/* Going there and back does not make paths of what was seen. */
START_TEST(steps_can_be_entered)
{
    struct seat seat;
    seat_take(&seat);
    search(&seat, "vector=13");
    const struct ws_view_state *state = visit(&seat, seat.viewer->state.mark + 3000000);
    ck_assert_ptr_nonnull(state->forward[WS_FORWARD_INTERRUPT]);
    uint64_t second = state->forward[WS_FORWARD_INTERRUPT]->step[1].mark, here = state->mark;
    ws__viewer_key(seat.viewer, "Enter");
    ck_assert_uint_eq(state->mark, here);
    ws__viewer_key(seat.viewer, "j");
    ws__viewer_key(seat.viewer, "j");
    ws__viewer_key(seat.viewer, "Enter");
    ck_assert_uint_eq(state->mark, second);
    seat_leave(&seat);
}
END_TEST

START_TEST(nothing_is_counted_twice)
{
    struct seat seat;
    seat_take(&seat);
    last_path(&seat, WS_FORWARD_REQUEST);
    uint64_t end = seat.viewer->state.mark;
    uint64_t interrupts = seat.viewer->state.forwards[0], requests = seat.viewer->state.forwards[1];
    size_t count = seat.viewer->heard->paths.count;
    for (unsigned i = 1; i < 5; i++) {
        visit(&seat, end / 5 * i);
        visit(&seat, end / 7 * i);
    }
    visit(&seat, end);
    ck_assert_uint_eq(seat.viewer->heard->paths.count, count);
    ck_assert_uint_eq(seat.viewer->state.forwards[0], interrupts);
    ck_assert_uint_eq(seat.viewer->state.forwards[1], requests);
    seat_leave(&seat);
}
END_TEST

/* The worlds of several virtual machines have names, and "vmm" finds any of them. */
START_TEST(the_vmms_are_told_apart)
{
    struct seat seat;
    seat_take_vms(&seat, 2);
    const struct ws_view_state *state = &seat.viewer->state;
    search(&seat, "world=vmm2");
    ck_assert_str_eq(state->side[state->here].world, "vmm2");
    uint64_t second = state->mark;
    char *text = panel(&seat);
    ck_assert_msg(strstr(text, ", world vmm2") && strstr(text, "; vmm2, entered 1 time\n"), "%s", text);
    free(text);
    visit(&seat, 0);
    search(&seat, "world=vmm");
    ck_assert_str_eq(state->side[state->here].world, "vmm1");
    ck_assert_uint_lt(state->mark, second);
    seat_leave(&seat);
}
END_TEST

/* Without an instruction somewhere, in the VMM, the host or the virtual machine: forth and back in the branch the
 * states are equal, and the recorded run, with what is known of it, is as it was. */
START_TEST(branches_are_the_same_each_time)
{
    enum { FIRST = 5000000, APART = 211111, FAR = 3000 };
    const uint64_t last_branch = FIRST + effort_more(3, 12, 12) * APART;
    struct seat seat;
    size_t before, after;
    seat_take(&seat);
    visit(&seat, last_branch);
    uint64_t last = ws_machine_hash(seat.machine);
    ws_timeline_crossings(seat.viewer->timeline, &before);
    for (uint64_t mark = FIRST; mark < last_branch; mark += APART) {
        visit(&seat, mark);
        uint64_t here = ws_machine_hash(seat.machine);
        ws__viewer_key(seat.viewer, "x");
        ck_assert_ptr_nonnull(seat.viewer->branch);
        uint64_t changed = ws_machine_hash(seat.machine);
        ws_timeline_seek(seat.viewer->timeline, mark + FAR);
        uint64_t there = ws_machine_hash(seat.machine), reached = ws_timeline_mark(seat.viewer->timeline);
        ws_timeline_seek(seat.viewer->timeline, mark - FAR);
        ws_timeline_seek(seat.viewer->timeline, mark);
        ck_assert(ws_machine_hash(seat.machine) == changed);
        ws_timeline_seek(seat.viewer->timeline, reached);
        ck_assert(ws_machine_hash(seat.machine) == there);
        ws__viewer_key(seat.viewer, "X");
        ck_assert_uint_eq(seat.viewer->state.mark, mark);
        ck_assert(ws_machine_hash(seat.machine) == here);
    }
    ws_timeline_crossings(seat.viewer->timeline, &after);
    ck_assert_uint_eq(after, before);
    visit(&seat, last_branch);
    ck_assert(ws_machine_hash(seat.machine) == last);
    seat_leave(&seat);
}
END_TEST

Suite *hosted_panel_suite(void)
{
    Suite *suite = suite_create("hosted panel");
    TCase *tests = tcase_create("hosted panel");
    tcase_set_tags(tests, "heavy");
    tcase_add_test(tests, an_interrupt_is_shown_as_far_as_it_has_come);
    tcase_add_test(tests, a_request_is_shown_when_it_is_served);
    tcase_add_test(tests, the_same_mark_shows_the_same_panel);
    tcase_add_test(tests, nothing_is_counted_twice);
    tcase_add_test(tests, steps_can_be_entered);
    tcase_add_test(tests, the_vmms_are_told_apart);
    tcase_add_test(tests, branches_are_the_same_each_time);
    suite_add_tcase(suite, tests);
    return suite;
}

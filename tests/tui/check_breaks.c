/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints by commands, playing up to one, counts, and the way back to where a jump began.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/lab.h>

#include "tui/command.h"
#include "tui/typed.h"

static struct ws_lab *lab;
static struct ws_watcher *watcher;
static struct ws__viewer *viewer;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, ws_lab_machine(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    struct ws_tui_options options = {
        .machine = ws_lab_machine(lab), .watcher = watcher, .symbols = ws_lab_symbols(lab)};
    ck_assert_int_eq(ws__viewer_new(&viewer, &options), WS_OK);
    ws__viewer_arrive(viewer);
}

static void teardown(void)
{
    ws__viewer_free(viewer);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

static void press(const char *keys)
{
    ck_assert_ptr_null(ws__typed_keys(viewer, keys));
}

static void message_expect(const char *text)
{
    const char *message = viewer->state.message ? viewer->state.message : "(nothing)";
    ck_assert_msg(strstr(message, text) != NULL, "\"%s\" is not in \"%s\"", text, message);
}

static size_t conditions(void)
{
    size_t count;
    ws_timeline_conditions(viewer->timeline, &count);
    return count;
}

/* -- commands ---------------------------------------------------------------------------------- */

static const struct {
    const char *line;
    const char *message;
    size_t conditions;
    size_t addresses;
} break_table[] = {
    {"break", "breakpoint at 0010000c set", 0, 1},
    {"break 0xc0010156", "breakpoint at c0010156 set", 0, 1},
    {"break host.kernel_main", "breakpoint at c0", 0, 1},
    {"break eip=host.kernel_main", "breakpoint at c0", 0, 1},
    {"break vector=14", "\"vector=14\" set", 1, 0},
    {"break cr3", "\"cr3\" set", 1, 0},
    {"break esp", "\"esp\" set", 1, 0},
    {"break phys=101000", "\"phys=101000\" set", 1, 0},
    {"break byte 101000", "\"byte 101000\" set", 1, 0},
    {"break world=vmm", "\"world=vmm\" set", 1, 0},
    {"break crossing", "\"crossing\" set", 1, 0},
    {"break crossing=context", "\"crossing=context\" set", 1, 0},
    {"break world=mars", "no world is called \"mars\"", 0, 0},
    {"break crossing=bridge", "such as ADDRESS", 0, 0},
    {"break vector=256", "such as ADDRESS", 0, 0},
    {"break nowhere", "such as ADDRESS", 0, 0},
    {"break phys=ffffffff", "there is no RAM", 0, 0},
    {"break byte nowhere", "such as ADDRESS", 0, 0},
    {"unbreak 1", "the number of no breakpoint", 0, 0},
    {"unbreak x", "the number of no breakpoint", 0, 0},
    {"unbreak 0", "the number of no breakpoint", 0, 0},
};

START_TEST(breakpoints_are_typed)
{
    ws__command_run(viewer, break_table[_i].line);
    message_expect(break_table[_i].message);
    ck_assert_uint_eq(conditions(), break_table[_i].conditions);
    ck_assert_uint_eq(viewer->state.breakpoints, break_table[_i].addresses);
}
END_TEST

START_TEST(breakpoints_are_listed_and_removed)
{
    press(":break cr3<Enter>:break eax<Enter>b:break host.kernel_main<Enter>:breaks<Enter>");
    ck_assert_uint_eq(viewer->state.panel, WS_PANEL_HELP);
    ck_assert_ptr_nonnull(strstr(viewer->state.post_mortem, "  1  0010000c  boot.start\n"));
    ck_assert_ptr_nonnull(strstr(viewer->state.post_mortem, "host.kernel_main\n  3  cr3\n  4  eax\n"));
    press("<Esc>:unbreak 3<Enter>:unbreak 1<Enter>");
    ck_assert_uint_eq(viewer->state.breakpoints, 1);
    ck_assert_uint_eq(conditions(), 1);
    press(":breaks<Enter>");
    ck_assert_ptr_nonnull(strstr(viewer->state.post_mortem, "  2  eax\n"));
    press("<Esc>:unbreak all<Enter>:breaks<Enter>");
    ck_assert_uint_eq(conditions() + viewer->state.breakpoints, 0);
    ck_assert_ptr_nonnull(strstr(viewer->state.post_mortem, "There is none."));
}
END_TEST

START_TEST(there_is_room_for_some)
{
    for (unsigned at = 0; at < WS_TIMELINE_BREAKS; at++)
        press(":break cr3<Enter>");
    press(":break cr3<Enter>");
    message_expect("there are 16 breakpoints of this kind");
}
END_TEST

/* -- stopping ---------------------------------------------------------------------------------- */

START_TEST(journeys_stop_and_say_where)
{
    press(":break cr3<Enter>c");
    message_expect("a breakpoint: cr3");
    uint64_t first = viewer->state.mark;
    ck_assert_uint_lt(first, 78);
    press("c");
    ck_assert_uint_eq(viewer->state.mark, 78);
    press("c");
    message_expect("a breakpoint: cr3");
    press("CC");
    ck_assert_uint_eq(viewer->state.mark, first);
}
END_TEST

START_TEST(playing_stops)
{
    press(":break crossing=world<Enter>++++++++++<Space>");
    for (unsigned ticks = 0; ticks < 1000 && viewer->playing; ticks++)
        ws__viewer_tick(viewer);
    ck_assert(!viewer->playing);
    ck_assert_uint_eq(viewer->state.mark, 78);
    message_expect("a breakpoint: crossing=world");
    press("<Ctrl-O>");
    ck_assert_uint_eq(viewer->state.mark, 0);
}
END_TEST

/* A branch has the breakpoints, and what is set there stays. */
START_TEST(branches_have_breakpoints)
{
    press(":break cr3<Enter>:2921<Enter>x:break vector<Enter>c");
    message_expect("a breakpoint: cr3");
    press("X");
    ck_assert_uint_eq(conditions(), 2);
    press("c");
    message_expect("a breakpoint: cr3");
}
END_TEST

/* -- counts ------------------------------------------------------------------------------------ */

static const struct {
    const char *keys;
    uint64_t mark;
    unsigned panel;
} count_table[] = {
    {"40s", 40, WS_PANEL_SPACE},
    {"040s", 40, WS_PANEL_SPACE},
    {"012s", 12, WS_PANEL_SPACE},
    {"100s40S", 60, WS_PANEL_SPACE},
    {"4s", 1, WS_PANEL_TABLES},
    {"12s", 1, WS_PANEL_REGISTERS},
    {"2<Esc>0<Esc>s", 1, WS_PANEL_REGISTERS},
    {"1205s", 205, WS_PANEL_CODE},
    {"02<Right>", 2, WS_PANEL_SPACE},
};

START_TEST(counts_repeat)
{
    press(count_table[_i].keys);
    ck_assert_uint_eq(viewer->state.mark, count_table[_i].mark);
    ck_assert_uint_eq(viewer->state.panel, count_table[_i].panel);
    ck_assert_int_eq(viewer->prompt, WS__PROMPT_NONE);
}
END_TEST

START_TEST(counts_have_limits)
{
    press("0s");
    message_expect("from 1 to 1000000");
    press("099999999999999999999s");
    message_expect("from 1 to 1000000");
    press("40");
    message_expect("40 times: which key?");
    press("l");
    message_expect("does nothing");
    ck_assert_uint_eq(viewer->state.mark, 0);
}
END_TEST

/* -- ways back --------------------------------------------------------------------------------- */

START_TEST(jumps_are_gone_back)
{
    press("<Ctrl-O>");
    message_expect("no jump led here");
    press("w");
    uint64_t first = viewer->state.mark;
    press("sssw");
    press("sS<Ctrl-O>"); /* steps are no jumps */
    ck_assert_uint_eq(viewer->state.mark, first + 3);
    press("<Ctrl-O>");
    ck_assert_uint_eq(viewer->state.mark, 0);
    press("<Ctrl-O>");
    message_expect("no jump led here");
    for (unsigned at = 0; at < 2 * WS__VIEWER_JUMPS; at++)
        press(at % 2 ? "g" : "G");
    ck_assert_uint_eq(viewer->jumps.count, WS__VIEWER_JUMPS);
}
END_TEST

START_TEST(the_end_of_a_routine_is_no_crossing)
{
    press("wf");
    ck_assert_ptr_null(viewer->state.message);
    press("sssssf");
    message_expect("there was no crossing under way");
    press("wF");
    ck_assert(!viewer->state.message || !strstr(viewer->state.message, "under way"));
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tests, test, 0, sizeof(table) / sizeof(table)[0])

Suite *breaks_suite(void);

Suite *breaks_suite(void)
{
    Suite *suite = suite_create("breaks");
    TCase *tests = tcase_create("breaks");
    tcase_add_checked_fixture(tests, setup, teardown);
    LOOP(breakpoints_are_typed, break_table);
    tcase_add_test(tests, breakpoints_are_listed_and_removed);
    tcase_add_test(tests, there_is_room_for_some);
    tcase_add_test(tests, journeys_stop_and_say_where);
    tcase_add_test(tests, playing_stops);
    tcase_add_test(tests, branches_have_breakpoints);
    LOOP(counts_repeat, count_table);
    tcase_add_test(tests, counts_have_limits);
    tcase_add_test(tests, jumps_are_gone_back);
    tcase_add_test(tests, the_end_of_a_routine_is_no_crossing);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is typed behind ":": commands, marks, requests; editing, history and completion.
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
static struct ws_session record;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, ws_lab_machine(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_session_mark_set(&record, "leaves", 2080, "the host leaves"), WS_OK);
    struct ws_tui_options options = {
        .machine = ws_lab_machine(lab), .watcher = watcher, .symbols = ws_lab_symbols(lab), .record = &record};
    ck_assert_int_eq(ws__viewer_new(&viewer, &options), WS_OK);
    ws__viewer_arrive(viewer);
}

static void teardown(void)
{
    ws__viewer_free(viewer);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

/* Keys as a script writes them. */
static void press(const char *keys)
{
    ck_assert_ptr_null(ws__typed_keys(viewer, keys));
}

static void message_expect(const char *text)
{
    const char *message = viewer->state.message ? viewer->state.message : "(nothing)";
    ck_assert_msg(strstr(message, text) != NULL, "\"%s\" is not in \"%s\"", text, message);
}

/* -- marks ------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    bool good;
    uint64_t mark;
} mark_table[] = {
    {"0", true, 0},
    {"2080", true, 2080},
    {"2,080", true, 2080},
    {"0x820", true, 2080},
    {"0X82f", true, 2095},
    {"+5", true, 1005},
    {"-40", true, 960},
    {"+0x10", true, 1016},
    {"-1,000", true, 0},
    {"-2000", true, 0}, /* not before the start */
    {"18446744073709551615", true, UINT64_MAX},
    {"18446744073709551616", false, 0},
    {"+18446744073709551615", false, 0},
    {"", false, 0},
    {"+", false, 0},
    {"-", false, 0},
    {"+-5", false, 0},
    {"0x", false, 0},
    {"12l", false, 0},
    {"0x8g", false, 0},
    {"x", false, 0},
};

START_TEST(marks_are_typed_in_many_ways)
{
    uint64_t mark = 0;
    press(":1000<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 1000);
    ck_assert_msg(ws__command_mark(viewer, mark_table[_i].text, &mark) == mark_table[_i].good, "\"%s\"",
                  mark_table[_i].text);
    if (mark_table[_i].good)
        ck_assert_uint_eq(mark, mark_table[_i].mark);
}
END_TEST

START_TEST(marks_lead_somewhere)
{
    press(":2,080<Enter>:+5<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 2085);
    press(":-40<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 2045);
    press(":leaves<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 2080);
    message_expect("leaves: the host leaves");
}
END_TEST

/* -- requests ---------------------------------------------------------------------------------- */

/* Every request can be typed by its key, and by its name. */
START_TEST(every_key_is_a_command)
{
    for (unsigned request = 0; request < WS_REQUEST_COUNT; request++) {
        char line[WS__LINE_BYTES], key[16];
        ws__request_key((enum ws_request)request, key, sizeof key);
        for (unsigned way = 0; way < 2; way++) {
            snprintf(line, sizeof line, "%s", way ? ws__request_name((enum ws_request)request) : key);
            for (char *at = line; way && (at = strchr(at, '_'));)
                *at = ' ';
            if (*key >= '1' && *key <= '9')
                continue; /* a mark */
            viewer->state.message = NULL;
            ws__command_run(viewer, line);
            if (viewer->state.message)
                ck_assert_msg(!strstr(viewer->state.message, "no command") && !strstr(viewer->state.message, "no mark"),
                              "\"%s\": %s", line, viewer->state.message);
            ws__viewer_key(viewer, "Esc");
            viewer->leave = viewer->playing = false;
        }
    }
}
END_TEST

START_TEST(requests_are_repeated)
{
    press(":40s<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 40);
    ck_assert_uint_eq(viewer->state.before_mark, 39);
    press(":30S<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 10);
    press(":40S<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 0);
    message_expect("only 10 instructions lay before");
    press(":3 step<Enter>:step back<Enter>");
    ck_assert_uint_eq(viewer->state.mark, 2);
    press(":2c<Enter>");
    uint64_t there = viewer->state.mark;
    press("gcc");
    ck_assert_uint_eq(viewer->state.mark, there);
    press("g:/cr3<Enter>");
    ck_assert_uint_gt(viewer->state.mark, 0);
    press("g:search world=host<Enter>"); /* no note */
    ck_assert_uint_gt(viewer->state.mark, 0);
    press(":host=a note<Enter>");
    message_expect("nothing is recorded");
    press(":q<Enter>");
    ck_assert(viewer->leave);
}
END_TEST

static bool ask(void *context, uint64_t mark)
{
    unsigned *asked = context;
    (void)mark;
    return ++*asked == 3;
}

START_TEST(what_is_repeated_can_be_stopped)
{
    unsigned asked = 0;
    ws__viewer_interruptible(viewer, ask, &asked);
    press(":1000a<Enter>");
    message_expect("syntax"); /* it had something to say */
    press(":1000j<Enter>");
    message_expect("stopped after 3 times of 1000");
}
END_TEST

static const struct {
    const char *keys;
    const char *message;
} help_table[] = {
    {":help s<Enter>", "s Right: one instruction; back: S"},
    {":help step back<Enter>", "S: the other way of s Right: one instruction"},
    {":help finish<Enter>", "f: to the end of this crossing"},
    {":help set<Enter>", ":set NAME=VALUE: change"},
    {":help q<Enter>", "q F10: leave"},
    {":help everything<Enter>", "nothing is called \"everything\""},
    {":nonsense<Enter>", "is no command, and names no mark; these do: leaves"},
    {":12l<Enter>", "is no mark; such as"},
};

START_TEST(help_is_about_a_word)
{
    press(help_table[_i].keys);
    message_expect(help_table[_i].message);
}
END_TEST

START_TEST(help_alone_is_the_help)
{
    press(":help<Enter>");
    ck_assert_uint_eq(viewer->state.panel, WS_PANEL_HELP);
}
END_TEST

/* -- the line ---------------------------------------------------------------------------------- */

static const struct {
    const char *keys;
    const char *text;
    size_t cursor;
} edit_table[] = {
    {":abc", "abc", 3},
    {":abc<Left><Left>x", "axbc", 2},
    {":abc<Home>x<End>y", "xabcy", 5},
    {":abc<Left><Del>", "ab", 2},
    {":abc<Del>", "abc", 3},
    {":abc<Left><Backspace>", "ac", 1},
    {":abc<Home><Backspace><Left>", "abc", 0},
    {":abc<Right><Ctrl-U>d", "d", 1},
    {":abc<PgUp><F1>", "abc", 3},
    {":g<Enter>:s<Enter>:<Up>", "s", 1},
    {":g<Enter>:s<Enter>:x<Up><Up><Up>", "g", 1},
    {":g<Enter>:s<Enter>:x<Up><Up><Down><Down><Down>", "x", 1},
    {":g<Enter>:g<Enter>:s<Enter>:g<Enter>:<Up><Up>", "s", 1}, /* each line is kept once */
    {":g<Enter>/cr3<Enter>/<Up>", "cr3", 3},                   /* each prompt has its own */
    {":nothing<Esc>:<Up>", "", 0},
};

START_TEST(lines_are_edited)
{
    press(edit_table[_i].keys);
    ck_assert_str_eq(viewer->line.text, edit_table[_i].text);
    ck_assert_uint_eq(viewer->line.cursor, edit_table[_i].cursor);
}
END_TEST

/* The room of a line ends somewhere, and what is longer than the screen stays in sight around the cursor. */
START_TEST(long_lines_stay_in_sight)
{
    press(":");
    for (unsigned at = 0; at < 2 * WS__LINE_BYTES; at++)
        ws__viewer_key(viewer, (const char[]){(char)('a' + at % 26), '\0'});
    ck_assert_uint_eq(strlen(viewer->line.text), WS__LINE_BYTES - 1);
    ck_assert_uint_lt(strlen(viewer->state.message), WS_SCREEN_WIDTH);
    ck_assert_uint_lt(viewer->state.input_column, WS_SCREEN_WIDTH);
    ws__viewer_key(viewer, "Home");
    ck_assert_uint_eq(viewer->state.input_column, 2);
    ck_assert_int_eq(strncmp(viewer->state.message, ":abc", 4), 0);
    ws__viewer_key(viewer, "Esc");
    ck_assert_uint_eq(viewer->state.input_column, 0);
}
END_TEST

START_TEST(the_past_is_bounded)
{
    struct ws__lines *past = &viewer->past[WS__PROMPT_COMMAND];
    char line[16];
    for (unsigned at = 0; at < 3 * WS__LINES_KEPT; at++) {
        snprintf(line, sizeof line, "line %u", at);
        ws__lines_keep(past, line);
    }
    ck_assert_uint_eq(past->count, WS__LINES_KEPT);
    ck_assert_str_eq(past->line[WS__LINES_KEPT - 1], "line 95");
    ck_assert_str_eq(past->line[0], "line 64");
}
END_TEST

static const struct {
    const char *keys;
    const char *text;
    const char *message;
} complete_table[] = {
    {":ma<Tab>", "ma", "mark set, mark visit, maximize"},
    {":wo<Tab>", "world", "world, world back"},
    {":lea<Tab>", "leaves", ":leaves_"},
    {":hel<Tab>", "help", ":help_"},
    {":help fin<Tab>", "help finish", "finish, finish back"},
    {":set cr<Tab>", "set cr", "cr0, cr2, cr3, cr4"},
    {":set by<Tab>", "set byte ", ""},
    {":set byte host.kernel_m<Tab>", "set byte host.kernel_main", ""},
    {":walk host.kernel_m<Tab>", "walk host.kernel_main", ""},
    {"phost.kernel_m<Tab>", "host.kernel_main", ""},
    {"/eip=host.kernel_m<Tab>", "eip=host.kernel_main", ""},
    {"/world=h<Tab>", "world=host", ""},
    {"/ph<Tab>", "phys=", ""},
    {":xyz<Tab>", "xyz", ":xyz_"},
    {":wx<Left>o<Tab>", "worldx", "world, world back"}, /* in front of the cursor */
};

START_TEST(words_are_completed)
{
    press(complete_table[_i].keys);
    ck_assert_str_eq(viewer->line.text, complete_table[_i].text);
    message_expect(complete_table[_i].message);
}
END_TEST

/* -- what is pasted ---------------------------------------------------------------------------- */

START_TEST(pasted_text_is_no_keys)
{
    ws__viewer_paste(viewer, "wwq");
    message_expect("is not taken as keys");
    ck_assert_uint_eq(viewer->state.mark, 0);
    press(":20");
    ws__viewer_paste(viewer, "8\t\033\2000\nq\n");
    ck_assert_str_eq(viewer->line.text, "208 0");
    ws__viewer_paste(viewer, "\n");
    ck_assert_str_eq(viewer->line.text, "208 0");
    press("<Esc>m");
    ws__viewer_paste(viewer, "a");
    message_expect("is not taken as keys");
    ck_assert(!viewer->leave);
}
END_TEST

START_TEST(ctrl_c_explains)
{
    ws__viewer_interrupt(viewer);
    message_expect("nothing to stop here");
    press(":2");
    ws__viewer_interrupt(viewer);
    message_expect("given up");
    ck_assert_int_eq(viewer->prompt, WS__PROMPT_NONE);
    press("<Space>");
    ws__viewer_interrupt(viewer);
    message_expect("paused");
    ck_assert(!viewer->playing && !viewer->leave);
}
END_TEST

/* -- line mode --------------------------------------------------------------------------------- */

START_TEST(line_mode_takes_the_same)
{
    ws__typed_line(viewer, "2,080");
    ck_assert_uint_eq(viewer->state.mark, 2080);
    ws__typed_line(viewer, "+5");
    ck_assert_uint_eq(viewer->state.mark, 2085);
    ws__typed_line(viewer, "set eax=5");
    ck_assert_ptr_nonnull(viewer->branch);
    ws__typed_line(viewer, ":X");
    ck_assert_ptr_null(viewer->branch);
    ws__typed_line(viewer, "help over");
    message_expect("n: one instruction; calls");
    ws__typed_line(viewer, "wo\t");
    message_expect("\"wo\" could be: world, world back");
    ws__typed_line(viewer, "leav\t");
    message_expect("\"leav\" could be: leaves");
    ws__typed_line(viewer, "xyz\t");
    message_expect("nothing that is known");
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tests, test, 0, sizeof(table) / sizeof(table)[0])

Suite *command_suite(void);

Suite *command_suite(void)
{
    Suite *suite = suite_create("command");
    TCase *tests = tcase_create("command");
    tcase_add_checked_fixture(tests, setup, teardown);
    LOOP(marks_are_typed_in_many_ways, mark_table);
    tcase_add_test(tests, marks_lead_somewhere);
    tcase_add_test(tests, every_key_is_a_command);
    tcase_add_test(tests, requests_are_repeated);
    tcase_add_test(tests, what_is_repeated_can_be_stopped);
    LOOP(help_is_about_a_word, help_table);
    tcase_add_test(tests, help_alone_is_the_help);
    LOOP(lines_are_edited, edit_table);
    tcase_add_test(tests, long_lines_stay_in_sight);
    tcase_add_test(tests, the_past_is_bounded);
    LOOP(words_are_completed, complete_table);
    tcase_add_test(tests, pasted_text_is_no_keys);
    tcase_add_test(tests, ctrl_c_explains);
    tcase_add_test(tests, line_mode_takes_the_same);
    suite_add_tcase(suite, tests);
    return suite;
}

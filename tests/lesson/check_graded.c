/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of graded submissions: written by one process, read by another. */
#include <check.h>
#include <signal.h>
#include <string.h>

#include "lesson/graded.h"

static void result_add(struct ws__report *report, const char *name, unsigned points, bool passed, const char *text)
{
    struct ws__result *result = ws__report_add(report);
    ws_buffer_printf(&result->name, "%s", name);
    ws_buffer_printf(&result->explanation, "%s", text);
    result->points = points;
    result->passed = passed;
    result->placed = !passed;
    result->mark = 7;
}

START_TEST(there_and_back)
{
    struct ws__report report = {.results = 0};
    struct ws__graded graded = {.name = "anna"};
    struct ws_buffer why = WS_BUFFER_INIT, line = WS_BUFFER_INIT;
    result_add(&report, "first", 2, true, "");
    result_add(&report, "second \"x\"", 3, false, "one\nand \033two");
    ws__graded_write(WS__VERDICT_WANTING, &report, &why, 9, &line);
    ck_assert(ws__graded_read(&graded, &line));
    ck_assert_int_eq(graded.state, WS__GRADED_FAILED);
    ck_assert_uint_eq(graded.points, 2);
    ck_assert_uint_eq(graded.most, 5);
    ck_assert_uint_eq(graded.results, 2);
    ck_assert_str_eq(ws_buffer_text(&graded.result[1].name), "second \"x\"");
    ck_assert_str_eq(ws_buffer_text(&graded.result[1].explanation), "one\nand \\x1btwo");
    ck_assert_uint_eq(graded.result[1].mark, 7);
    ws__graded_release(&graded);
    ws__report_release(&report);
    ws_buffer_release(&line);
}
END_TEST

START_TEST(not_judged)
{
    struct ws__graded graded = {.name = "bert"};
    struct ws_buffer why = WS_BUFFER_INIT, line = WS_BUFFER_INIT;
    ws_buffer_printf(&why, "submission.s:1: Error");
    ws__graded_write(WS__VERDICT_UNBUILT, NULL, &why, 9, &line);
    ck_assert(ws__graded_read(&graded, &line));
    ck_assert_int_eq(graded.state, WS__GRADED_ERROR);
    ck_assert_uint_eq(graded.most, 9);
    ck_assert_uint_eq(graded.points, 0);
    ck_assert_str_eq(ws_buffer_text(&graded.message), "it does not become a program: submission.s:1: Error");
    ws__graded_release(&graded);
    ws_buffer_release(&why);
    ws_buffer_release(&line);
}
END_TEST

START_TEST(died)
{
    struct ws__graded graded = {.name = "carl"};
    ws__graded_died(&graded, SIGSEGV, 9);
    ck_assert_int_eq(graded.state, WS__GRADED_ERROR);
    ck_assert_str_eq(ws_buffer_text(&graded.message), "the check died of signal 11");
    ck_assert_uint_eq(graded.most, 9);
    ws__graded_release(&graded);
    ws__graded_died(&graded, SIGXCPU, 9);
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&graded.message), "processor time"));
    ws__graded_release(&graded);
}
END_TEST

START_TEST(damaged)
{
    static const char *const line[] = {"", "{", "[]", "{\"state\":0}", "{\"results\":3}"};
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        struct ws__graded graded = {.name = "dora"};
        struct ws_buffer text = WS_BUFFER_INIT;
        ws_buffer_printf(&text, "%s", line[i]);
        ck_assert_msg(!ws__graded_read(&graded, &text), "%s", line[i]);
        ws__graded_release(&graded);
        ws_buffer_release(&text);
    }
}
END_TEST

Suite *graded_suite(void)
{
    Suite *suite = suite_create("graded");
    TCase *tests = tcase_create("graded");
    tcase_add_test(tests, there_and_back);
    tcase_add_test(tests, not_judged);
    tcase_add_test(tests, died);
    tcase_add_test(tests, damaged);
    suite_add_tcase(suite, tests);
    return suite;
}

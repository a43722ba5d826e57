/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of graded submissions: written by one process, read by another, or by another machine from a file. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
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

/* Write it and read it. */
static bool through(const struct ws__graded *graded, struct ws__graded *out)
{
    struct ws_buffer line = WS_BUFFER_INIT;
    ws__graded_write(graded, &line);
    json_t *record = json_loadb(ws_buffer_text(&line), line.size, 0, NULL);
    bool good = ws__graded_read(out, record);
    json_decref(record);
    ws_buffer_release(&line);
    return good;
}

START_TEST(there_and_back)
{
    struct ws__report report = {.results = 0};
    struct ws__graded graded = {.number = 3}, again;
    struct ws_buffer why = WS_BUFFER_INIT;
    result_add(&report, "first", 2, true, "");
    result_add(&report, "second \"x\"", 3, false, "one\nand \033two");
    ws_buffer_printf(&graded.name, "anna");
    ws__prints_add(&graded.prints, UINT32_MAX);
    ws__prints_add(&graded.prints, 5);
    ck_assert(ws__graded_judged(&graded, WS__VERDICT_WANTING, &report, &why, 9));
    ck_assert(through(&graded, &again));
    ck_assert_uint_eq(again.number, 3);
    ck_assert_str_eq(ws_buffer_text(&again.name), "anna");
    ck_assert_int_eq(again.state, WS__GRADED_FAILED);
    ck_assert_uint_eq(again.points, 2);
    ck_assert_uint_eq(again.most, 5);
    ck_assert_uint_eq(again.results, 2);
    ck_assert_str_eq(ws_buffer_text(&again.result[1].name), "second \"x\"");
    ck_assert_str_eq(ws_buffer_text(&again.result[1].explanation), "one\nand \\x1btwo");
    ck_assert_uint_eq(again.result[1].mark, 7);
    ck_assert_uint_eq(again.prints.count, 2);
    ck_assert_uint_eq(again.prints.print[0], 5);
    ck_assert_uint_eq(again.prints.print[1], UINT32_MAX);
    ws__graded_release(&graded);
    ws__graded_release(&again);
    ws__report_release(&report);
}
END_TEST

START_TEST(not_judged)
{
    struct ws__graded graded = {.number = 0}, again;
    struct ws_buffer why = WS_BUFFER_INIT;
    ws_buffer_printf(&why, "submission.s:1: Error");
    ck_assert(ws__graded_judged(&graded, WS__VERDICT_UNBUILT, NULL, &why, 9));
    ck_assert(through(&graded, &again));
    ck_assert_int_eq(again.state, WS__GRADED_ERROR);
    ck_assert_uint_eq(again.most, 9);
    ck_assert_uint_eq(again.points, 0);
    ck_assert_str_eq(ws_buffer_text(&again.message), "it does not become a program: submission.s:1: Error");
    ws__graded_release(&graded);
    ws__graded_release(&again);
    ws_buffer_release(&why);
}
END_TEST

/* A long text is cut once, and not within a character. */
START_TEST(long_text)
{
    struct ws__graded graded = {.number = 0}, again;
    struct ws_buffer why = WS_BUFFER_INIT;
    for (int i = 0; i < 3000; i++)
        ws_buffer_printf(&why, "%s", "a\xc3\xa4");
    ck_assert(ws__graded_judged(&graded, WS__VERDICT_UNBUILT, NULL, &why, 9));
    ck_assert(through(&graded, &again));
    ck_assert_str_eq(ws_buffer_text(&graded.message), ws_buffer_text(&again.message));
    ck_assert_ptr_null(strchr(ws_buffer_text(&again.message), '\\'));
    ck_assert_uint_lt(again.message.size, 4100);
    ws__graded_release(&graded);
    ws__graded_release(&again);
    ws_buffer_release(&why);
}
END_TEST

START_TEST(died)
{
    struct ws__graded graded = {.number = 0};
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

#define GOOD(number, state, most, results, prints)                                                    \
    "{\"type\":\"submission\",\"name\":\"a\",\"message\":\"\",\"number\":" number ",\"state\":" state \
    ",\"most\":" most ",\"results\":" results ",\"prints\":" prints "}"

START_TEST(damaged)
{
    static const char *const line[] = {
        GOOD("1", "0", "3", "[]", "[]"), /* the only one that is whole */
        "{}",
        "[]",
        "{\"type\":\"submission\",\"state\":0}",
        GOOD("-1", "0", "3", "[]", "[]"),
        GOOD("1", "3", "3", "[]", "[]"),
        GOOD("1", "-1", "3", "[]", "[]"),
        GOOD("1", "0", "4294967296", "[]", "[]"),
        GOOD("1", "0", "3", "{}", "[]"),
        GOOD("1", "0", "3", "[{}]", "[]"),
        GOOD("1", "0", "3", "[{\"name\":\"x\",\"explanation\":\"\",\"most\":-5,\"mark\":0}]", "[]"),
        GOOD("1", "0", "3", "[]", "0"),
    };
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        struct ws__graded graded;
        json_t *record = json_loads(line[i], 0, NULL);
        ck_assert_msg(ws__graded_read(&graded, record) == !i, "%s", line[i]);
        ws__graded_release(&graded);
        json_decref(record);
    }
}
END_TEST

START_TEST(heads)
{
    struct ws__class_head head = {"03-x", "switch.s", "0.1.0", UINT64_MAX, 17, 300, 2, 8}, again;
    struct ws_buffer line = WS_BUFFER_INIT;
    static const char *const spoil[] = {"03-x", "03-<x>", "switch.s", "a/b", "\"shard\":2", "\"shard\":9", "300", "0"};
    ws__class_head_write(&head, &line);
    json_t *record = json_loadb(ws_buffer_text(&line), line.size, 0, NULL);
    ck_assert(ws__class_head_read(&again, record));
    ck_assert_str_eq(again.lesson, head.lesson);
    ck_assert(again.lab == head.lab && again.submissions == head.submissions && again.count == 300);
    ck_assert(again.shard == 2 && again.shards == 8);
    json_decref(record);
    for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i += 2) {
        const char *at = strstr(ws_buffer_text(&line), spoil[i]);
        struct ws_buffer spoiled = WS_BUFFER_INIT;
        ws_buffer_append(&spoiled, line.data, (size_t)(at - line.data));
        ws_buffer_printf(&spoiled, "%s%s", spoil[i + 1], at + strlen(spoil[i]));
        record = json_loadb(ws_buffer_text(&spoiled), spoiled.size, 0, NULL);
        ck_assert_ptr_nonnull(record);
        ck_assert_msg(!ws__class_head_read(&again, record), "%s", ws_buffer_text(&spoiled));
        json_decref(record);
        ws_buffer_release(&spoiled);
    }
    ws_buffer_release(&line);
}
END_TEST

Suite *graded_suite(void)
{
    Suite *suite = suite_create("graded");
    TCase *tests = tcase_create("graded");
    tcase_add_test(tests, there_and_back);
    tcase_add_test(tests, not_judged);
    tcase_add_test(tests, long_text);
    tcase_add_test(tests, died);
    tcase_add_test(tests, damaged);
    tcase_add_test(tests, heads);
    suite_add_tcase(suite, tests);
    return suite;
}

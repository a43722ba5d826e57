/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which versions were tried.
 */
#include <check.h>
#include <string.h>

#include "cli/tried.h"

static const struct {
    const char *software, *version;
    bool tried;
} rows[] = {
    {"qemu", "7.2", true},     {"qemu", "7.2.22", true},    {"qemu", "7.20", false},    {"qemu", "7", false},
    {"qemu", "10.0.13", true}, {"qemu", "10.01", false},    {"qemu", "", false},        {"unicorn", "2.1.1", true},
    {"unicorn", "7.2", false}, {"capstone", "5.0.7", true}, {"capstone", "6.0", false}, {"qem", "7.2", false},
};

START_TEST(versions_are_compared_number_by_number)
{
    struct ws_buffer others = WS_BUFFER_INIT;
    ck_assert_msg(ws__version_tried(rows[_i].software, rows[_i].version, &others) == rows[_i].tried, "%s %s",
                  rows[_i].software, rows[_i].version);
    ck_assert_msg(rows[_i].tried ? others.size == 0 : others.size > 0 || strcmp(rows[_i].software, "qem") == 0,
                  "%s %s: \"%s\"", rows[_i].software, rows[_i].version, ws_buffer_text(&others));
    ws_buffer_release(&others);
}
END_TEST

START_TEST(others_are_listed)
{
    struct ws_buffer others = WS_BUFFER_INIT;
    ck_assert(!ws__version_tried("capstone", "3.0", &others));
    ck_assert_str_eq(ws_buffer_text(&others), "4.0, 5.0");
    ws_buffer_release(&others);
}
END_TEST

Suite *tried_suite(void)
{
    Suite *suite = suite_create("tried versions");
    TCase *tests = tcase_create("tried versions");
    tcase_add_loop_test(tests, versions_are_compared_number_by_number, 0, sizeof rows / sizeof *rows);
    tcase_add_test(tests, others_are_listed);
    suite_add_tcase(suite, tests);
    return suite;
}

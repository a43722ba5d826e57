/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that end between words.
 */
#include <check.h>
#include <string.h>

#include "base/wrap.h"

Suite *wrap_suite(void);

enum { COLUMNS = 10 };

/* text, its rows in a terminal of ten columns */
static const struct {
    const char *text, *rows;
} row[] = {
    {"", ""},
    {"\n", "\n"},
    {"ten signs.\n", "ten signs.\n"},
    {"eleven sign\n", "eleven\n    sign\n"},
    {"a bb ccc dddd eeeee\n", "a bb ccc\n    dddd\n    eeeee\n"},
    {"  two  blanks\n", "  two\n      blan\n      ks\n"},
    {"at the end   \n", "at the end\n"},
    {"one\ntwo\n", "one\ntwo\n"},
    {"no newline\nat end", "no newline\nat end\n"},
    {"abcdefghijklm\n", "abcdefghij\n    klm\n"},
    {"\xc2\xa7\xe2\x80\x94\xc2\xa7\xe2\x80\x94 six 10\n", "\xc2\xa7\xe2\x80\x94\xc2\xa7\xe2\x80\x94 six\n    10\n"},
    {"       deep is\n", "       dee\np is\n"}, /* no room is left below it */
};

START_TEST(wraps)
{
    struct ws_buffer out = WS_BUFFER_INIT;
    size_t bytes = strlen(row[_i].text), rows = 0;
    size_t told = ws__wrap_lines(&out, row[_i].text, bytes, COLUMNS);
    ck_assert_str_eq(ws_buffer_text(&out), row[_i].rows);
    for (const char *at = ws_buffer_text(&out); (at = strchr(at, '\n')); at++)
        rows++;
    ck_assert_uint_eq(told, rows);
    ck_assert_uint_eq(ws__wrap_lines(NULL, row[_i].text, bytes, COLUMNS), rows);
    ws_buffer_release(&out);
}
END_TEST

static void buffer_take(void *context, const char *text, size_t bytes)
{
    ws_buffer_append(context, text, bytes);
}

/* A text that begins in the middle of a row. */
START_TEST(begins_behind_others)
{
    struct ws_buffer out = WS_BUFFER_INIT;
    struct ws__wrap where = {.columns = COLUMNS, .column = 6, .indent = 2};
    ck_assert_uint_eq(ws__wrap_line(buffer_take, &out, "four more words", strlen("four more words"), where), 3);
    ck_assert_str_eq(ws_buffer_text(&out), "four\n  more\n  words");
    ws_buffer_release(&out);
}
END_TEST

Suite *wrap_suite(void)
{
    Suite *suite = suite_create("wrap");
    TCase *tests = tcase_create("lines");
    tcase_add_loop_test(tests, wraps, 0, sizeof row / sizeof row[0]);
    tcase_add_test(tests, begins_behind_others);
    suite_add_tcase(suite, tests);
    return suite;
}

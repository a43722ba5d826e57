/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts folded into lines. */
#include <check.h>

#include "lesson/fold.h"

static const struct {
    const char *text;
    unsigned indent, columns;
    const char *lines;
} rows[] = {
    {"", 2, 10, ""},
    {"one two", 0, 10, "one two\n"},
    {"one two three", 0, 9, "one two\nthree\n"},
    {"one two three", 2, 9, "  one two\n  three\n"},
    {"  kept blanks", 1, 9, "   kept\n   blanks\n"},
    {"a\n\nb\n", 0, 9, "a\n\nb\n"},
    {"averylongword b", 0, 4, "averylongword\nb\n"},
    {"ää öö", 0, 5, "ää öö\n"},
    {"trailing  ", 0, 20, "trailing\n"},
};

START_TEST(folded)
{
    struct ws_buffer out = WS_BUFFER_INIT;
    ws__fold(&out, rows[_i].text, rows[_i].indent, rows[_i].columns);
    ck_assert_msg(!strcmp(ws_buffer_text(&out), rows[_i].lines), "row %d, \"%s\": \"%s\"", _i, rows[_i].text,
                  ws_buffer_text(&out));
    ws_buffer_release(&out);
}
END_TEST

Suite *fold_suite(void)
{
    Suite *suite = suite_create("fold");
    TCase *tests = tcase_create("fold");
    tcase_add_loop_test(tests, folded, 0, sizeof rows / sizeof rows[0]);
    suite_add_tcase(suite, tests);
    return suite;
}

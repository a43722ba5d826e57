/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of labs: Markdown on a terminal, its parts; sources with regions blanked; listings. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lesson/lesson.h"
#include "lesson/markdown.h"
#include "lesson/program.h"

static const struct {
    const char *markdown, *shown; /* in 20 columns */
} rows[] = {
    {"# Title\n", "Title\n=====\n"},
    {"## Second\n\ntext\n", "Second\n------\n\ntext\n"},
    {"one two three\nfour five six\n", "one two three four\nfive six\n"},
    {"a\n\n\nb\n", "a\n\nb\n"},
    {"- one two three four five\n- six\n", "- one two three four\n  five\n- six\n"},
    {"10. ten\n    and more\n", "10. ten and more\n"},
    {"1. one\n\n   more of it\n\nend\n", "1. one\n\n   more of it\n\nend\n"},
    {"a **b** [c](d) `**e**`\n", "a b c (d) `**e**`\n"},
    {"text\n\n```\n  code that is not folded, however long\n```\ntext\n",
     "text\n\n      code that is not folded, however long\n\ntext\n"},
    {"<!-- unseen -->\nseen\n", "seen\n"},
};

START_TEST(on_a_terminal)
{
    struct ws_buffer out = WS_BUFFER_INIT;
    ws__markdown_terminal(rows[_i].markdown, 20, &out);
    ck_assert_msg(!strcmp(ws_buffer_text(&out), rows[_i].shown), "row %d: \"%s\"", _i, ws_buffer_text(&out));
    ws_buffer_release(&out);
}
END_TEST

START_TEST(in_parts)
{
    static const char text[] = "# T\n## A\na\n## Hints\n1. one\n   more\n2. two\n## B\nb\n";
    struct ws_buffer hints = WS_BUFFER_INIT, rest = WS_BUFFER_INIT, item = WS_BUFFER_INIT;
    ck_assert(ws__markdown_section(text, "Hints", &hints));
    ck_assert_str_eq(ws_buffer_text(&hints), "1. one\n   more\n2. two\n");
    ws__markdown_without(text, "Hints", &rest);
    ck_assert_str_eq(ws_buffer_text(&rest), "# T\n## A\na\n## B\nb\n");
    ck_assert(ws__markdown_item(ws_buffer_text(&hints), 1, &item));
    ck_assert_str_eq(ws_buffer_text(&item), "one\nmore\n");
    ck_assert(!ws__markdown_item(ws_buffer_text(&hints), 3, &item));
    ck_assert(!ws__markdown_section(text, "Hint", &hints));
    ws_buffer_release(&hints);
    ws_buffer_release(&rest);
    ws_buffer_release(&item);
}
END_TEST

static const struct {
    const char *source, *starter, *why;
} regions[] = {
    {"a\n/* region: x { do */\nsecret\n/* } */\nb\n", "a\n/* region: x { do */\n        # your code here\n/* } */\nb\n",
     NULL},
    {"/* region: x { do\n * it */\nsecret\n/* } */\n",
     "/* region: x { do\n * it */\n        # your code here\n/* } */\n", NULL},
    {"/* region: y { do */\nsecret\n/* } */\n", NULL, "the solution has no region \"x\", or the region has no end"},
    {"/* region: x { do */\nsecret\n", NULL, "the solution has no region \"x\", or the region has no end"},
};

START_TEST(blanked)
{
    struct ws_buffer source = WS_BUFFER_INIT, blank = WS_BUFFER_INIT, out = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    ws_buffer_printf(&source, "%s", regions[_i].source);
    ws_buffer_printf(&blank, "x");
    enum ws_status status = ws__regions_blank(&source, &blank, 1, &out, &why);
    ck_assert_int_eq(status, regions[_i].why ? WS_BAD_ARGUMENT : WS_OK);
    ck_assert_str_eq(ws_buffer_text(&why), regions[_i].why ? regions[_i].why : "");
    if (!regions[_i].why)
        ck_assert_str_eq(ws_buffer_text(&out), regions[_i].starter);
    ws_buffer_release(&source);
    ws_buffer_release(&blank);
    ws_buffer_release(&out);
    ws_buffer_release(&why);
}
END_TEST

static void line_note(void *context, unsigned line, uint32_t offset)
{
    ws_buffer_printf(context, "%u:%x ", line, offset);
}

START_TEST(listings)
{
    struct ws_buffer seen = WS_BUFFER_INIT;
    ws__program_lines("   1              \t.globl x\n   2              \tx:\n   3 0000 8B442404 \tmovl 4(%esp), %eax\n"
                      "   4 0004 C3       \tret\nnonsense\n  12 00ab 90 \tnop\n",
                      line_note, &seen);
    ck_assert_str_eq(ws_buffer_text(&seen), "3:0 4:4 12:ab ");
    ws_buffer_release(&seen);
}
END_TEST

Suite *texts_suite(void)
{
    Suite *suite = suite_create("texts");
    TCase *tests = tcase_create("texts");
    tcase_add_loop_test(tests, on_a_terminal, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tests, in_parts);
    tcase_add_loop_test(tests, blanked, 0, sizeof regions / sizeof regions[0]);
    tcase_add_test(tests, listings);
    suite_add_tcase(suite, tests);
    return suite;
}

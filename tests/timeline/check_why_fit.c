/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A post-mortem on one screen: what matters least is left out.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/wrap.h"
#include "timeline/why.h"

Suite *why_fit_suite(void);

/* Three lines that matter, a row of one that matters least, and one of two rows. */
static void text_make(struct ws_buffer *text)
{
    ws__why_rank(text, WS__WHY_ALWAYS);
    ws_buffer_printf(text, "first fault\n");
    ws__why_line(text, WS__WHY_AROUND);
    ws_buffer_printf(text, "  nop\n");
    ws_buffer_printf(text, "  ud2\n");
    ws__why_rank(text, WS__WHY_MET);
    ws_buffer_printf(text, "met one thing and then another\n");
    ws__why_rank(text, WS__WHY_ALWAYS);
    ws_buffer_printf(text, "the end\n");
}

static const char all[] = "first fault\n  nop\n  ud2\nmet one thing and then another\nthe end\n";

/* rows, columns, what is told */
static const struct {
    unsigned rows, columns;
    const char *told;
} row[] = {
    {0, 0, all},
    {5, 30, all},
    {6, 20, all}, /* "met" takes two rows there */
    {5, 80, all},
    {4, 80, "first fault\n  ud2\nthe end\n(2 lines matter less and are left out: see why --all, or :why all)\n"},
    {4, 40, "first fault\n  ud2\n(3 lines matter less and are left out: see why --all, or :why all)\n"},
    {1, 80, "(5 lines matter less and are left out: see why --all, or :why all)\n"},
};

START_TEST(tells)
{
    struct ws_buffer text = WS_BUFFER_INIT, out = WS_BUFFER_INIT;
    const struct ws_why why = {.rows = row[_i].rows, .columns = row[_i].columns};
    text_make(&text);
    ws__why_fit(&why, &out, &text);
    ck_assert_str_eq(ws_buffer_text(&out), row[_i].told);
    ws_buffer_release(&text);
    ws_buffer_release(&out);
}
END_TEST

/* Many lines of all ranks and lengths: there are never more rows than there may be. */
START_TEST(fits)
{
    enum { COLUMNS = 80 };
    struct ws_buffer text = WS_BUFFER_INIT;
    unsigned number = (unsigned)_i + 1;
    for (unsigned line = 0; line < 40; line++) {
        number = number * 1103515245 + 12345;
        ws__why_line(&text, (enum ws__why_rank)((number >> 16) % WS__WHY_RANKS));
        for (unsigned words = 0; words <= (number >> 20) % 30; words++)
            ws_buffer_printf(&text, "w%u ", words);
        ws_buffer_printf(&text, "\n");
    }
    for (unsigned rows = 1; rows < 90; rows++) {
        struct ws_buffer out = WS_BUFFER_INIT;
        const struct ws_why why = {.rows = rows, .columns = COLUMNS};
        ws__why_fit(&why, &out, &text);
        ck_assert_uint_le(ws__wrap_lines(NULL, ws_buffer_text(&out), out.size, COLUMNS), rows);
        ws_buffer_release(&out);
    }
    ws_buffer_release(&text);
}
END_TEST

Suite *why_fit_suite(void)
{
    Suite *suite = suite_create("why_fit");
    TCase *tests = tcase_create("rows");
    tcase_add_loop_test(tests, tells, 0, sizeof row / sizeof row[0]);
    tcase_add_loop_test(tests, fits, 0, 20);
    suite_add_tcase(suite, tests);
    return suite;
}

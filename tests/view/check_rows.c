/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from anywhere in rows: what is shown of it, and in how many columns.
 */
#include <check.h>
#include <string.h>

#include <worldswitch/view.h>

#include "view/rows.h"

Suite *rows_suite(void);

/* text, in a row that has all characters, in one of ASCII */
/* clang-format off */
static const struct {
    const char *text, *shown, *ascii;
} row[] = {
    {"vm\x1b[2J", "vm\\x1b[2J", "vm\\x1b[2J"},
    {"a\nb", "a\\x0ab", "a\\x0ab"},
    {"\xc2\x9b" "1m", "\\xc2\\x9b1m", "\\xc2\\x9b1m"},
    {"\xc3\xa4", "\xc3\xa4", "\\xc3\\xa4"},
    {"\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae"},
    {"a\xcc\x88", "a\\xcc\\x88", "a\\xcc\\x88"},          /* stands on the letter before */
    {"\xe4\xb8\x96", "\\xe4\\xb8\\x96", "\\xe4\\xb8\\x96"}, /* takes two columns */
};
/* clang-format on */

START_TEST(text_is_made_fit)
{
    for (unsigned ascii = 0; ascii < 2; ascii++) {
        const char *wanted = ascii ? row[_i].ascii : row[_i].shown;
        struct ws_rows rows;
        ws_rows_init(&rows, 40, ascii);
        ws__rows_begin(&rows);
        ws__rows_print(&rows, WS_ROLE_TEXT, "%s", row[_i].text);
        ck_assert(!rows.failed);
        ck_assert_str_eq(ws_buffer_text(&rows.text), wanted);
        size_t columns = 0;
        for (const char *at = wanted; *at; at++)
            columns += ((unsigned char)*at & 0xc0) != 0x80;
        ck_assert_uint_eq(rows.row[0].columns, columns);
        ws_rows_release(&rows);
    }
}
END_TEST

static void serial_expect(const struct ws_view_state *state, size_t index, const char *wanted)
{
    struct ws_buffer drawn = WS_BUFFER_INIT;
    struct ws_rows rows;
    ws_rows_init(&rows, 93, true);
    ws_view_serial(&rows, state);
    ws_rows_write(&rows, &drawn);
    ck_assert(!rows.failed && !drawn.failed);
    char *line = drawn.data;
    while (index--)
        line = strchr(line, '\n') + 1;
    *strchr(line, '\n') = '\0';
    ck_assert_str_eq(line, wanted);
    ws_buffer_release(&drawn);
    ws_rows_release(&rows);
}

START_TEST(serial_output)
{
    struct ws_view_state state = {.serial = "a\0b\tc\r\nd", .serial_bytes = 8};
    serial_expect(&state, 0, " a\\x00b  c");
    serial_expect(&state, 1, " d");
    state.serial_dropped = 5000000000;
    serial_expect(&state, 0, " 5000000000 bytes before this are not kept; \"worldswitch run\" prints all");
    serial_expect(&state, 2, " d");
}
END_TEST

Suite *rows_suite(void)
{
    Suite *suite = suite_create("rows");
    TCase *text = tcase_create("text");
    tcase_add_loop_test(text, text_is_made_fit, 0, sizeof row / sizeof row[0]);
    tcase_add_test(text, serial_output);
    suite_add_tcase(suite, text);
    return suite;
}

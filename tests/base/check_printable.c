/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from outside: what may be shown, and what stands for the rest.
 */
#include <check.h>
#include <string.h>

#include "base/printable.h"

Suite *printable_suite(void);

/* text, what is shown */
/* clang-format off */
static const struct {
    const char *text, *shown;
} row[] = {
    {"", ""},
    {"start+0x12", "start+0x12"},
    {"a\\b", "a\\b"},
    {"\x1b[2J", "\\x1b[2J"},
    {"one\ntwo\r\a\t", "one\\x0atwo\\x0d\\x07\\x09"},
    {"\x7f", "\\x7f"},
    {"Gr\xc3\xb6\xc3\x9f" "e", "Gr\xc3\xb6\xc3\x9f" "e"},             /* two bytes */
    {"\xe2\x82\xac", "\xe2\x82\xac"},                                 /* three: the euro sign */
    {"\xf0\x9f\x90\x9f", "\xf0\x9f\x90\x9f"},                         /* four */
    {"\xc2\x9b" "31m", "\\xc2\\x9b31m"},                              /* C1: begins a command */
    {"\x9b", "\\x9b"},                                                /* the same byte alone */
    {"\xe2\x80\xae" "fdp", "\\xe2\\x80\\xaefdp"},                     /* writes from right to left */
    {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},                              /* isolates a direction */
    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},                              /* a line separator */
    {"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},                              /* a byte order mark */
    {"\xc0\x8a", "\\xc0\\x8a"},                                       /* newline in two bytes: too long */
    {"\xe0\x80\x8a", "\\xe0\\x80\\x8a"},                              /* and in three */
    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},                              /* half of a UTF-16 character */
    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},                     /* beyond Unicode */
    {"\xe2\x82", "\\xe2\\x82"},                                       /* cut off */
    {"\xc3(", "\\xc3("},                                              /* followed by something else */
    {"\xff\xfe", "\\xff\\xfe"},
};
/* clang-format on */

START_TEST(shows)
{
    struct ws_buffer out = WS_BUFFER_INIT;
    ws__printable_append(&out, row[_i].text, strlen(row[_i].text));
    ck_assert_str_eq(ws_buffer_text(&out), row[_i].shown);
    ws_buffer_release(&out);
}
END_TEST

/* Whatever the room, whole pieces are there and nothing is behind them. */
START_TEST(copies_what_fits)
{
    char whole[128], out[128];
    ws__printable_copy(whole, sizeof whole, row[_i].text);
    ck_assert_str_eq(whole, row[_i].shown);
    for (size_t room = 1; room <= strlen(row[_i].shown) + 1; room++) {
        memset(out, '#', sizeof out);
        ws__printable_copy(out, room, row[_i].text);
        ck_assert_uint_lt(strlen(out), room);
        ck_assert_int_eq(strncmp(out, row[_i].shown, strlen(out)), 0);
        ck_assert_int_eq(out[room], '#');
        ck_assert_uint_gt(strlen(out) + WS__PIECE_BYTES, room - 1); /* no more than a piece is missing */
    }
}
END_TEST

START_TEST(appends_nuls)
{
    struct ws_buffer out = WS_BUFFER_INIT;
    ws__printable_append(&out, "a\0b", 3);
    ck_assert_str_eq(ws_buffer_text(&out), "a\\x00b");
    ws_buffer_release(&out);
}
END_TEST

Suite *printable_suite(void)
{
    Suite *suite = suite_create("printable");
    TCase *all = tcase_create("all");
    tcase_add_loop_test(all, shows, 0, sizeof row / sizeof row[0]);
    tcase_add_loop_test(all, copies_what_fits, 0, sizeof row / sizeof row[0]);
    tcase_add_test(all, appends_nuls);
    suite_add_tcase(suite, all);
    return suite;
}

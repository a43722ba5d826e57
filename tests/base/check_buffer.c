/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers grow, stay terminated, and remember failure.
 */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/buffer.h>
#include <worldswitch/status.h>

Suite *base_suite(void);

START_TEST(empty_is_a_string)
{
    struct ws_buffer buffer = WS_BUFFER_INIT;
    ck_assert_str_eq(ws_buffer_text(&buffer), "");
    char *text = ws_buffer_detach(&buffer);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(grows)
{
    struct ws_buffer buffer = WS_BUFFER_INIT;
    for (int i = 0; i < 1000; i++)
        ws_buffer_printf(&buffer, "%03d,", i);
    ck_assert_uint_eq(buffer.size, 4000);
    ck_assert_mem_eq(buffer.data + 3996, "999,", 5);
    ws_buffer_append(&buffer, "a\0b", 3);
    ck_assert_uint_eq(buffer.size, 4003);
    ws_buffer_clear(&buffer);
    ck_assert_str_eq(ws_buffer_text(&buffer), "");
    ws_buffer_release(&buffer);
}
END_TEST

START_TEST(remembers_failure)
{
    struct ws_buffer buffer = WS_BUFFER_INIT;
    ws_buffer_append(&buffer, "kept", 4);
    ws_buffer_append(&buffer, "x", SIZE_MAX / 2);
    ck_assert(buffer.failed);
    ws_buffer_append(&buffer, "ignored", 7);
    ck_assert_str_eq(ws_buffer_text(&buffer), "kept");
    ws_buffer_clear(&buffer);
    ck_assert(buffer.failed);
    ws_buffer_release(&buffer);
    ck_assert(!buffer.failed);
}
END_TEST

/* Every status has a sentence: lower case, no full stop. */
START_TEST(statuses_have_texts)
{
    const char *text = ws_status_text((enum ws_status)_i);
    ck_assert_msg(strlen(text) > 3 && text[strlen(text) - 1] != '.', "status %d says \"%s\"", _i, text);
    ck_assert_ptr_nonnull(ws_status_text((enum ws_status)(WS_STATUS_COUNT + _i)));
}
END_TEST

Suite *base_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("buffer and status");
    tcase_add_test(tests, empty_is_a_string);
    tcase_add_test(tests, grows);
    tcase_add_test(tests, remembers_failure);
    tcase_add_loop_test(tests, statuses_have_texts, 0, WS_STATUS_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}

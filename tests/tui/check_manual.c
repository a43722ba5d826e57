/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manual page's list of keys is the table of requests, word for word.
 *
 * After a change of the table, WS_GOLDEN_UPDATE=1 writes the list anew.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

#include "tui/request.h"

static const char begins[] = ".\\\" The list of keys begins here; tests/tui/check_manual writes it.\n";
static const char ends[] = ".\\\" The list of keys ends here.\n";

/* A word as troff wants it: a dot or an apostrophe must not begin a line, a minus is not a hyphen. */
static void roff_append(struct ws_buffer *out, const char *text)
{
    ws_buffer_printf(out, "\\&");
    for (; *text; text++)
        if (*text == '-' || *text == '\\')
            ws_buffer_printf(out, "\\%c", *text);
        else if (*text == '\'')
            ws_buffer_printf(out, "\\(aq");
        else
            ws_buffer_printf(out, "%c", *text);
}

static void list_append(struct ws_buffer *out)
{
    struct ws_view_key key[WS_REQUEST_COUNT];
    size_t count = ws__request_keys(key);
    for (size_t at = 0; at < count; at++) {
        if (!key[at].text[0])
            continue;
        ws_buffer_printf(out, ".TP\n.B ");
        roff_append(out, key[at].keys);
        ws_buffer_printf(out, "\n");
        roff_append(out, key[at].text);
        if (key[at].back[0]) {
            ws_buffer_printf(out, "; back: ");
            roff_append(out, key[at].back);
        }
        ws_buffer_printf(out, "\n");
    }
}

START_TEST(the_manual_lists_the_keys_of_the_program)
{
    const char *source = getenv("top_srcdir");
    char path[512];
    struct ws_buffer page = WS_BUFFER_INIT, list = WS_BUFFER_INIT, fresh = WS_BUFFER_INIT;
    snprintf(path, sizeof path, "%s/doc/worldswitch.1", source ? source : ".");
    ck_assert_msg(ws_file_read(path, 1 << 20, &page) == WS_OK, "cannot read %s", path);
    const char *begin = strstr(ws_buffer_text(&page), begins);
    const char *end = strstr(ws_buffer_text(&page), ends);
    ck_assert_msg(begin && end && begin < end, "%s has no place for the list of keys", path);
    begin += strlen(begins);
    list_append(&list);
    if (getenv("WS_GOLDEN_UPDATE")) {
        ws_buffer_append(&fresh, page.data, (size_t)(begin - page.data));
        ws_buffer_append(&fresh, list.data, list.size);
        ws_buffer_append(&fresh, end, strlen(end));
        ck_assert_int_eq(ws_file_write(path, fresh.data, fresh.size), WS_OK);
    } else {
        ck_assert_msg(list.size == (size_t)(end - begin) && memcmp(list.data, begin, list.size) == 0,
                      "%s lists other keys than the program has; it should say:\n%s", path, ws_buffer_text(&list));
    }
    ws_buffer_release(&page);
    ws_buffer_release(&list);
    ws_buffer_release(&fresh);
}
END_TEST

Suite *manual_suite(void);

Suite *manual_suite(void)
{
    Suite *suite = suite_create("manual");
    TCase *tests = tcase_create("manual");
    tcase_add_test(tests, the_manual_lists_the_keys_of_the_program);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The help's words: a word that README.md explains, too, has the same text there; each panel has a text.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/image.h>

#include "view/words.h"

Suite *words_suite(void);

START_TEST(words_are_those_of_the_readme)
{
    const char *source = getenv("top_srcdir");
    struct ws_buffer page = WS_BUFFER_INIT;
    char path[512], head[80], row[512];
    size_t count;
    unsigned both = 0;
    const struct ws__word *word = ws__words(&count);
    snprintf(path, sizeof path, "%s/README.md", source ? source : ".");
    ck_assert_msg(ws_file_read(path, 1 << 20, &page) == WS_OK, "cannot read %s", path);
    for (size_t at = 0; at < count; at++) {
        snprintf(head, sizeof head, "\n| %s | ", word[at].word);
        snprintf(row, sizeof row, "\n| %s | %s |\n", word[at].word, word[at].meaning);
        if (!strstr(ws_buffer_text(&page), head))
            continue;
        both++;
        ck_assert_msg(strstr(ws_buffer_text(&page), row) != NULL, "README.md says something else of:%s", row);
    }
    ck_assert_uint_ge(both, 10); /* else the table is not found any more */
    ws_buffer_release(&page);
}
END_TEST

START_TEST(each_panel_has_a_text)
{
    for (unsigned panel = 0; panel < WS_PANEL_COUNT; panel++)
        ck_assert_msg(ws__panel_text((enum ws_panel)panel) && *ws__panel_text((enum ws_panel)panel), "panel %u", panel);
}
END_TEST

Suite *words_suite(void)
{
    Suite *suite = suite_create("words");
    TCase *tests = tcase_create("words");
    tcase_add_test(tests, words_are_those_of_the_readme);
    tcase_add_test(tests, each_panel_has_a_text);
    suite_add_tcase(suite, tests);
    return suite;
}

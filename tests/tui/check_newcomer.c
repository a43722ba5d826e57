/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A newcomer's path, at 80x24: six keys to the instruction with which the host disappears, and a seventh to see it
 * done.  The instruction, why it is there, what happens without it, and both address spaces are on the screen, and
 * nothing of it is cut.
 */
#include "tui/true.h"

Suite *newcomer_suite(void);

static void shows_check(const char *const *shows)
{
    struct ws_buffer text = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__viewer_screen(viewer, &text), WS_OK);
    for (; *shows; shows++)
        ck_assert_msg(strstr(ws_buffer_text(&text), *shows) != NULL, "no \"%s\" on\n%s", *shows, ws_buffer_text(&text));
    ck_assert_msg(!strchr(ws_buffer_text(&text), '~'), "something is cut:\n%s", ws_buffer_text(&text));
    ws_buffer_release(&text);
}

START_TEST(seven_keys_are_enough)
{
    static const char *const key[] = {"w", "/", "c", "r", "3", "Enter"};
    static const char *const before[] = {"25/45",
                                         "mov %ecx, %cr3",
                                         "WITH THIS WRITE THE LEFT WORLD VANISHES",
                                         " Without it: ",
                                         " will vanish",
                                         ", now ",
                                         ", not mapped now",
                                         NULL};
    static const char *const behind[] = {"26/45", " vanished", " stale, not mapped: handlers (idt)", "cr3 ", NULL};
    hosted_take();
    ck_assert_uint_eq(viewer->state.width, WS_SCREEN_WIDTH);
    for (unsigned at = 0; at < sizeof key / sizeof key[0]; at++)
        ws__viewer_key(viewer, key[at]);
    shows_check(before);
    ws__viewer_key(viewer, "s");
    shows_check(behind);
    stand_up();
}
END_TEST

Suite *newcomer_suite(void)
{
    Suite *suite = suite_create("newcomer");
    TCase *tests = tcase_create("newcomer");
    tcase_add_test(tests, seven_keys_are_enough);
    suite_add_tcase(suite, tests);
    return suite;
}

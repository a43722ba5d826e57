/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys and lines in any order, in windows of any size.  WS_LONG=1 presses many more, WS_TRUE_SEED=7 other ones.
 */
#include "effort.h"
#include "tui/screen_text.h"
#include "tui/true.h"
#include "tui/typed.h"

Suite *random_keys_suite(void);

static const char *const keys[] = {
    "s", "S",     "n",   "N",         "c",      "C",     "w",    "W",    "f",     "F",   "g",     "G", ":",
    "7", "m",     "x",   "'",         "b",      "/",     "]",    "[",    "Tab",   "1",   "2",     "3", "4",
    "5", "6",     "7",   "j",         "k",      "PgDn",  "PgUp", "o",    "p",     "a",   "+",     "-", "?",
    "h", "Enter", "Esc", "Backspace", "Home",   "Space", "z",    "e",    "i",     "v",   "=",     "r", "{",
    "}", "Z",     "t",   "T",         "X",      "y",     "0",    "d",    "l",     "8",   "9",     "u", "H",
    "P", "A",     ".",   "Ctrl-O",    "Ctrl-L", "Up",    "Down", "Left", "Right", "End", "Delete"};
static const char *const lines[] = {":set eax=1<Enter>",
                                    ":set cr4=0<Enter>",
                                    ":set 0x200000=7<Enter>",
                                    ":break vector=14<Enter>",
                                    ":unbreak 1<Enter>",
                                    ":breaks<Enter>",
                                    ":+500<Enter>",
                                    ":-3<Enter>",
                                    ":0x1000<Enter>",
                                    ":why<Enter>",
                                    ":theme contrast<Enter>",
                                    ":help world<Enter>",
                                    ":mouse<Enter>",
                                    ":break changed esp<Enter>",
                                    "/eip=0x100000<Enter>",
                                    "/cr3<Enter>",
                                    ":memory esp<Enter>",
                                    ":nonsense 1 2 3<Enter>",
                                    "3000s",
                                    "X"};

/* Whatever is pressed, in whatever order and size of window: no crash, no untrue answer, and every screen
 * has its shape. */
START_TEST(any_keys_in_any_order)
{
    lab_take();
    dice += 1000 * (uint64_t)_i;
    for (unsigned at = 0; at < effort_more(125, 250, 20000); at++) {
        const char *key = keys[random_below(sizeof keys / sizeof keys[0])];
        if (random_below(16) == 0)
            ws__typed_keys(viewer, lines[random_below(sizeof lines / sizeof lines[0])]);
        else
            ws__viewer_key(viewer, key);
        ck_assert_msg(!viewer->state.message || !strstr(viewer->state.message, "stopped, and back"),
                      "%s: nobody has stopped it", key);
        if (viewer->playing)
            ws__viewer_tick(viewer);
        if (random_below(11) == 0)
            ws__viewer_resize(viewer, 80 + (unsigned)random_below(120), 20 + (unsigned)random_below(50));
        free(screen_text(viewer));
    }
    stand_up();
}
END_TEST

Suite *random_keys_suite(void)
{
    Suite *suite = suite_create("random_keys");
    TCase *tests = tcase_create("laboratory");
    tcase_add_loop_test(tests, any_keys_in_any_order, 0, 6);
    suite_add_tcase(suite, tests);
    return suite;
}

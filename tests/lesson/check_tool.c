/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tool can reach: with each kind of walls that works here, it sees programs and libraries, and works in its own
 * folder, and that is all.
 */
#define _POSIX_C_SOURCE 200809L

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "effort.h"
#include "lesson/confine.h"
#include "lesson/tool.h"

static char folder[] = "/tmp/worldswitch-tool-XXXXXX", outside[sizeof folder + 16];

static void setup(void)
{
    strcpy(folder, "/tmp/worldswitch-tool-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(outside, sizeof outside, "%s-outside", folder);
    FILE *file = fopen(outside, "w");
    ck_assert_ptr_nonnull(file);
    fputs("secret\n", file);
    fclose(file);
}

static void teardown(void)
{
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", folder, outside);
    ck_assert_int_eq(system(command), 0);
}

/* Run a line of shell as a tool; does it succeed? */
static bool does(enum ws__tool_walls walls, const char *format, const char *argument, struct ws_buffer *said)
{
    struct ws__tool tool = {.words = 0};
    struct ws_buffer line = WS_BUFFER_INIT;
    ws_buffer_printf(&line, format, argument);
    ws__tool_words(&tool, "sh -c");
    ws__tool_word(&tool, "%s", ws_buffer_text(&line));
    ws_buffer_release(&line);
    ws_buffer_clear(said);
    return ws__tool_run(&tool, folder, walls, said) == WS__TOOL_DONE;
}

START_TEST(walls)
{
    struct ws_buffer said = WS_BUFFER_INIT;
    enum ws__tool_walls kind = (enum ws__tool_walls)_i;
    bool open = kind == WS__TOOL_NO_WALLS;
    if (!ws__tool_walls_work(kind)) {
        fprintf(stderr, "walls of kind %d do not work here\n", _i);
        return;
    }
    ck_assert(does(kind, "echo one > file && cat file && mv file other && rm other && %s", "gcc --version", &said));
    ck_assert_ptr_nonnull(strstr(ws_buffer_text(&said), "one\n"));
    ck_assert_int_eq(does(kind, "cat %s", "/etc/passwd", &said), open);
    ck_assert_int_eq(does(kind, "cat %s", outside, &said), open);
    ck_assert_int_eq(does(kind, "echo forged >> %s", outside, &said), open);
    ck_assert_int_eq(does(kind, "ls %s", "/tmp/..", &said) && strstr(ws_buffer_text(&said), "home"), open);
    ck_assert_int_eq(does(kind, "ln -s %s link && cat link", outside, &said), open);
    ck_assert_int_eq(does(kind, "ls %s", "/usr/share", &said), open);
    ck_assert(!does(kind, "test -n \"$%s\"", "HOME", &said));
    ws_buffer_release(&said);
}
END_TEST

/* Labs that lie where a tool may look are hidden there. */
START_TEST(hidden_labs)
{
    struct ws__hidden hidden;
    setenv("WS_LESSONS", "/usr/lib/../lib", 1);
    ws__confine_hidden(&hidden);
    unsigned count = hidden.count;
    ck_assert_uint_ge(count, 1);
    ck_assert_str_eq(hidden.folder[count - 1], "/usr/lib");
    setenv("WS_LESSONS", folder, 1);
    ws__confine_hidden(&hidden);
    ck_assert_uint_eq(hidden.count, count - 1);
    unsetenv("WS_LESSONS");
}
END_TEST

/* The second one takes five seconds of a processor. */
START_TEST(limits)
{
    static const char *const line[] = {"head -c 5000000 /dev/zero > file%s", "while :; do :; done%s"};
    static const char *const says[] = {"larger than 4 MiB", "5 seconds of a processor"};
    struct ws_buffer said = WS_BUFFER_INIT;
    ck_assert(!does(WS__TOOL_NO_WALLS, line[_i], "", &said));
    ck_assert_msg(strstr(ws_buffer_text(&said), says[_i]) != NULL, "%s", ws_buffer_text(&said));
    ws_buffer_release(&said);
}
END_TEST

Suite *tool_suite(void)
{
    Suite *suite = suite_create("tool");
    TCase *tests = tcase_create("walls"), *heavy = tcase_create("limits");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, walls, WS__TOOL_NO_WALLS, WS__TOOL_BUBBLEWRAP + 1);
    tcase_add_test(tests, hidden_labs);
    suite_add_tcase(suite, tests);
    tcase_set_tags(heavy, "heavy");
    tcase_add_checked_fixture(heavy, setup, teardown);
    tcase_add_loop_test(heavy, limits, 0, (int)effort_more(1, 2, 2));
    suite_add_tcase(suite, heavy);
    return suite;
}

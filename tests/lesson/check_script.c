/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts: what they can do, what a closed one cannot, and that errors are one line that says where.
 */
#define _XOPEN_SOURCE 700
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <worldswitch/image.h>

#include "lesson/lua/script.h"

static char path[] = "/tmp/worldswitch-script-XXXXXX";

static void setup(void)
{
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void teardown(void)
{
    unlink(path);
}

/* Run a text; *report gets what its results say, *why the error. */
static enum ws_status text_run(enum ws__script_kind kind, const char *text, struct ws_buffer *report,
                               struct ws_buffer *why)
{
    struct ws__script *script;
    ck_assert_int_eq(ws_file_write(path, text, strlen(text)), WS_OK);
    ck_assert_int_eq(ws__script_new(&script, kind, 7), WS_OK);
    enum ws_status status = ws__script_run(script, path, NULL, 0, why);
    ws__report_text(ws__script_report(script), report);
    ws__script_free(script);
    return status;
}

static const struct {
    const char *text;
    const char *why; /* the error's end; NULL: there is none */
} rows[] = {
    {"expect('x', 1, true, '')", NULL},
    {"#!/usr/bin/env lua\nassert(1)", NULL},
    {"local", ":1: <name> expected near <eof>"},
    {"error('no\\nmore')", ":1: no"},
    {"error({})", "an error that is no text"},
    {"\n\nlocal x = nil .. 'a'", ":3: attempt to concatenate a nil value"},
    {"worldswitch.lab{colour=1}", "worldswitch.lab: unknown option \"colour\""},
    {"worldswitch.lab{memory='much'}", "\"memory\" is not a number from 0 to 4294967295"},
    {"worldswitch.lab{memory=5000}", "worldswitch.lab: an argument is out of its range"},
    {"worldswitch.image('/nonexistent')", "\"/nonexistent\": No such file or directory"},
    {"worldswitch.lab():world{}", "lab:world: give it a name: lab:world{name=\"host\"}"},
    {"worldswitch.lab():process{name='a'}", "lab:process: give it a name and a world: lab:process{name=\"A\", "
                                            "world=host}"},
    {"worldswitch.lab():run(1)", "nothing is loaded: call lab:enter(world), or lab:load(world)"},
    {"worldswitch.hosted():world{name='x'}", "this machine is no laboratory"},
    {"local l = worldswitch.lab() l:reg('rax')", "there is no register \"rax\""},
    {"local l = worldswitch.lab() l:world{name='a'} l:world{name='a'}", "lab:world: the range is taken already"},
    {"local l = worldswitch.lab() l:enter(l)", "worldswitch.world expected, got worldswitch.machine)"},
    {"getmetatable(worldswitch.lab()).__gc()", "attempt to index a boolean value"},
    {"expect('x', -1, true)", "the number is out of its range)"},
    /* closed */
    {"assert(not io and not os and not require and not load and not dofile and not loadfile and not debug)", NULL},
    {"assert(not package and not collectgarbage and not next and not coroutine)", NULL},
    {"assert(string.pack and table.sort and math.floor and utf8.char)", NULL},
    {"local s = '' for k, v in pairs{b=1, a=2, [3]=3, [1]=4} do s = s .. k .. v end assert(s == '1433a2b1')", NULL},
    {"for k in pairs{[true]=1} do end", "pairs: a key is neither a number nor a text"},
    {"local n = math.random(5, 9) assert(n >= 5 and n <= 9) assert(math.random() < 1)", NULL},
    {"math.random(2, 1)", "(the interval is empty)"},
    {"math.randomseed(3) local a = math.random(1000000) math.randomseed(3) assert(a == math.random(1000000))", NULL},
    {"for i = 1, 100000 do print('much') end", "print: this is too much text for a report"},
};

START_TEST(scripts)
{
    struct ws_buffer report = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    enum ws_status status = text_run(WS__SCRIPT_CLOSED, rows[_i].text, &report, &why);
    const char *said = ws_buffer_text(&why), *wanted = rows[_i].why;
    ck_assert_msg(status == (wanted ? WS_BAD_ARGUMENT : WS_OK), "\"%s\": %s", rows[_i].text, said);
    if (wanted)
        ck_assert_msg(strstr(said, wanted) && strlen(strstr(said, wanted)) == strlen(wanted), "\"%s\": \"%s\"",
                      rows[_i].text, said);
    ck_assert_ptr_null(strchr(said, '\n'));
    ws_buffer_release(&report);
    ws_buffer_release(&why);
}
END_TEST

/* Two runs say the same; another seed says something else. */
START_TEST(repeated)
{
    static const char text[] = "local t = {} for i = 1, 20 do t['k' .. i] = math.random(1000) end\n"
                               "for k, v in pairs(t) do print(k, v) end";
    struct ws_buffer report[2] = {WS_BUFFER_INIT, WS_BUFFER_INIT}, why = WS_BUFFER_INIT;
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(text_run(WS__SCRIPT_CLOSED, text, &report[i], &why), WS_OK);
    ck_assert_str_eq(ws_buffer_text(&report[0]), ws_buffer_text(&report[1]));
    ck_assert_uint_gt(report[0].size, 100);
    for (unsigned i = 0; i < 2; i++)
        ws_buffer_release(&report[i]);
}
END_TEST

START_TEST(reported)
{
    static const char text[] = "expect('first', 2, true, 'unseen') expect('second', 3, false, 'because of it')";
    struct ws_buffer report = WS_BUFFER_INIT, why = WS_BUFFER_INIT;
    ck_assert_int_eq(text_run(WS__SCRIPT_CLOSED, text, &report, &why), WS_OK);
    ck_assert_str_eq(ws_buffer_text(&report), "ok      first (2 of 2)\n"
                                              "NOT OK  second (0 of 3)\n"
                                              "        because of it\n"
                                              "2 of 5 points\n");
    ws_buffer_release(&report);
}
END_TEST

/* All that lessons/API.md lists. */
START_TEST(whole_interface)
{
    char file[1024];
    struct ws__script *script;
    struct ws_buffer why = WS_BUFFER_INIT;
    const char *source = getenv("top_srcdir");
    snprintf(file, sizeof file, "%s/tests/lesson/api.lua", source ? source : ".");
    ck_assert_int_eq(ws__script_new(&script, WS__SCRIPT_OPEN, 0), WS_OK);
    ck_assert_msg(ws__script_run(script, file, NULL, 0, &why) == WS_OK, "%s", ws_buffer_text(&why));
    ws__script_free(script);
}
END_TEST

START_TEST(unreadable)
{
    struct ws__script *script;
    struct ws_buffer why = WS_BUFFER_INIT;
    ck_assert_int_eq(ws__script_new(&script, WS__SCRIPT_OPEN, 0), WS_OK);
    ck_assert_int_eq(ws__script_run(script, "/nonexistent", NULL, 0, &why), WS_BAD_FILE);
    ck_assert_int_eq(errno, ENOENT);
    ws__script_free(script);
}
END_TEST

Suite *script_suite(void)
{
    Suite *suite = suite_create("script");
    TCase *tests = tcase_create("script");
    suite_add_tcase(suite, tests);
    if (!*ws__script_version()) /* built without Lua: there is nothing to test */
        return suite;
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, scripts, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(tests, repeated);
    tcase_add_test(tests, reported);
    tcase_add_test(tests, whole_interface);
    tcase_add_test(tests, unreadable);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every guest program of the tests, visited out of order: faults, rings, task switches, triple
 * faults and halts must all come out the same when they are executed again.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "effort.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include <worldswitch/image.h>
#include <worldswitch/timeline.h>

enum { VISITS = 9, MOST_INSTRUCTIONS = 1000000 };

/* The state at VISITS marks that are spread over the run, and at its end. */
struct reference {
    uint64_t mark[VISITS];
    uint64_t hash[VISITS];
    uint64_t end;
    uint64_t end_hash;
};

static void reference_take(struct reference *reference, struct ws_timeline *timeline, struct ws_machine *machine)
{
    ws_timeline_end(timeline);
    reference->end = ws_timeline_mark(timeline);
    reference->end_hash = ws_machine_hash(machine);
    ws_timeline_seek(timeline, 0);
    for (unsigned at = 0; at < VISITS; at++) {
        reference->mark[at] = reference->end * at / VISITS;
        ck_assert_int_eq(ws_timeline_seek(timeline, reference->mark[at]), WS_SEEK_THERE);
        reference->hash[at] = ws_machine_hash(machine);
    }
}

static void image_check(const char *path)
{
    struct ws_buffer file = WS_BUFFER_INIT;
    struct ws_machine_options options = {.max_instructions = MOST_INSTRUCTIONS};
    struct ws_machine *machine;
    struct ws_timeline *timeline;
    struct reference reference;

    ck_assert_int_eq(ws_file_read(path, 1 << 26, &file), WS_OK);
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_image_load(machine, file.data, file.size, "", NULL, NULL), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, NULL), WS_OK);
    reference_take(&reference, timeline, machine);
    for (unsigned visit = 0; visit < VISITS; visit++) {
        unsigned at = (visit * 5 + 3) % VISITS;
        ws_timeline_seek(timeline, reference.mark[at]);
        ws_timeline_step(timeline, 1);
        ws_timeline_step(timeline, -1);
        ck_assert_msg(ws_machine_hash(machine) == reference.hash[at], "%s: mark %llu shows another state", path,
                      (unsigned long long)reference.mark[at]);
    }
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
    ck_assert_uint_eq(ws_timeline_mark(timeline), reference.end);
    ck_assert_msg(ws_machine_hash(machine) == reference.end_hash, "%s: it ends otherwise", path);
    ws_timeline_free(timeline);
    ws_machine_free(machine);
    ws_buffer_release(&file);
}

/* Every second one, if not more are asked for. */
START_TEST(guest_programs_come_out_the_same)
{
    const char *build = getenv("top_builddir");
    char pattern[512];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/guest/tests/guest/*.elf", build ? build : ".");
    ck_assert_msg(glob(pattern, 0, NULL, &found) == 0, "no guest program matches %s", pattern);
    for (size_t at = 0; at < found.gl_pathc; at += effort_more(2, 1, 1))
        image_check(found.gl_pathv[at]);
    globfree(&found);
}
END_TEST

Suite *replay_suite(void);

Suite *replay_suite(void)
{
    Suite *suite = suite_create("replay");
    TCase *tests = tcase_create("guest programs");
    tcase_set_tags(tests, "heavy");
    tcase_add_test(tests, guest_programs_come_out_the_same);
    suite_add_tcase(suite, tests);
    return suite;
}

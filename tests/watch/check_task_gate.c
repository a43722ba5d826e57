/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A watcher sees the switch that an interrupt through a task gate is.
 */
#include "cpu/task_stage.h"

#include <worldswitch/crossing.h>

static const uint8_t nop_loop[] = {0x90, 0xeb, 0xfd};

static struct ws_crossing seen;
static unsigned count;

static void keep(void *context, const struct ws_crossing *crossing)
{
    (void)context;
    seen = *crossing;
    count++;
}

START_TEST(task_gate_is_a_crossing)
{
    struct stage stage = stage_make(3, WS_EFLAGS_IF | WS_EFLAGS_FIXED, nop_loop, sizeof nop_loop);
    struct ws_watcher *watcher;
    count = 0;
    task_put(stage.machine);
    ck_assert_int_eq(ws_watcher_new(&watcher, stage.machine), WS_OK);
    ck_assert_int_eq(ws_watcher_listen(watcher, keep, NULL), WS_OK);
    ws_machine_run(stage.machine, 2);
    ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 5);
    ws_watcher_settle(watcher);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(seen.kind, WS_CROSSING_CONTEXT);
    ck_assert_uint_eq(seen.before.value[WS_CR3], DIRECTORY);
    ck_assert_uint_eq(seen.after.value[WS_CR3], TASK_DIRECTORY);
    ck_assert_uint_eq(seen.before.value[WS_EIP], stage.start);
    ck_assert_uint_eq(seen.before.value[WS_TR], TSS_SELECTOR);
    ck_assert_uint_eq(seen.after.value[WS_TR], SPARE);
    ws_watcher_free(watcher);
    ws_machine_free(stage.machine);
}
END_TEST

Suite *task_gate_suite(void)
{
    Suite *suite = suite_create("task gate");
    TCase *tcase = tcase_create("task gate");
    tcase_add_test(tcase, task_gate_is_a_crossing);
    suite_add_tcase(suite, tcase);
    return suite;
}

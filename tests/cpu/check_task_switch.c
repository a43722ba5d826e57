/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts through a task gate: what a guest program cannot see itself.  The checks and their exceptions are tested
 * by tests/guest/taskgate.S and taskgate_new.S.
 */
#include "cpu/task_stage.h"

static const uint8_t nop_loop[] = {0x90, 0xeb, 0xfd};

enum { IF = WS_EFLAGS_IF | WS_EFLAGS_FIXED, EVENTS = 8 };

static struct {
    struct ws_event event[EVENTS];
    unsigned count;
} heard;

static void hear(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)context;
    (void)machine;
    ck_assert_uint_lt(heard.count, EVENTS);
    heard.event[heard.count++] = *event;
}

START_TEST(task_is_entered)
{
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    struct ws_descriptor tss;
    task_put(stage.machine);
    ws_machine_interrupt(stage.machine, VECTOR);
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), TASK_EIP);
    ck_assert_uint_eq(value_of(stage.machine, WS_ESP), TASK_STACK);
    ck_assert_uint_eq(value_of(stage.machine, WS_ESI), TASK_ESI);
    ck_assert_uint_eq(value_of(stage.machine, WS_CR3), TASK_DIRECTORY);
    ck_assert_uint_eq(value_of(stage.machine, WS_TR), SPARE);
    ck_assert_uint_eq(value_of(stage.machine, WS_CR0) & WS_CR0_TS, WS_CR0_TS);
    ck_assert_uint_eq(value_of(stage.machine, WS_EFLAGS), WS_EFLAGS_FIXED | WS_EFLAGS_NT);
    ck_assert_uint_eq(ws_machine_cpl(stage.machine), 0);
    ws_machine_segment(stage.machine, WS_TR, &tss);
    ck_assert_uint_eq(tss.type, WS_TYPE_TSS32_BUSY);
    ck_assert_uint_eq(tss.base, TASK_TSS);
    ws_machine_free(stage.machine);
}
END_TEST

/* Two events have the same mark: first the task switch, then the vector that caused it. */
START_TEST(both_are_reported)
{
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    uint64_t mark = ws_machine_mark(stage.machine);
    heard.count = 0;
    task_put(stage.machine);
    ck_assert_int_eq(ws_machine_listen(stage.machine, WS_EVENT_MASK(TASK) | WS_EVENT_MASK(VECTOR), hear, NULL), WS_OK);
    ws_machine_run(stage.machine, 2);
    ws_machine_interrupt(stage.machine, VECTOR);
    ws_machine_run(stage.machine, 2);
    ck_assert_uint_eq(heard.count, 2);
    ck_assert_uint_eq(heard.event[0].kind, WS_EVENT_TASK);
    ck_assert_uint_eq(heard.event[0].before, TSS_SELECTOR);
    ck_assert_uint_eq(heard.event[0].after, SPARE);
    ck_assert_uint_eq(heard.event[1].kind, WS_EVENT_VECTOR);
    ck_assert_uint_eq(heard.event[1].before, stage.start);
    ck_assert_uint_eq(heard.event[1].after, TASK_EIP);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(heard.event[i].mark, mark + 2);
        ck_assert_uint_eq(heard.event[i].cpl, 3);
        ck_assert_uint_eq(heard.event[i].esp, TASK_STACK);
    }
    ws_machine_free(stage.machine);
}
END_TEST

/* The old task's TSS cannot be written: nothing may change in the old task, and it gets the page fault. */
START_TEST(old_task_must_be_writable)
{
    struct stage stage = stage_make(3, IF, nop_loop, sizeof nop_loop);
    uint8_t before[0x68], after[0x68];
    uint32_t link;
    task_put(stage.machine);
    word_put(stage.machine, TABLE + 4 * (TSS >> 12), TSS | WS_PTE_P | WS_PTE_US);
    ck_assert_int_eq(ws_machine_read(stage.machine, TSS, before, sizeof before), WS_OK);
    ws_machine_interrupt(stage.machine, VECTOR);
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), HANDLERS + 16 * WS_VECTOR_PF);
    ck_assert_uint_eq(value_of(stage.machine, WS_CR2), TSS);
    ck_assert_uint_eq(value_of(stage.machine, WS_TR), TSS_SELECTOR);
    frame_expect(stage.machine, (uint32_t[]){WS_PF_P | WS_PF_W, stage.start, USER_CODE}, 3);
    ck_assert_int_eq(ws_machine_read(stage.machine, TSS, after, sizeof after), WS_OK);
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_int_eq(ws_machine_read(stage.machine, TASK_TSS, &link, sizeof link), WS_OK);
    ck_assert_uint_eq(link, 0);
    ws_machine_free(stage.machine);
}
END_TEST

Suite *task_switch_suite(void)
{
    Suite *suite = suite_create("task switch");
    TCase *tcase = tcase_create("task switch");
    tcase_add_test(tcase, task_is_entered);
    tcase_add_test(tcase, both_are_reported);
    tcase_add_test(tcase, old_task_must_be_writable);
    suite_add_tcase(suite, tcase);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iret outside ring 0 whose image of EFLAGS has VM set: what a guest program cannot see itself.  The checks, their
 * exceptions and the flags are tested by tests/guest/iret.S.
 */
#include "cpu/stage.h"

enum { IMAGE = WS_EFLAGS_FIXED | WS_EFLAGS_VM, ROUNDS = 700 };

/* push IMAGE; push USER_CODE; push 1f; iret; nop; 1: inc %ebx; jmp to the first push */
static const uint8_t returns[] = {
    0x68, 0x02, 0x00, 0x02, 0x00, 0x6a, USER_CODE, 0x68, 0x0e, 0x01, 0x01, 0x00, 0xcf, 0x90, 0x43, 0xeb, 0xef,
};
enum { INSTRUCTIONS = 6, TARGET = CODE + 0x100 + 14 };

static struct {
    struct ws_event event[2];
    unsigned count;
} heard;

static void hear(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)context;
    (void)machine;
    ck_assert_uint_lt(heard.count, 2);
    heard.event[heard.count++] = *event;
}

START_TEST(stepping_is_running)
{
    struct stage ran = stage_make(3, WS_EFLAGS_FIXED, returns, sizeof returns);
    struct stage stepped = stage_make(3, WS_EFLAGS_FIXED, returns, sizeof returns);
    ck_assert_int_eq(ws_machine_run(ran.machine, ROUNDS * INSTRUCTIONS), WS_STOP_COUNT);
    for (unsigned i = 0; i < ROUNDS * INSTRUCTIONS; i++)
        ck_assert_int_eq(ws_machine_run(stepped.machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(ran.machine, WS_EBX), ROUNDS);
    ck_assert_uint_eq(value_of(ran.machine, WS_EIP), ran.start);
    ck_assert_uint_eq(value_of(ran.machine, WS_ESP), USER_STACK);
    ck_assert_uint_eq(ws_machine_mark(ran.machine), ws_machine_mark(stepped.machine));
    ck_assert(ws_machine_hash(ran.machine) == ws_machine_hash(stepped.machine));
    ws_machine_free(ran.machine);
    ws_machine_free(stepped.machine);
}
END_TEST

START_TEST(return_is_reported)
{
    struct stage stage = stage_make(3, WS_EFLAGS_FIXED, returns, sizeof returns);
    uint64_t mark = ws_machine_mark(stage.machine);
    heard.count = 0;
    ck_assert_int_eq(ws_machine_listen(stage.machine, WS_EVENT_MASK(RETURN), hear, NULL), WS_OK);
    ck_assert_int_eq(ws_machine_run(stage.machine, INSTRUCTIONS), WS_STOP_COUNT);
    ck_assert_uint_eq(heard.count, 1);
    ck_assert_uint_eq(heard.event[0].mark, mark + 3);
    ck_assert_uint_eq(heard.event[0].linear, stage.start + 12);
    ck_assert_uint_eq(heard.event[0].before, stage.start + 12);
    ck_assert_uint_eq(heard.event[0].after, TARGET);
    ck_assert_uint_eq(heard.event[0].esp, USER_STACK);
    ck_assert_uint_eq(heard.event[0].which, 3);
    ws_machine_free(stage.machine);
}
END_TEST

/* Four frames lie one above the other, and each leads to the iret itself: the iret begins once for each frame. */
START_TEST(it_may_come_to_itself)
{
    struct stage stage = stage_make(3, WS_EFLAGS_FIXED, "\xcf\x90", 2);
    const uint32_t frame[] = {stage.start, USER_CODE, IMAGE};
    for (uint32_t i = 0; i < 4; i++)
        put(stage.machine, USER_STACK + i * sizeof frame, frame, sizeof frame);
    ck_assert_int_eq(ws_machine_run(stage.machine, 3), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_ESP), USER_STACK + 3 * sizeof frame);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), stage.start);
    ws_machine_free(stage.machine);
}
END_TEST

/* A handler in ring 3 that returns by such an iret ends the blocking of NMIs, too.  SDM 3A §6.7.1 "Handling Multiple
 * NMIs" */
START_TEST(nmi_is_unblocked)
{
    static const uint8_t handler[] = {0x81, 0x4c, 0x24, 0x08, 0x00, 0x00, 0x02, 0x00, 0xcf}; /* orl VM, 8(%esp); iret */
    struct stage stage = stage_make(3, WS_EFLAGS_FIXED, "\xeb\xfe", 2);
    struct ws_gate gate = gate_plain(WS_VECTOR_NMI);
    gate.selector = USER_CODE;
    gate_put(stage.machine, WS_VECTOR_NMI, &gate);
    put(stage.machine, gate.offset, handler, sizeof handler);
    ws_machine_nmi(stage.machine);
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), gate.offset + 8);
    ws_machine_nmi(stage.machine);
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), stage.start);
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_COUNT);
    ck_assert_uint_eq(value_of(stage.machine, WS_EIP), gate.offset + 8);
    ws_machine_free(stage.machine);
}
END_TEST

Suite *interrupt_return_suite(void)
{
    Suite *suite = suite_create("interrupt return");
    TCase *tcase = tcase_create("interrupt return");
    tcase_add_test(tcase, stepping_is_running);
    tcase_add_test(tcase, return_is_reported);
    tcase_add_test(tcase, it_may_come_to_itself);
    tcase_add_test(tcase, nmi_is_unblocked);
    suite_add_tcase(suite, tcase);
    return suite;
}

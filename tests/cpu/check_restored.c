/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is derived from the CPU's state must be derived anew when a snapshot is restored.
 *
 * The code under test jumps to a code segment with a low limit, and runs until it reaches the limit: #GP.  The handler
 * loops in a segment without a limit.  Then the snapshot is restored: the CPU is back where the low limit counts.
 */
#include "cpu/stage.h"

Suite *restored_suite(void);

enum { FAR_JUMP = 7, LIMIT = CODE + 0x100 + FAR_JUMP + 15, GP_HANDLER = HANDLERS + 16 * WS_VECTOR_GP, MANY = 1000 };

static struct stage limited_stage(uint8_t instruction)
{
    /* clang-format off */
    uint8_t code[] = {
        0xea, (CODE + 0x100 + FAR_JUMP) & 0xff, (CODE + 0x100) >> 8 & 0xff, CODE >> 16, 0, SPARE, 0, /* ljmp */
        0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
        0x90, 0x90, 0xeb, 0xfe, /* beyond the limit: jmp . */
    };
    /* clang-format on */
    code[FAR_JUMP] = instruction;
    struct stage stage = stage_make(0, 2, code, sizeof code);
    struct ws_descriptor limited = {.limit = LIMIT, .type = CODE_USED, .present = true, .big = true};
    descriptor_put(stage.machine, SPARE, &limited);
    return stage;
}

/* The first instruction behind the jump uses no segment (loop 0), or the stack (loop 1). */
START_TEST(a_code_segments_limit_counts)
{
    struct stage stage = limited_stage(_i ? 0x50 : 0x90);
    struct ws_snapshot *snapshot;
    ck_assert_int_eq(ws_machine_run(stage.machine, 1), WS_STOP_COUNT);
    ck_assert_int_eq(ws_snapshot_take(&snapshot, stage.machine), WS_OK);
    uint64_t hash[2];
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(ws_machine_run(stage.machine, MANY), WS_STOP_COUNT);
        ck_assert_uint_eq(value_of(stage.machine, WS_EIP), GP_HANDLER);
        hash[i] = ws_machine_hash(stage.machine);
        ws_snapshot_restore(snapshot, stage.machine);
    }
    ck_assert_uint_eq(hash[0], hash[1]);
    ws_snapshot_free(snapshot);
    ws_machine_free(stage.machine);
}
END_TEST

Suite *restored_suite(void)
{
    Suite *suite = suite_create("restored");
    TCase *tests = tcase_create("segments");
    tcase_add_loop_test(tests, a_code_segments_limit_counts, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Short runs: a run of few instructions has few translated, and does the same as any other.
 */
#include "machine/board.h"
#include "machine/small.h"

Suite *short_run_suite(void);

enum { STRAIGHT = 200 };

/* A machine that has not run yet, with code without a branch: `inc %eax` again and again, then `jmp .`. */
static struct ws_machine *straight_make(void)
{
    uint8_t code[STRAIGHT + 2];
    memset(code, 0x40, STRAIGHT);
    memcpy(code + STRAIGHT, "\xeb\xfe", 2);
    return machine_make(code, sizeof code);
}

/* How many bytes from the beginning of the code on were translated.  The frame also counts the bytes behind them that
 * the engine may have read. */
static unsigned translated(const struct ws_machine *machine)
{
    return ws__frame_at(&machine->cpu, CODE)->end - WS_INSTRUCTION_BYTES;
}

/* A single step has one more instruction translated than it executes. */
START_TEST(a_step_has_two_instructions_translated)
{
    struct ws_machine *machine = straight_make();
    for (unsigned i = 1; i < STRAIGHT - 1; i++) {
        ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
        ck_assert_uint_eq(translated(machine), i + 1);
        ck_assert_uint_eq(register_of(machine, WS_EIP), CODE + i);
    }
    ws_machine_free(machine);
}
END_TEST

START_TEST(a_run_of_many_has_all_translated)
{
    struct ws_machine *machine = straight_make();
    ck_assert_int_eq(ws_machine_run(machine, STRAIGHT / 2), WS_STOP_COUNT);
    ck_assert_uint_eq(translated(machine), STRAIGHT + 2);
    ws_machine_free(machine);
}
END_TEST

static void event_count(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    unsigned *count = context;
    (void)machine;
    (void)event;
    ++*count;
}

/* A run that was taken for a short one goes on all the same, and each instruction begins once. */
START_TEST(a_run_goes_on_behind_what_was_translated)
{
    struct ws_machine *machine = straight_make();
    unsigned begun = 0;
    uint32_t before = register_of(machine, WS_EAX);
    ck_assert_int_eq(ws_machine_run(machine, 1), WS_STOP_COUNT);
    ck_assert_int_eq(ws_machine_listen(machine, WS_EVENT_MASK(INSTRUCTION), event_count, &begun), WS_OK);
    ck_assert_int_eq(ws_machine_run(machine, STRAIGHT - 1), WS_STOP_COUNT);
    ck_assert_uint_eq(begun, STRAIGHT - 1);
    ck_assert_uint_eq(register_of(machine, WS_EAX) - before, STRAIGHT);
    ws_machine_free(machine);
}
END_TEST

/* Instructions behind which the engine does not go straight on: stepped, they do what they do in a run at once. */
static const struct {
    const char *name;
    uint8_t code[16];
} crooked[] = {
    {"a branch that is not taken", {0x31, 0xc0, 0x75, 0x10, 0x40}},                       /* xor, jne, inc */
    {"a branch to the next instruction", {0x31, 0xc0, 0xeb, 0x00, 0x40}},                 /* xor, jmp, inc */
    {"rep with a count of 0", {0x31, 0xc9, 0xf3, 0xa4, 0x41}},                            /* xor, rep movsb, inc */
    {"rep with a count of 2", {0xb1, 0x02, 0x89, 0xe7, 0xf3, 0xaa, 0x41, 0x42}},          /* mov, mov, rep stosb */
    {"sti", {0xfb, 0x40, 0xfa, 0x40}},                                                    /* sti, inc, cli, inc */
    {"a load of SS", {0x8c, 0xd0, 0x8e, 0xd0, 0x40, 0x41}},                               /* mov, mov, inc, inc */
    {"a load of CR0", {0x0f, 0x20, 0xc0, 0x0f, 0x22, 0xc0, 0x40, 0x41}},                  /* mov, mov, inc, inc */
    {"a single-step trap", {0x9c, 0x80, 0x4c, 0x24, 0x01, 0x01, 0x9d, 0x40, 0x41, 0x42}}, /* or $TF into EFLAGS */
    {"an instruction that is written", {0xc6, 0x05, (BEGIN + 8) & 0xff, BEGIN >> 8, 0, 0, 0x41, 0x40, 0x40, 0x40}},
    {"an invalid instruction", {0x40, 0x0f, 0x0b, 0x40}},
};

START_TEST(steps_are_a_run)
{
    enum { INSTRUCTIONS = 12 };
    const uint8_t *code = crooked[_i].code;
    struct ws_machine *one = interrupt_machine_make(code, sizeof crooked[_i].code),
                      *other = interrupt_machine_make(code, sizeof crooked[_i].code);
    for (unsigned i = 0; i < INSTRUCTIONS; i++)
        ws_machine_run(one, 1);
    ws_machine_run(other, INSTRUCTIONS);
    ck_assert_msg(ws_machine_mark(one) == ws_machine_mark(other) && ws_machine_hash(one) == ws_machine_hash(other),
                  "%s", crooked[_i].name);
    ws_machine_free(one);
    ws_machine_free(other);
}
END_TEST

Suite *short_run_suite(void)
{
    Suite *suite = suite_create("short_run");
    TCase *tests = tcase_create("run");
    tcase_add_test(tests, a_step_has_two_instructions_translated);
    tcase_add_test(tests, a_run_of_many_has_all_translated);
    tcase_add_test(tests, a_run_goes_on_behind_what_was_translated);
    tcase_add_loop_test(tests, steps_are_a_run, 0, sizeof crooked / sizeof crooked[0]);
    suite_add_tcase(suite, tests);
    return suite;
}

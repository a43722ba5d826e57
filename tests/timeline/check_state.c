/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States as values, and how they differ. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <worldswitch/lab.h>
#include <worldswitch/state.h>
#include <worldswitch/timeline.h>

Suite *state_suite(void);

static struct ws_lab *lab;
static struct ws_watcher *watcher;
static struct ws_timeline *timeline;
static struct ws_state before, after;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    ck_assert_int_eq(ws_watcher_new(&watcher, ws_lab_machine(lab)), WS_OK);
    ck_assert_int_eq(ws_watcher_name_symbols(watcher, ws_lab_symbols(lab)), WS_OK);
    ck_assert_int_eq(ws_timeline_new(&timeline, ws_lab_machine(lab), watcher), WS_OK);
    ck_assert_int_eq(ws_timeline_end(timeline), WS_SEEK_END);
}

static void teardown(void)
{
    ws_state_release(&before);
    ws_state_release(&after);
    ws_timeline_free(timeline);
    ws_watcher_free(watcher);
    ws_lab_free(lab);
}

static void take(struct ws_state *state, uint64_t mark)
{
    ck_assert_int_eq(ws_timeline_seek(timeline, mark), WS_SEEK_THERE);
    ck_assert_int_eq(ws_state_take(state, ws_lab_machine(lab), watcher), WS_OK);
    ck_assert_uint_eq(state->hash, ws_machine_hash(ws_lab_machine(lab)));
}

/* The states around the second crossing of that kind. */
static void around(unsigned kind)
{
    size_t count, seen = 0;
    const struct ws_crossing *crossing = ws_timeline_crossings(timeline, &count);
    while (count && (crossing->kind != kind || ++seen != 2))
        crossing++, count--;
    ck_assert_uint_gt(count, 0);
    uint64_t begin = crossing->begin, end = crossing->end;
    take(&after, end);
    take(&before, begin);
}

static char said[16384];

static void say(void *context, const char *category, const char *text)
{
    size_t used = strlen(said);
    (void)context;
    snprintf(said + used, sizeof said - used, "%s: %s\n", category, text);
}

static void compare(const struct ws_state *a, const struct ws_state *b)
{
    *said = '\0';
    ck_assert_int_eq(ws_state_compare(a, b, say, NULL), WS_OK);
}

/* Figure 7-11: everything. */
START_TEST(world_switch)
{
    /* clang-format off */
    static const char *const expected[] = {
        "place: world \"host\" -> \"vmm\"", "general-registers:", "flags:", "segments:", "stack:",
        "gdtr:", "idtr:", "ldtr:", "tr:", "cr0:", "cr2:", "cr3:", "cr4:", "user-space:",
        "kernel-space: 0xc0010000 - 0xc0010fff is not mapped any more",
        "kernel-space: 0xffc10000 - 0xffc10fff is mapped now", "gdt:", "idt: vector 0x00:", "ldt:",
        "tss: esp0", "memory: pages at"};
    /* clang-format on */
    around(WS_CROSSING_WORLD);
    compare(&before, &after);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        ck_assert_msg(strstr(said, expected[i]), "\"%s\" is not said in\n%s", expected[i], said);
}
END_TEST

/* And what a context switch leaves alone. */
START_TEST(context_switch)
{
    static const char *const alone[] = {
        "gdtr:", "idtr:", "ldtr:", "tr:", "cr0:", "cr4:", "kernel-space:", "idt:", "gdt:"};
    around(WS_CROSSING_CONTEXT);
    compare(&before, &after);
    ck_assert_ptr_nonnull(strstr(said, "process \"A\" -> \"B\""));
    ck_assert_ptr_nonnull(strstr(said, "user-space: 0x08048000"));
    ck_assert_ptr_nonnull(strstr(said, "cr3:"));
    ck_assert_ptr_nonnull(strstr(said, "tss: esp0"));
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        char line[32];
        snprintf(line, sizeof line, "\n%s", alone[i]);
        ck_assert_msg(!strstr(said, line), "\"%s\" is said in\n%s", alone[i], said);
    }
}
END_TEST

/* A state that was taken before stays; the same mark gives the same state. */
START_TEST(is_a_value)
{
    take(&before, 5000);
    take(&after, 12345);
    ws_state_release(&after);
    take(&after, 5000);
    ck_assert_uint_eq(before.hash, after.hash);
    compare(&before, &after);
    ck_assert_str_eq(said, "");
}
END_TEST

/* One byte of RAM, one chip. */
START_TEST(small_differences)
{
    struct ws_machine *machine = ws_lab_machine(lab);
    take(&before, 5000);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x234567, "x", 1), WS_OK);
    ck_assert_int_eq(ws_state_take(&after, machine, watcher), WS_OK);
    compare(&before, &after);
    ck_assert_str_eq(said, "memory: pages at 0x00234000 (1 in all)\n");
    ws_state_release(&after);
    take(&after, 5001);
    for (unsigned part = 0; part < WS_PART_COUNT; part++) {
        struct ws_state one = after;
        one.part[part] ^= 1;
        compare(&after, &one);
        ck_assert_ptr_nonnull(strstr(said, ws_part_name((enum ws_part)part)));
    }
}
END_TEST

/* Registers that no world switch knows of: mov $0x200,%eax; mov %eax,%cr4; fninit; then fld1; movups 0x1000,%xmm0 */
START_TEST(x87_and_xmm_are_state)
{
    static const uint8_t code[] = {0xb8, 0x00, 0x02, 0x00, 0x00, 0x0f, 0x22, 0xe0, 0xdb, 0xe3,
                                   0xd9, 0xe8, 0x0f, 0x10, 0x05, 0x00, 0x10, 0x00, 0x00, 0xf4};
    struct ws_machine_options options = {.memory_bytes = 1 << 20};
    struct ws_machine *machine;
    struct ws_state at[3];
    ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
    ck_assert_int_eq(ws_machine_write_phys(machine, 0x1000, code, sizeof code), WS_OK);
    ck_assert_int_eq(ws_machine_start(machine, 0x1000, 0, 0), WS_OK);
    for (unsigned i = 0; i < 3; i++) {
        ws_machine_run(machine, i ? 1 : 3);
        ck_assert_int_eq(ws_state_take(&at[i], machine, NULL), WS_OK);
    }
    said[0] = 0;
    ck_assert_int_eq(ws_state_compare(&at[0], &at[1], say, NULL), WS_OK);
    ck_assert_msg(strstr(said, "fpu") && strstr(said, "st0 (empty) -> 0x3fff8000000000000000"), "%s", said);
    ck_assert_ptr_null(strstr(said, "xmm"));
    ck_assert_ptr_null(strstr(said, "st1"));
    said[0] = 0;
    ck_assert_int_eq(ws_state_compare(&at[1], &at[2], say, NULL), WS_OK);
    ck_assert_msg(strstr(said, "xmm0 0x00000000000000000000000000000000 -> 0x"), "%s", said);
    ck_assert_ptr_null(strstr(said, "st0"));
    for (unsigned i = 0; i < 3; i++)
        ws_state_release(&at[i]);
    ws_machine_free(machine);
}
END_TEST

/* Two machines that differ in ST0 alone: flds 0x2000; movl $0,0x2000 */
START_TEST(the_hash_has_x87)
{
    static const uint8_t code[] = {0xd9, 0x05, 0x00, 0x20, 0x00, 0x00, 0xc7, 0x05, 0x00,
                                   0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf4};
    struct ws_machine_options options = {.memory_bytes = 1 << 20};
    uint64_t hash[3];
    for (unsigned i = 0; i < 3; i++) {
        const float value = i < 2 ? 1 : 2;
        struct ws_machine *machine;
        ck_assert_int_eq(ws_machine_new(&machine, &options), WS_OK);
        ck_assert_int_eq(ws_machine_write_phys(machine, 0x1000, code, sizeof code), WS_OK);
        ck_assert_int_eq(ws_machine_write_phys(machine, 0x2000, &value, sizeof value), WS_OK);
        ck_assert_int_eq(ws_machine_start(machine, 0x1000, 0, 0), WS_OK);
        ck_assert_int_eq(ws_machine_run(machine, 2), WS_STOP_COUNT);
        hash[i] = ws_machine_hash(machine);
        ws_machine_free(machine);
    }
    ck_assert(hash[0] == hash[1] && hash[0] != hash[2]);
}
END_TEST

Suite *state_suite(void)
{
    Suite *suite = suite_create("state");
    TCase *states = tcase_create("states");
    tcase_add_checked_fixture(states, setup, teardown);
    tcase_add_test(states, world_switch);
    tcase_add_test(states, context_switch);
    tcase_add_test(states, is_a_value);
    tcase_add_test(states, small_differences);
    TCase *float_case = tcase_create("float");
    tcase_add_test(float_case, x87_and_xmm_are_state);
    tcase_add_test(float_case, the_hash_has_x87);
    suite_add_tcase(suite, float_case);
    suite_add_tcase(suite, states);
    return suite;
}

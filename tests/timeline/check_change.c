/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of a value, found in both directions: compared with stepping through it all. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <worldswitch/lab.h>
#include <worldswitch/timeline.h>

#include "timeline/internal.h"

Suite *change_suite(void);

enum { STEPS = 6000, CHANGES = 2000 };

static struct ws_lab *lab;
static struct ws_machine *machine;
static struct ws_timeline *timeline;
static uint64_t expected[CHANGES];
static size_t count;

static void setup(void)
{
    ck_assert_int_eq(ws_lab_system_new(&lab, NULL), WS_OK);
    machine = ws_lab_machine(lab);
    ck_assert_int_eq(ws_timeline_new(&timeline, machine, NULL), WS_OK);
    count = 0;
}

static void teardown(void)
{
    ws_timeline_free(timeline);
    ws_lab_free(lab);
}

static void value_of(const struct ws_watch *watch, uint8_t *out)
{
    struct ws_registers registers;
    memset(out, 0, WS_WATCH_BYTES);
    ws_machine_registers(machine, &registers);
    if (watch->kind == WS_WATCH_REGISTER)
        memcpy(out, &registers.value[watch->which], 4);
    else
        memcpy(out, ws_machine_memory(machine).ram + watch->phys, watch->bytes);
}

/* One instruction after the other, on the bare machine. */
static void changes_collect(const struct ws_watch *watch)
{
    uint8_t was[WS_WATCH_BYTES], is[WS_WATCH_BYTES];
    value_of(watch, was);
    for (uint64_t mark = 0; mark < STEPS; mark++) {
        ck_assert_int_eq(ws_timeline_seek(timeline, mark + 1), WS_SEEK_THERE);
        value_of(watch, is);
        if (memcmp(was, is, sizeof is) != 0) {
            ck_assert_uint_lt(count, CHANGES);
            expected[count++] = mark;
        }
        memcpy(was, is, sizeof is);
    }
}

static uint32_t cross_phys(void)
{
    struct ws_registers registers = {.value = {[WS_CR0] = WS_CR0_PG | WS_CR0_PE}};
    struct ws_physical memory = ws_machine_memory(machine);
    struct ws_translation walk;
    registers.value[WS_CR3] = ws_world_cr3(ws_lab_system_first(lab));
    ck_assert(ws_page_walk(&walk, &memory, &registers, WS_CROSS_LINEAR, WS_ACCESS_READ, false));
    return walk.phys;
}

static const struct row {
    struct ws_watch watch;
    bool in_cross_page;
    size_t least;
} rows[] = {
    {{.kind = WS_WATCH_REGISTER, .which = WS_CR3}, false, 4},
    {{.kind = WS_WATCH_REGISTER, .which = WS_GDTR_BASE}, false, 3},
    {{.kind = WS_WATCH_REGISTER, .which = WS_EBX}, false, 20},
    {{.kind = WS_WATCH_REGISTER, .which = WS_TR}, false, 3},
    {{.kind = WS_WATCH_MEMORY, .phys = WS_CROSS_MAILBOX_OFFSET, .bytes = 16}, true, 3},
    {{.kind = WS_WATCH_MEMORY, .phys = WS_CROSS_CONTEXTS_OFFSET + WS_CROSS_CONTEXT_BYTES, .bytes = 48}, true, 10},
};

START_TEST(found_both_ways)
{
    struct ws_watch watch = rows[_i].watch;
    if (rows[_i].in_cross_page)
        watch.phys += cross_phys();
    changes_collect(&watch);
    ck_assert_uint_ge(count, rows[_i].least);
    ck_assert_int_eq(ws_timeline_seek(timeline, STEPS), WS_SEEK_THERE);
    for (size_t at = count; at-- > 0;) {
        ck_assert_int_eq(ws_timeline_previous_change(timeline, &watch), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), expected[at]);
    }
    uint64_t first = ws_timeline_mark(timeline), hash = ws_machine_hash(machine);
    ck_assert_int_eq(ws_timeline_previous_change(timeline, &watch), WS_SEEK_NONE);
    ck_assert_uint_eq(ws_timeline_mark(timeline), first);
    ck_assert_uint_eq(ws_machine_hash(machine), hash);
    for (size_t at = 1; at < count; at++) {
        ck_assert_int_eq(ws_timeline_next_change(timeline, &watch), WS_SEEK_THERE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), expected[at]);
    }
}
END_TEST

START_TEST(no_such_value)
{
    static const struct ws_watch wrong[] = {
        {.kind = WS_WATCH_REGISTER, .which = WS_REGISTER_COUNT},
        {.kind = WS_WATCH_MEMORY, .bytes = 0},
        {.kind = WS_WATCH_MEMORY, .bytes = WS_WATCH_BYTES + 1},
        {.kind = WS_WATCH_MEMORY, .phys = (32 << 20) - 3, .bytes = 4},
        {.kind = WS_WATCH_MEMORY, .phys = 0xffffffff, .bytes = 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_int_eq(ws_timeline_next_change(timeline, &wrong[i]), WS_SEEK_NONE);
        ck_assert_int_eq(ws_timeline_previous_change(timeline, &wrong[i]), WS_SEEK_NONE);
        ck_assert_uint_eq(ws_timeline_mark(timeline), 0);
    }
    struct ws_watch never = {.kind = WS_WATCH_REGISTER, .which = WS_DR3};
    ck_assert_int_eq(ws_timeline_next_change(timeline, &never), WS_SEEK_END);
}
END_TEST

/* Random places, each compared with a fresh run; and one step back from each. */
START_TEST(random_places)
{
    struct ws_lab *fresh;
    uint32_t chance = 4711;
    ck_assert_int_eq(ws_lab_system_new(&fresh, NULL), WS_OK);
    ws_machine_run(ws_lab_machine(fresh), 0);
    uint64_t end = ws_machine_mark(ws_lab_machine(fresh)); /* compilers differ */
    ws_lab_free(fresh);
    ws_timeline_limit(timeline, 4 << 20);
    for (unsigned i = 0; i < 60; i++) {
        chance = chance * 1664525u + 1013904223u;
        uint64_t mark = 1 + chance / 65536 % (end - 1);
        ck_assert_int_eq(ws_timeline_seek(timeline, mark), WS_SEEK_THERE);
        ck_assert_int_eq(ws_timeline_step(timeline, -1), WS_SEEK_THERE);
        ck_assert_int_eq(ws_lab_system_new(&fresh, NULL), WS_OK);
        if (mark > 1)
            ws_machine_run(ws_lab_machine(fresh), mark - 1);
        ck_assert_uint_eq(ws_machine_hash(ws_lab_machine(fresh)), ws_machine_hash(machine));
        ws_lab_free(fresh);
        ck_assert_uint_le(timeline->history.bytes, 4 << 20);
    }
}
END_TEST

Suite *change_suite(void)
{
    Suite *suite = suite_create("change");
    TCase *changes = tcase_create("changes");
    tcase_add_checked_fixture(changes, setup, teardown);
    tcase_add_loop_test(changes, found_both_ways, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(changes, no_such_value);
    tcase_add_test(changes, random_places);
    suite_add_tcase(suite, changes);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug build's run: it ends as any run ends, nothing outside sees more of it, and it does find a difference.
 */
#include "effort.h"
#include "machine/board.h"
#include "machine/both_ways.h"
#include "machine/guests.h"
#include "machine/small.h"
#include "run/run.h"

#include <signal.h>

static struct guests guests;

enum { MOST = 10000, MORE = 20000 };

static void count(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)machine;
    (void)event;
    ++*(uint64_t *)context;
}

START_TEST(it_is_a_run_like_any_other)
{
    struct ws_machine *alone = guest_load(guests.name[_i]), *both = guest_load(guests.name[_i]);
    uint64_t events_alone = 0, events_both = 0, limit = effort_more(MOST, MORE, GUEST_LIMIT);
    ws_machine_listen(alone, WS_EVENT_MASK(VECTOR), count, &events_alone);
    ws_machine_listen(both, WS_EVENT_MASK(VECTOR), count, &events_both);
    enum ws_stop stop = ws_machine_run(alone, limit);
    ck_assert_int_eq(ws__both_ways_run(both, limit), stop);
    ck_assert_uint_eq(ws_machine_hash(alone), ws_machine_hash(both));
    ck_assert_uint_eq(events_alone, events_both);
    ws_machine_free(alone);
    ws_machine_free(both);
}
END_TEST

/* Every breakpoint ends it, wherever one of its pieces does, but the one that it begins at. */
START_TEST(breakpoints_end_it)
{
    static const uint8_t code[] = {0x40, 0x90, 0x90, 0xeb, 0xfb}; /* 1: inc %eax; nop; nop; jmp 1b */
    struct ws_machine *machine = machine_make(code, sizeof code);
    ws_machine_break_add(machine, CODE + 2);
    for (uint64_t mark = 2; mark < 2400; mark += 4) {
        ws__cpu_start(&machine->cpu);
        ck_assert_int_eq(ws__both_ways_run(machine, 0), WS_STOP_BREAKPOINT);
        eip_expect(machine, CODE + 2, mark);
    }
    ws_machine_break_remove(machine, CODE + 2);
    ck_assert_int_eq(ws__both_ways_run(machine, 2001), WS_STOP_COUNT);
    ws_machine_free(machine);
}
END_TEST

/* What a listener does to RAM is not done again: block mode seems to have done it. */
static void meddle(void *context, struct ws_machine *machine, const struct ws_event *event)
{
    (void)context;
    (void)event;
    ws_machine_write_phys(machine, COUNTER, "x", 1);
}

START_TEST(a_difference_is_found)
{
    static const uint8_t code[] = {0xcd, 0x40, 0xf4}; /* int $0x40; hlt */
    struct ws_machine *machine = interrupt_machine_make(code, sizeof code);
    ws_machine_listen(machine, WS_EVENT_MASK(VECTOR), meddle, NULL);
    ws__both_ways_run(machine, 100);
}
END_TEST

Suite *both_ways_suite(void)
{
    Suite *suite = suite_create("both ways");
    TCase *tests = tcase_create("both ways");
    guests_find(&guests);
    tcase_add_loop_test(tests, it_is_a_run_like_any_other, 0, guests.count);
    tcase_add_test(tests, breakpoints_end_it);
    tcase_add_test_raise_signal(tests, a_difference_is_found, SIGABRT);
    suite_add_tcase(suite, tests);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8254, tick by tick.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/timers/pit8254.h"
#include "many.h"

/*
 * A script: "P=V" writes port P, "P?V" expects V there, both in hexadecimal; "+N" lets N ticks
 * pass, in decimal; "!N" expects that IRQ 0 rose N times since it was asked last; "g0" and "g1" set
 * counter 2's gate, "o0" and "o1" expect its output. A count that was written is loaded by the next
 * tick.
 */
static const struct {
    const char *what;
    const char *script;
} rows[] = {
    {"as firmware leaves it", "43=e2 40?b4 40?0 40?0 +65535 !0 +1 !1 +65535 !0 +1 !1"},
    {"mode 2", "43=34 40=4 40=0 +1 !0 43=0 40?4 40?0 +3 !0 43=0 40?1 +1 !1 +4 !1 +400 !1"},
    {"mode 2, output", "43=b4 42=3 42=0 g1 +1 o1 +1 o1 +1 o0 +1 o1 +2 o0 +1 o1"},
    {"mode 2: a new count follows the period", "43=34 40=a 40=0 +4 40=4 40=0 +6 !0 +1 !1 +3 !0 +1 !1"},
    {"mode 2: gate low stops, and holds the output high", "43=b4 42=3 42=0 g1 +3 o0 g0 o1 +9 o1 g1 +3 o0 +1 o1"},
    {"mode 3, even", "43=b6 42=4 42=0 g1 +1 o1 +1 o1 +1 o0 +1 o0 +1 o1"},
    {"mode 3, odd: longer high", "43=b6 42=5 42=0 g1 +1 o1 +2 o1 +1 o0 +1 o0 +1 o1"},
    {"mode 3, values", "43=96 42=6 g1 +1 42?6 +1 42?4 +1 42?2 +1 42?6 +1 42?4 +1 42?2 +1 42?6"},
    {"mode 3, values of an odd count", "43=96 42=5 g1 +1 42?4 +1 42?2 +1 42?0 +1 42?4 +1 42?2 +1 42?4"},
    {"mode 3 interrupts once a period", "43=36 40=6 40=0 +6 !0 +1 !1 +6 !1 +5 !0"},
    {"mode 3: a new count follows the half", "43=b6 42=8 42=0 g1 +2 42=4 42=0 +2 o1 +1 o0 +1 o0 +1 o1 +1 o1 +1 o0"},
    {"mode 0: once", "43=30 !0 40=3 40=0 +3 !0 +1 !1 +99999 !0"},
    {"mode 0: counts on", "43=10 40=3 +1 40?3 +3 40?0 +1 40?ff"},
    {"mode 0: a new count begins anew", "43=10 40=3 +2 40=5 +5 !0 +1 !1 40=2 +2 !0 +1 !1"},
    {"mode 0: half a count stops", "43=30 40=3 40=0 +1 40=9 +9 !0 40=0 +10 !1"},
    {"mode 0: gate low holds", "43=90 g1 42=5 +3 g0 42?3 +9 42?3 o0 g1 +2 o0 +1 o1"},
    {"mode 1: the gate triggers", "43=92 42=3 +9 o1 g1 o1 +1 o0 +2 o0 +1 o1 +9 o1 g0 g1 +1 o0"},
    {"mode 1: triggered again", "43=92 42=3 g1 +3 o0 g0 g1 +3 o0 +1 o1"},
    {"mode 4: a strobe", "43=98 g1 42=3 +3 o1 +1 o0 +1 o1 +999 o1"},
    {"mode 4 on IRQ 0", "43=18 40=3 +4 !0 +1 !1 +999 !0"},
    {"mode 5: a strobe after a trigger", "43=9a 42=3 +9 o1 g1 +3 o1 +1 o0 +1 o1"},
    {"modes 6 and 7 are 2 and 3", "43=3c 43=e2 40?fc 40=4 40=0 +3 !0 +2 !1 43=3e 43=e2 40?fe"},
    {"count 0 is the largest", "43=34 40=0 40=0 +65536 !0 +1 !1"},
    {"high byte only", "43=24 40=1 +256 !0 +1 !1"},
    {"low byte only", "43=14 40=ff +255 !0 +1 !1"},
    {"latch", "43=34 40=0 40=10 +1 43=0 +99 40?0 40?10 40?9d 40?f"},
    {"a second latch is ignored", "43=34 40=0 40=10 +1 43=0 +5 43=0 40?0 40?10"},
    {"latching does not disturb", "43=34 40=4 40=0 +3 43=0 +1 43=0 +1 !1"},
    {"low, then high", "43=34 40=34 40=12 +1 40?34 40?12 40?34"},
    {"BCD", "43=35 40=0 40=10 +1 43=0 40?0 40?10 +1 43=0 40?99 40?9 +999 !1"},
    {"BCD, the largest", "43=35 40=0 40=0 +10000 !0 +1 !1"},
    {"read-back: status before the count is loaded", "43=34 40=4 40=0 43=e2 40?f4 +1 43=e2 40?b4"},
    {"read-back: status, no count yet", "43=30 43=e2 40?70"},
    {"read-back: status and count", "43=34 40=4 40=0 +1 43=c2 +1 40?b4 40?4 40?0"},
    {"read-back: more counters at once", "43=14 40=9 43=94 42=7 g1 +1 43=dc +1 40?8 42?7"},
    {"read-back: not selected", "43=34 40=4 40=0 +1 43=c8 +1 40?3"},
    {"nothing to read at the control port", "43?ff"},
    {"another mode makes the output rise", "43=30 !0 43=34 !1"},
    {"a count of 1 gives nothing", "43=34 40=1 40=0 +999 !0"},
    {"never by the gate of counter 0", "43=32 40=4 40=0 +999 !0"},
    {"many periods at once are one edge", "43=14 40=2 +10 !1 +11 !1"},
};

struct bench {
    struct ws__pit8254 chip;
    struct ws__clock clock;
    struct ws__pit_wire wire;
    bool high;
    unsigned rises;
};

static void line_set(void *context, unsigned number, bool high)
{
    struct bench *bench = context;
    (void)number;
    bench->rises += high && !bench->high;
    bench->high = high;
}

static void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->clock.ips = WS__PIT_HERTZ; /* an instruction is a tick */
    bench->wire = (struct ws__pit_wire){&bench->chip, &bench->clock, {line_set, bench, 0}};
    ws__pit8254_reset(&bench->chip);
    ws__pit8254_run(&bench->wire);
    bench->rises = 0;
}

static void step_run(struct bench *bench, const char *step, const char *what)
{
    unsigned port, value;
    ws__pit8254_run(&bench->wire);
    if (sscanf(step, "+%u", &value) == 1) {
        bench->clock.now += value;
    } else if (sscanf(step, "!%u", &value) == 1) {
        ck_assert_msg(bench->rises == value, "%s: %u edges, at \"%s\"", what, bench->rises, step);
        bench->rises = 0;
    } else if (*step == 'g') {
        ws__pit8254_gate(&bench->wire, step[1] == '1');
    } else if (*step == 'o') {
        ck_assert_msg(ws__pit8254_output(&bench->wire) == (step[1] == '1'), "%s: output, at \"%s\"", what, step);
    } else if (sscanf(step, "%x=%x", &port, &value) == 2) {
        ws__pit8254_write(&bench->wire, (uint16_t)port, (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%x?%x", &port, &value), 2);
        uint8_t seen = ws__pit8254_read(&bench->wire, (uint16_t)port);
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

START_TEST(counters_do_what_the_data_sheet_says)
{
    struct bench bench;
    bench_init(&bench);
    for (const char *step = rows[_i].script; *step;) {
        step_run(&bench, step, rows[_i].what);
        step += strcspn(step, " ");
        step += strspn(step, " ");
    }
}
END_TEST

static const struct {
    uint8_t control;
    uint16_t count;
    uint64_t ips;
} clocks[] = {
    {0x34, 119, 100000000}, {0x36, 131, 100000000}, {0x34, 2, 100000000},  {0x36, 3, 1000000},
    {0x34, 65535, 12345},   {0x34, 10, 4000000000}, {0x30, 50, 100000000},
};

/* Looked at only when it is due, it interrupts as often as when it is looked at all the time. */
START_TEST(nothing_is_missed_between_deadlines)
{
    struct bench lazy, eager;
    struct bench *both[] = {&lazy, &eager};
    for (int i = 0; i < 2; i++) {
        bench_init(both[i]);
        both[i]->clock.ips = clocks[_i].ips;
        ws__pit8254_write(&both[i]->wire, 0x43, clocks[_i].control);
        ws__pit8254_write(&both[i]->wire, 0x40, (uint8_t)clocks[_i].count);
        ws__pit8254_write(&both[i]->wire, 0x40, (uint8_t)(clocks[_i].count >> 8));
    }
    for (uint64_t time = 0; time < 60000; time++) {
        eager.clock.now = time;
        ws__pit8254_run(&eager.wire);
        if (ws__pit8254_due(&lazy.wire) <= time) {
            lazy.clock.now = time;
            ws__pit8254_run(&lazy.wire);
        }
        MANY_CHECK(lazy.rises == eager.rises, "row %d at %llu: %u, not %u", _i, (unsigned long long)time, lazy.rises,
                   eager.rises);
    }
    ck_assert(eager.rises > 0);
}
END_TEST

Suite *pit8254_suite(void)
{
    Suite *suite = suite_create("pit8254");
    TCase *counters = tcase_create("counters");
    tcase_add_loop_test(counters, counters_do_what_the_data_sheet_says, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(counters, nothing_is_missed_between_deadlines, 0, sizeof clocks / sizeof *clocks);
    suite_add_tcase(suite, counters);
    return suite;
}

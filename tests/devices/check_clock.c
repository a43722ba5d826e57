/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest time: exact both ways, without drift and without overflow.
 */
#include <check.h>

#include "devices/timers/clock.h"

static const struct {
    const char *what;
    uint64_t ips, hertz, ticks, time; /* `ticks` are over first at `time` */
} rows[] = {
    {"nothing", 100000000, 1193182, 0, 0},
    {"one tick of the timer", 100000000, 1193182, 1, 84},
    {"one second", 100000000, 1193182, 1193182, 100000000},
    {"a day", 100000000, 1193182, UINT64_C(86400) * 1193182, UINT64_C(8640000000000)},
    {"a thousand years", 100000000, 32768, UINT64_C(31557600000) * 32768, UINT64_C(3155760000000000000)},
    {"slower than the crystal", 1000, 1193182, 1193, 1},
    {"equal", 7, 7, 12345, 12345},
    {"beyond the end of time", UINT64_MAX, 2, UINT64_MAX, WS__NEVER},
};

START_TEST(ticks_and_time_agree)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ws__clock clock = {0, rows[i].ips};
        uint64_t time = ws__clock_time(&clock, rows[i].ticks, rows[i].hertz);
        ck_assert_msg(time == rows[i].time, "%s: %llu", rows[i].what, (unsigned long long)time);
        if (time == WS__NEVER)
            continue;
        clock.now = time;
        ck_assert_msg(ws__clock_ticks(&clock, rows[i].hertz) >= rows[i].ticks, "%s: late", rows[i].what);
        clock.now = time - 1;
        ck_assert_msg(!time || ws__clock_ticks(&clock, rows[i].hertz) < rows[i].ticks, "%s: early", rows[i].what);
    }
}
END_TEST

START_TEST(the_first_deadline_is_found)
{
    struct ws__agenda agenda;
    for (int i = 0; i < WS__SOURCES; i++)
        agenda.due[i] = WS__NEVER;
    ck_assert(ws__agenda_first(&agenda) == WS__NEVER);
    agenda.due[WS__SOURCE_UART] = 7;
    agenda.due[WS__SOURCE_PIT] = 9;
    ck_assert_uint_eq(ws__agenda_first(&agenda), 7);
    agenda.due[WS__SOURCE_PIT] = 0;
    ck_assert_uint_eq(ws__agenda_first(&agenda), 0);
}
END_TEST

Suite *clock_suite(void)
{
    Suite *suite = suite_create("clock");
    TCase *time = tcase_create("time");
    tcase_add_test(time, ticks_and_time_agree);
    tcase_add_test(time, the_first_deadline_is_found);
    suite_add_tcase(suite, time);
    return suite;
}

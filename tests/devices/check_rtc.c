/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calendar, and the clock as a driver sees it.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "devices/timers/calendar.h"
#include "devices/timers/cmos_rtc.h"

static const struct {
    int64_t seconds;
    unsigned year, month, day, hour, minute, second, weekday;
} dates[] = {
    {0, 2000, 1, 1, 0, 0, 0, 7},
    {86399, 2000, 1, 1, 23, 59, 59, 7},
    {86400, 2000, 1, 2, 0, 0, 0, 1},
    {INT64_C(59) * 86400, 2000, 2, 29, 0, 0, 0, 3},
    {INT64_C(60) * 86400, 2000, 3, 1, 0, 0, 0, 4},
    {INT64_C(366) * 86400, 2001, 1, 1, 0, 0, 0, 2},
    {INT64_C(845510400), 2026, 10, 17, 0, 0, 0, 7}, /* 946684800 less than since 1970 */
    {INT64_C(3155760000), 2100, 1, 1, 0, 0, 0, 6},
};

START_TEST(dates_are_right_both_ways)
{
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        struct ws__date date;
        ws__date_of(&date, dates[i].seconds);
        ck_assert_msg(date.year == dates[i].year && date.month == dates[i].month && date.day == dates[i].day &&
                          date.hour == dates[i].hour && date.minute == dates[i].minute &&
                          date.second == dates[i].second && date.weekday == dates[i].weekday,
                      "row %zu: %u-%u-%u %u:%u:%u weekday %u", i, date.year, date.month, date.day, date.hour,
                      date.minute, date.second, date.weekday);
        ck_assert(ws__date_seconds(&date) == dates[i].seconds);
    }
}
END_TEST

/* "R=V" writes register R, "R?V" expects V there, in hexadecimal; "+N" lets N ticks of 32768 a
 * second pass, in decimal; "!0" and "!1" expect the interrupt. */
static const struct {
    const char *what;
    const char *script;
} rows[] = {
    {"noon of 1 January 2000", "0?0 2?0 4?12 6?7 7?1 8?1 9?0 32?20 a?26 b?2 d?80"},
    {"seconds pass", "+32767 0?0 +1 0?1 +1900544 0?59 2?0 +32768 0?0 2?1"},
    {"a day passes", "+2831155200 7?2 6?1 4?12"},
    {"binary", "b=6 4?c +1474560 0?2d"},
    {"12 hours", "b=0 4?92 b=4 4?8c"},
    {"12 hours, after midnight", "b=0 +1415577600 4?12 +117964800 4?1"},
    {"set", "b=82 0=30 2=45 4=23 7=31 8=12 9=99 b=2 0?30 4?23 +32768 0?31 +950272 0?0 2?46"},
    {"set: it stands still", "b=82 +99999 0?0 b=2 0?0"},
    {"set without the bit", "4=7 4?7 +117964800 4?8"},
    {"the new year", "b=82 0=59 2=59 4=23 7=31 8=12 9=99 b=2 +32768 9?0 32?21 8?1 7?1 4?0"},
    {"update in progress", "+32759 a?26 +1 a?a6 +8 a?26"},
    {"periodic, 1024 a second", "b=42 c?0 +31 !0 +1 !1 c?c0 !0 +32 !1 c?c0"},
    {"periodic, not asked for", "+32 !0 c?40 c?0"},
    {"periodic, 2 a second", "a=2f b=42 +16383 !0 +1 !1"},
    {"periodic, rate 1 is 256", "a=21 b=42 +127 !0 +1 !1"},
    {"update", "b=12 +32767 !0 +1 !1 c?d0 !0"},
    {"alarm", "1=5 3=0 5=12 b=22 +163839 !0 +1 !1 c?f0 !0"},
    {"alarm, any minute", "1=0 3=ff 5=ff b=22 +1966079 !0 +1 !1 c?f0 +1966080 !1"},
    {"memory", "40=a5 40?a5 14?2 15?80 16?2 17?0 18?3c 34?0"},
};

static bool high;

static void line_set(void *context, unsigned number, bool value)
{
    (void)context;
    (void)number;
    high = value;
}

static uint8_t register_read(struct ws__rtc_wire *wire, unsigned index)
{
    ws__rtc_write(wire, WS__RTC_INDEX, (uint8_t)index);
    return ws__rtc_read(wire, WS__RTC_DATA);
}

static void step_run(struct ws__rtc_wire *wire, struct ws__clock *clock, const char *step, const char *what)
{
    unsigned index, value;
    unsigned long long ticks;
    ws__rtc_run(wire);
    if (sscanf(step, "+%llu", &ticks) == 1) {
        clock->now += ticks;
    } else if (*step == '!') {
        ck_assert_msg(high == (step[1] == '1'), "%s: interrupt, at \"%s\"", what, step);
    } else if (sscanf(step, "%x=%x", &index, &value) == 2) {
        ws__rtc_write(wire, WS__RTC_INDEX, (uint8_t)index);
        ws__rtc_write(wire, WS__RTC_DATA, (uint8_t)value);
    } else {
        ck_assert_int_eq(sscanf(step, "%x?%x", &index, &value), 2);
        uint8_t seen = register_read(wire, index);
        ck_assert_msg(seen == value, "%s: 0x%x, at \"%s\"", what, seen, step);
    }
}

START_TEST(the_clock_goes)
{
    struct ws__rtc chip;
    struct ws__clock clock = {0, WS__RTC_HERTZ}; /* an instruction is a tick */
    struct ws__rtc_wire wire = {&chip, &clock, {line_set, NULL, 8}, {NULL, NULL, 0}};
    high = false;
    ws__rtc_reset(&chip, 16 << 20);
    for (const char *step = rows[_i].script; *step;) {
        step_run(&wire, &clock, step, rows[_i].what);
        step += strcspn(step, " ");
        step += strspn(step, " ");
    }
}
END_TEST

/* When something is due the pin rises, and not before. */
START_TEST(what_is_due_happens)
{
    struct ws__rtc chip;
    struct ws__clock clock = {0, 1000000};
    struct ws__rtc_wire wire = {&chip, &clock, {line_set, NULL, 8}, {NULL, NULL, 0}};
    high = false;
    ws__rtc_reset(&chip, 16 << 20);
    ck_assert(ws__rtc_due(&wire) == WS__NEVER);
    ws__rtc_write(&wire, WS__RTC_INDEX, 0x0b);
    ws__rtc_write(&wire, WS__RTC_DATA, 0x42);
    for (int i = 1; i < 2000; i++) {
        uint64_t due = ws__rtc_due(&wire);
        ck_assert_uint_eq(due, ((uint64_t)i * 1000000 + 1023) / 1024);
        clock.now = due - 1;
        ws__rtc_run(&wire);
        ck_assert(!high);
        clock.now = due;
        ws__rtc_run(&wire);
        ck_assert(high && ws__rtc_due(&wire) == WS__NEVER);
        register_read(&wire, 0x0c);
    }
}
END_TEST

Suite *rtc_suite(void)
{
    Suite *suite = suite_create("rtc");
    TCase *time = tcase_create("time");
    tcase_add_test(time, dates_are_right_both_ways);
    tcase_add_loop_test(time, the_clock_goes, 0, sizeof rows / sizeof *rows);
    tcase_add_test(time, what_is_due_happens);
    suite_add_tcase(suite, time);
    return suite;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock.  Quoted names are sections of the MC146818A data sheet.
 */
#include "devices/timers/cmos_rtc.h"

#include <string.h>

#include "devices/timers/calendar.h"

enum { SECOND, SECOND_ALARM, MINUTE, MINUTE_ALARM, HOUR, HOUR_ALARM, WEEKDAY, DAY, MONTH, YEAR };
enum { REGISTER_A = 10, REGISTER_B, REGISTER_C, REGISTER_D, CENTURY = 0x32 };

enum {
    INDEX = 0x7f,
    NMI_OFF = 1 << 7,
    A_UIP = 1 << 7,
    A_RATE = 0x0f,
    B_SET = 1 << 7,
    B_BINARY = 1 << 2,
    B_24_HOURS = 1 << 1,
    C_INTERRUPT = 1 << 7,
    C_PERIODIC = 1 << 6,
    C_ALARM = 1 << 5,
    C_UPDATE = 1 << 4,
    C_FLAGS = C_PERIODIC | C_ALARM | C_UPDATE, /* the same bits of B let them interrupt */
    D_GOOD = 1 << 7,
    HOUR_PM = 0x80,
    ALARM_ANY = 0xc0, /* both bits: at any hour, minute or second */
    UPDATE_TICKS = 8, /* "Update Cycle": 244 microseconds of warning */
    NOON = 12 * 3600,
    DAY_SECONDS = 86400
};

/* -- the time ---------------------------------------------------------------------------------- */

static uint64_t tick_now(const struct ws__rtc_wire *wire)
{
    return ws__clock_ticks(wire->clock, WS__RTC_HERTZ);
}

static int64_t seconds_now(const struct ws__rtc_wire *wire)
{
    if (wire->chip->memory[REGISTER_B] & B_SET)
        return wire->chip->stopped;
    return wire->chip->offset + (int64_t)(tick_now(wire) / WS__RTC_HERTZ);
}

/* "Time, Calendar, and Alarm Locations": binary or BCD, as B says. */
static uint8_t number_encode(const struct ws__rtc *chip, unsigned value)
{
    bool binary = chip->memory[REGISTER_B] & B_BINARY;
    return (uint8_t)(binary ? value : value / 10 << 4 | value % 10);
}

static unsigned number_decode(const struct ws__rtc *chip, uint8_t byte)
{
    bool binary = chip->memory[REGISTER_B] & B_BINARY;
    return binary ? byte : (byte >> 4) * 10u + (byte & 15u);
}

/* With 12 hours, midnight is 12 and bit 7 says "after noon". */
static uint8_t hour_encode(const struct ws__rtc *chip, unsigned hour)
{
    if (chip->memory[REGISTER_B] & B_24_HOURS)
        return number_encode(chip, hour);
    return number_encode(chip, (hour + 11) % 12 + 1) | (hour >= 12 ? HOUR_PM : 0);
}

static unsigned hour_decode(const struct ws__rtc *chip, uint8_t byte)
{
    if (chip->memory[REGISTER_B] & B_24_HOURS)
        return number_decode(chip, byte);
    return number_decode(chip, byte & ~HOUR_PM) % 12 + (byte & HOUR_PM ? 12 : 0);
}

static bool is_time(unsigned index)
{
    return index == SECOND || index == MINUTE || index == HOUR || (index >= WEEKDAY && index <= YEAR) ||
           index == CENTURY;
}

/* Write the time into its bytes. */
static void time_show(struct ws__rtc *chip, int64_t seconds)
{
    struct ws__date date;
    ws__date_of(&date, seconds);
    chip->memory[SECOND] = number_encode(chip, date.second);
    chip->memory[MINUTE] = number_encode(chip, date.minute);
    chip->memory[HOUR] = hour_encode(chip, date.hour);
    chip->memory[WEEKDAY] = number_encode(chip, date.weekday);
    chip->memory[DAY] = number_encode(chip, date.day);
    chip->memory[MONTH] = number_encode(chip, date.month);
    chip->memory[YEAR] = number_encode(chip, date.year % 100);
    chip->memory[CENTURY] = number_encode(chip, date.year / 100);
}

/* Read it from them: the guest has set some. */
static int64_t time_taken(const struct ws__rtc *chip)
{
    struct ws__date date = {
        .second = number_decode(chip, chip->memory[SECOND]),
        .minute = number_decode(chip, chip->memory[MINUTE]),
        .hour = hour_decode(chip, chip->memory[HOUR]),
        .day = number_decode(chip, chip->memory[DAY]),
        .month = number_decode(chip, chip->memory[MONTH]),
        .year = number_decode(chip, chip->memory[CENTURY]) * 100 + number_decode(chip, chip->memory[YEAR]),
    };
    return ws__date_seconds(&date);
}

/* -- interrupts -------------------------------------------------------------------------------- */

/* "Register A": ticks between two periodic interrupts; 0: none. */
static uint64_t period_ticks(const struct ws__rtc *chip)
{
    unsigned rate = chip->memory[REGISTER_A] & A_RATE;
    if (rate == 0)
        return 0;
    return UINT64_C(1) << (rate < 3 ? rate + 6 : rate - 1);
}

static bool alarm_matches(const struct ws__rtc *chip, unsigned index, uint8_t now)
{
    uint8_t alarm = chip->memory[index];
    return (alarm & ALARM_ANY) == ALARM_ANY || alarm == now;
}

/* Did one of the seconds after `from` fit the alarm? A day has them all. */
static bool alarm_rang(const struct ws__rtc *chip, int64_t from, int64_t to)
{
    if (to - from > DAY_SECONDS)
        from = to - DAY_SECONDS;
    for (int64_t second = from + 1; second <= to; second++) {
        struct ws__date date;
        ws__date_of(&date, second);
        if (alarm_matches(chip, SECOND_ALARM, number_encode(chip, date.second)) &&
            alarm_matches(chip, MINUTE_ALARM, number_encode(chip, date.minute)) &&
            alarm_matches(chip, HOUR_ALARM, hour_encode(chip, date.hour)))
            return true;
    }
    return false;
}

static void line_update(const struct ws__rtc_wire *wire)
{
    const uint8_t *memory = wire->chip->memory;
    ws__line_set(&wire->line, (memory[REGISTER_C] & memory[REGISTER_B] & C_FLAGS) != 0);
}

/* "Register C": what happened since the last look. */
void ws__rtc_run(struct ws__rtc_wire *wire)
{
    struct ws__rtc *chip = wire->chip;
    uint64_t now = tick_now(wire), period = period_ticks(chip);
    int64_t before = (int64_t)(chip->seen / WS__RTC_HERTZ), second = (int64_t)(now / WS__RTC_HERTZ);
    if (period && now / period != chip->seen / period)
        chip->memory[REGISTER_C] |= C_PERIODIC;
    if (second != before && !(chip->memory[REGISTER_B] & B_SET)) {
        chip->memory[REGISTER_C] |= C_UPDATE;
        if (alarm_rang(chip, chip->offset + before, chip->offset + second))
            chip->memory[REGISTER_C] |= C_ALARM;
    }
    chip->seen = now;
    line_update(wire);
}

/* The next multiple of `step` behind the last look. */
static uint64_t next_time(const struct ws__rtc_wire *wire, uint64_t step)
{
    uint64_t tick = (wire->chip->seen / step + 1) * step;
    return ws__clock_time(wire->clock, tick, WS__RTC_HERTZ);
}

uint64_t ws__rtc_due(const struct ws__rtc_wire *wire)
{
    const struct ws__rtc *chip = wire->chip;
    uint8_t enabled = chip->memory[REGISTER_B];
    uint64_t period = period_ticks(chip);
    if (chip->memory[REGISTER_C] & enabled & C_FLAGS)
        return WS__NEVER; /* the line is high already */
    if (enabled & C_PERIODIC && period)
        return next_time(wire, period < WS__RTC_HERTZ ? period : WS__RTC_HERTZ);
    return enabled & (C_ALARM | C_UPDATE) ? next_time(wire, WS__RTC_HERTZ) : WS__NEVER;
}

/* -- registers --------------------------------------------------------------------------------- */

void ws__rtc_reset(struct ws__rtc *chip, uint32_t memory_bytes)
{
    enum { COPROCESSOR = 1 << 1, LOW = 640, KIB = 1024, HIGH_MOST = 0xffff, BEGIN_64K = 16 << 20 };
    uint32_t high = memory_bytes / KIB - KIB;
    uint32_t above = memory_bytes > BEGIN_64K ? (memory_bytes - BEGIN_64K) / 65536 : 0;
    if (high > HIGH_MOST)
        high = HIGH_MOST;
    memset(chip, 0, sizeof *chip);
    chip->offset = NOON;
    chip->memory[REGISTER_A] = 0x26;
    chip->memory[REGISTER_B] = B_24_HOURS;
    chip->memory[REGISTER_D] = D_GOOD;
    chip->memory[0x14] = COPROCESSOR;
    chip->memory[0x15] = (uint8_t)LOW;
    chip->memory[0x16] = LOW >> 8;
    chip->memory[0x17] = chip->memory[0x30] = (uint8_t)high;
    chip->memory[0x18] = chip->memory[0x31] = (uint8_t)(high >> 8);
    chip->memory[0x34] = (uint8_t)above;
    chip->memory[0x35] = (uint8_t)(above >> 8);
}

static uint8_t c_read(const struct ws__rtc_wire *wire)
{
    uint8_t *memory = wire->chip->memory, flags = memory[REGISTER_C];
    uint8_t interrupt = flags & memory[REGISTER_B] & C_FLAGS ? C_INTERRUPT : 0;
    memory[REGISTER_C] = 0;
    line_update(wire);
    return flags | interrupt;
}

static uint8_t a_read(const struct ws__rtc_wire *wire)
{
    bool warning = tick_now(wire) % WS__RTC_HERTZ >= WS__RTC_HERTZ - UPDATE_TICKS;
    bool stopped = wire->chip->memory[REGISTER_B] & B_SET;
    return wire->chip->memory[REGISTER_A] | (warning && !stopped ? A_UIP : 0);
}

uint8_t ws__rtc_read(void *context, uint16_t port)
{
    const struct ws__rtc_wire *wire = context;
    struct ws__rtc *chip = wire->chip;
    if (port == WS__RTC_INDEX)
        return 0xff;
    if (chip->index == REGISTER_A)
        return a_read(wire);
    if (chip->index == REGISTER_C)
        return c_read(wire);
    if (is_time(chip->index) && !(chip->memory[REGISTER_B] & B_SET))
        time_show(chip, seconds_now(wire));
    return chip->memory[chip->index];
}

/* The clock goes on from what its bytes say. */
static void time_resume(const struct ws__rtc_wire *wire)
{
    wire->chip->offset = time_taken(wire->chip) - (int64_t)(tick_now(wire) / WS__RTC_HERTZ);
}

/* "Register B": while "set" is on, the time stands still and can be written; a change of its format
 * does not change the time. */
static void b_write(const struct ws__rtc_wire *wire, uint8_t value)
{
    struct ws__rtc *chip = wire->chip;
    uint8_t before = chip->memory[REGISTER_B];
    if (value & ~before & B_SET) {
        chip->stopped = seconds_now(wire);
        chip->memory[REGISTER_B] = value;
        time_show(chip, chip->stopped);
    } else {
        chip->memory[REGISTER_B] = value;
        if (before & ~value & B_SET)
            time_resume(wire);
    }
}

static void data_write(const struct ws__rtc_wire *wire, uint8_t value)
{
    struct ws__rtc *chip = wire->chip;
    bool running = !(chip->memory[REGISTER_B] & B_SET);
    switch (chip->index) {
    case REGISTER_A:
        chip->memory[REGISTER_A] = value & ~A_UIP;
        return;
    case REGISTER_B:
        b_write(wire, value);
        return;
    case REGISTER_C:
    case REGISTER_D:
        return;
    default:
        if (is_time(chip->index) && running)
            time_show(chip, seconds_now(wire));
        chip->memory[chip->index] = value;
        if (is_time(chip->index) && running)
            time_resume(wire);
    }
}

void ws__rtc_write(void *context, uint16_t port, uint8_t value)
{
    const struct ws__rtc_wire *wire = context;
    if (port == WS__RTC_INDEX) {
        wire->chip->index = value & INDEX;
        ws__line_set(&wire->nmi_off, value & NMI_OFF);
        return;
    }
    data_write(wire, value);
    line_update(wire);
}
